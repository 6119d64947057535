"""Whose data a select may return: the one function by which every personal select is narrowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_

from models.records import Record

SelectT = TypeVar("SelectT", bound=Select)  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a grant reaches; an empty municipality or organisation means the whole of the level above.

    With `person_id` it reaches that one person of the territory only.
    """

    territory: str
    municipality: str = ""
    organisation_key: str = ""
    person_id: int | None = None

    def is_whole(self) -> bool:
        """Tell whether the scope reaches everybody of its territory."""
        return not self.municipality and not self.organisation_key and self.person_id is None


def within(select: SelectT, scopes: Iterable[Scope]) -> SelectT:
    """Narrow a select over `person` to the people that the scopes reach; without scopes it returns nothing."""
    return select.where(or_(false(), *map(_reached, scopes)))


def _reached(scope: Scope) -> ColumnElement[bool]:
    # The table is looked up by name, because people.py itself narrows its selects with this module.
    person = Record.metadata.tables["person"].c
    rules = [person.territory == scope.territory]
    if scope.municipality:
        rules.append(person.municipality == scope.municipality)
    if scope.organisation_key:
        rules.append(person.organisation_key == scope.organisation_key)
    if scope.person_id is not None:
        rules.append(person.id == scope.person_id)
    return and_(*rules)
