"""The table of wishes and bans: whom a mentee would like as a mentor, and who must or must not be paired."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from data.progress import Progress
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, RefusedFile, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex, need_people
from data.tables.pins import held_pins, pin_notices
from data.tables.rows import KnownMentor, KnownPerson, KnownWish, WishRow

KINDS: Final[Mapping[str, str]] = {
    "желательно": "wanted",
    "нежелательно": "unwanted",
    "запрещено": "banned",
    "закреплено": "pinned",
}
Pair = tuple[int, int]


def plan_wishes(
    sheet: Sheet,
    known_people: Sequence[KnownPerson],
    mentors: Mapping[int, KnownMentor],
    known: Mapping[Pair, KnownWish],
    *,
    places: int = 1,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[WishRow]:
    """Return the plan of a wishes sheet against the known ones by (mentee, mentor); raises RefusedFile.

    `mentors` are the known mentors by person, `places` how many a mentor has who says nothing. Rows that contradict one
    another are all faults: which of them holds is not for the planner to say.
    """
    opened = open_sheet(sheet, "wishes", choices)
    need_people(known_people)
    if not mentors:
        raise RefusedFile("В территории ещё нет наставников: сначала загрузите и примените таблицу «наставники».")
    people = PeopleIndex(known_people)
    faults: list[CellFault] = []
    read: list[tuple[Entry, WishRow]] = []
    for entry in entries(opened, progress):
        row = _row(entry, people, mentors)
        if row is None:
            faults += entry.faults
        else:
            read.append((entry, row))
    _blame_contradictions(read)
    faults += [fault for entry, _ in read for fault in entry.faults]
    agreed = [(entry, row) for entry, row in read if not entry.faults]
    rows: dict[Pair, Planned[WishRow]] = {}
    for entry, row in agreed:
        rows.setdefault((row.mentee, row.mentor), _planned(entry.line, row, known))
    changed = sum(1 for planned in rows.values() if planned.target is None or planned.changes)
    held = held_pins([planned.row for planned in rows.values()], known)
    told = pin_notices(held, {person.id: person for person in known_people}, mentors, places)
    return opened.planned(len(agreed), len(agreed) - changed, tuple(rows.values()), faults, told)


def _row(entry: Entry, people: PeopleIndex, mentors: Collection[int]) -> WishRow | None:
    mentee = _person(entry, "mentee", people, "mentee_missing", "не указано, кто")
    mentor = _person(entry, "mentor", people, "mentor_missing", "не указано, с кем")
    if mentor is not None and mentor not in mentors:
        entry.blame("mentor", "mentor_unknown", "этого педагога нет среди наставников")
    if mentee is not None and mentee == mentor:
        entry.blame("mentor", "own_mentor", "педагог не может быть наставником самому себе")
    kind = entry.listed_word("kind", KINDS)
    entry.need("kind", kind, "kind_missing", "вид не указан")
    if entry.faults or mentee is None or mentor is None or kind is None:
        return None
    return WishRow(mentee, mentor, kind)


def _person(entry: Entry, field: str, people: PeopleIndex, code: str, missing: str) -> int | None:
    """Return the person whom a cell names by id or by full name."""
    text = entry.name(field)
    entry.need(field, text, code, missing)
    if text is None:
        return None
    named = entry.identifier(field)
    person = people.by_id(named or text)
    found = [person] if person else people.called(text)
    if len(found) == 1:
        return found[0].id
    if found:
        entry.blame(field, "person_ambiguous", f"таких педагогов {len(found)}: укажите код")
    elif " " in text and not any(letter.isdigit() for letter in text):
        entry.blame(field, "person_unknown", f"педагога «{text}» нет")
    else:
        entry.blame(field, "person_unknown", f"педагога с таким кодом нет{people.hint(named or text)}")
    return None


def _blame_contradictions(rows: Sequence[tuple[Entry, WishRow]]) -> None:
    kinds: dict[Pair, dict[str, int]] = {}
    pinned: dict[int, dict[int, int]] = {}
    for entry, row in rows:
        kinds.setdefault((row.mentee, row.mentor), {}).setdefault(row.kind, entry.line)
        if row.kind == "pinned":
            pinned.setdefault(row.mentee, {}).setdefault(row.mentor, entry.line)
    for entry, row in rows:
        others = [line for kind, line in kinds[row.mentee, row.mentor].items() if kind != row.kind]
        if others:
            entry.blame("kind", "wishes_contradict", f"об этой паре другое говорит строка {min(others)}")
        elif row.kind == "pinned" and len(pinned[row.mentee]) > 1:
            line = min(line for mentor, line in pinned[row.mentee].items() if mentor != row.mentor)
            entry.blame("kind", "wishes_contradict", f"строка {line} закрепляет за педагогом другого наставника")


def _planned(line: int, row: WishRow, known: Mapping[Pair, KnownWish]) -> Planned[WishRow]:
    earlier = known.get((row.mentee, row.mentor))
    if earlier is None:
        return Planned(line, row)
    return Planned(line, row, earlier.id, () if earlier.kind == row.kind else ("kind",))
