"""Who is asking: a frozen value that verbs and selects receive instead of a session of the web framework."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant reaches; an empty municipality or organisation means the whole of the level above."""

    territory: str
    municipality: str = ""
    organisation_key: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a scope."""

    role: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Identity:
    """The account that asks, the person it belongs to (teachers) and its grants; `account_id` None is the command line."""

    account_id: int | None
    display_name: str
    person_id: int | None
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)
