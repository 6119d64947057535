"""Whose data a select may return: the one function by which every personal select is narrowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_

from models.records import Record

SelectT = TypeVar("SelectT", bound=Select)  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant reaches, and where a person or a territory lies; an empty part means the whole of the level above.

    With `person_id` it is that one person of the territory.
    """

    territory: str
    municipality: str = ""
    organisation_key: str = ""
    person_id: int | None = None

    @property
    def limits(self) -> dict[str, str | int]:
        """The columns of `person` that the scope holds fast, with their values: all that «within» means."""
        named = {"municipality": self.municipality, "organisation_key": self.organisation_key, "id": self.person_id}
        return {"territory": self.territory, **{name: held for name, held in named.items() if held not in ("", None)}}

    def reaches(self, place: "Scope") -> bool:
        """Tell whether all of a place lies within: a whole territory is reached by a scope without other limits."""
        return self.limits.items() <= place.limits.items()


def reached(scopes: Iterable[Scope], places: Iterable[Scope]) -> list[Scope]:
    """Return those of some places that lie within the scopes."""
    held = tuple(scopes)
    return [place for place in places if any(scope.reaches(place) for scope in held)]


def within(select: SelectT, scopes: Iterable[Scope]) -> SelectT:
    """Narrow a select over `person` to the people that the scopes reach; without scopes it returns nothing."""
    return select.where(or_(false(), *map(_condition, scopes)))


def _condition(scope: Scope) -> ColumnElement[bool]:
    # The table is looked up by name, because people.py itself narrows its selects with this module.
    person = Record.metadata.tables["person"].c
    return and_(*(person[name] == held for name, held in scope.limits.items()))
