"""The mentors table: who may accompany others, with how many places, in what and how."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Final

from data.progress import Progress
from data.spreadsheets.cells import Bad, key
from data.spreadsheets.headers import CompetencyNames
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex, need_people
from data.tables.rows import KnownMentor, KnownPerson, MentorRow
from recommender.framework import Framework

MOST_PLACES: Final = 20
FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "очно": ("in_person",),
    "дистанционно": ("distance",),
    "оба": ("in_person", "distance"),
}
"""Ways to meet as a file calls them; an empty cell means both."""
_FIELDS: Final = tuple(field.name for field in fields(MentorRow))


def plan_mentors(
    sheet: Sheet,
    framework: Framework,
    known_people: Sequence[KnownPerson],
    known: Mapping[int, KnownMentor],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[MentorRow]:
    """Return the plan of a mentors sheet against the known mentors by id of the person; raises RefusedFile."""
    opened = open_sheet(sheet, "mentors", choices)
    need_people(known_people)
    people, competencies = PeopleIndex(known_people), CompetencyNames(framework)
    rows: dict[int, Planned[MentorRow]] = {}
    faults: list[CellFault] = []
    accepted = 0
    for entry in entries(opened, progress):
        row = _row(entry, people, competencies)
        if row is not None:
            earlier = rows.setdefault(row.person, _planned(entry.line, row, known.get(row.person)))
            for name in _differing(row, earlier.row):
                entry.blame(name, "contradicts", f"строка {earlier.line} говорит об этом человеке другое")
        faults += entry.faults
        accepted += not entry.faults
    changed = sum(1 for planned in rows.values() if planned.target is None or planned.changes)
    return opened.planned(accepted, accepted - changed, tuple(rows.values()), faults)


def _row(entry: Entry, people: PeopleIndex, competencies: CompetencyNames) -> MentorRow | None:
    person = people.find(entry)
    row = MentorRow(
        person=person or 0,
        places=entry.whole("places", 0, MOST_PLACES),
        strengths=_strengths(entry, competencies),
        subjects=entry.parts("subjects") or (),
        formats=_formats(entry),
        contest=entry.yes("contest") or False,
        consent=entry.yes("consent") or False,
    )
    return None if entry.faults or person is None else row


def _strengths(entry: Entry, competencies: CompetencyNames) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in entry.parts("strengths") or ():
        code = competencies.find(part)
        if isinstance(code, Bad):
            entry.blame("strengths", code.code, code.message)
        else:
            found[code] = None
    return tuple(found)


def _formats(entry: Entry) -> tuple[str, ...]:
    return entry.listed_word("formats", FORMATS) or FORMATS["оба"]


def _planned(line: int, row: MentorRow, known: KnownMentor | None) -> Planned[MentorRow]:
    return Planned(line, row) if known is None else Planned(line, row, known.id, _differing(row, known.row))


def _differing(row: MentorRow, other: MentorRow) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if not _same(getattr(row, name), getattr(other, name)))


def _same(one: tuple[str, ...] | bool | int | None, other: tuple[str, ...] | bool | int | None) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return {key(part) for part in one} == {key(part) for part in other}
    return one == other
