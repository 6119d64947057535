"""The table of wishes and bans: whom a mentee would like as a mentor, and who must or must not be paired."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from data.progress import Progress
from data.spreadsheets.cells import key
from data.spreadsheets.headers import columns_of, names_of
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.schemas import TABLES
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex
from data.tables.rows import KnownPerson, KnownWish, WishRow

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
    mentors: Collection[int],
    known: Mapping[Pair, KnownWish],
    *,
    mapping: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> SheetPlan[WishRow]:
    """Return the plan of a wishes sheet against the known ones by (mentee, mentor); raises RefusedFile.

    `mentors` are the ids of the people who are mentors. Rows that contradict one another are all faults: which of
    them holds is not for the planner to say.
    """
    columns = columns_of(sheet, names_of(TABLES["wishes"], mapping=mapping))
    people = PeopleIndex(known_people)
    faults: list[CellFault] = []
    read: list[tuple[Entry, WishRow]] = []
    for entry in entries(sheet, columns, progress):
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
    return SheetPlan(
        sheet=sheet.title,
        table="wishes",
        accepted=len(agreed),
        unchanged=len(agreed) - changed,
        rows=tuple(rows.values()),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
        ignored_columns=columns.ignored,
        columns=columns.taken,
        header_rows=columns.header.data,
        header_height=columns.header.height,
    )


def _row(entry: Entry, people: PeopleIndex, mentors: Collection[int]) -> WishRow | None:
    mentee = _person(entry, "mentee", people, "mentee_missing", "не указано, кто")
    mentor = _person(entry, "mentor", people, "mentor_missing", "не указано, с кем")
    if mentor is not None and mentor not in mentors:
        entry.blame("mentor", "mentor_unknown", "этого педагога нет среди наставников")
    if mentee is not None and mentee == mentor:
        entry.blame("mentor", "own_mentor", "педагог не может быть наставником самому себе")
    kind = entry.text("kind")
    entry.need("kind", kind, "kind_missing", "вид не указан")
    if kind is not None and key(kind) not in KINDS:
        entry.blame("kind", "unknown_word", f"значения «{kind}» нет в перечне")
    if entry.faults or mentee is None or mentor is None or kind is None:
        return None
    return WishRow(mentee, mentor, KINDS[key(kind)])


def _person(entry: Entry, field: str, people: PeopleIndex, code: str, missing: str) -> int | None:
    """Return the person whom a cell names by id or by full name."""
    text = entry.text(field)
    entry.need(field, text, code, missing)
    if text is None:
        return None
    person = people.by_id(text)
    found = [person] if person else people.called(text)
    if len(found) == 1:
        return found[0].id
    if found:
        entry.blame(field, "person_ambiguous", f"таких педагогов {len(found)}: укажите код")
    elif " " in text and not any(letter.isdigit() for letter in text):
        entry.blame(field, "person_unknown", f"педагога «{text}» нет")
    else:
        entry.blame(field, "person_unknown", "педагога с таким кодом нет")
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
