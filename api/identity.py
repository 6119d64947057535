"""Who is asking: a frozen value that verbs and selects receive instead of a session of the web framework."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.scope import Scope

__all__ = ["Grant", "Identity", "Scope", "command_line"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope."""

    role: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """The account that asks, the person it belongs to (teachers) and its grants.

    `account_id` None is the command line.
    """

    account_id: int | None
    display_name: str
    person_id: int | None
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What the grants reach together; a teacher's grant reaches the teacher alone."""
        return tuple(
            Scope(grant.scope.territory, person_id=self.person_id or 0) if grant.role == "teacher" else grant.scope
            for grant in self.grants
        )


def command_line(territories: Iterable[str]) -> Identity:
    """Return who acts from the command line: whoever may start commands on the machine may do everything."""
    return Identity(None, "командная строка", None, tuple(Grant("admin", Scope(code)) for code in territories))
