"""Who is asking: a frozen value that verbs receive instead of a session of the web framework."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.scope import Scope

__all__ = ["Grant", "Identity", "Role", "Scope", "command_line"]


class Role(StrEnum):
    """What a grant makes of an account; nobody is granted the last three."""

    TEACHER = "teacher"
    TUTOR = "tutor"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    """Whoever may start commands on the machine."""

    SERVICE = "service"
    """The service itself, where an act needs to know of others than the actor sees."""

    ANYBODY = "anybody"
    """Every signed-in account, whatever it was granted."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope."""

    role: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """The account that asks, the person it belongs to (teachers) and its grants; without an account, a command."""

    account_id: int | None
    display_name: str
    person_id: int | None
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)


def command_line(territories: Iterable[str]) -> Identity:
    """Return who acts from the command line: whoever may start commands on the machine may do everything."""
    return Identity(None, "командная строка", None, tuple(Grant(Role.OPERATOR, Scope(code)) for code in territories))
