"""The people table: the only one that creates persons."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Final

from data.progress import Progress
from data.spreadsheets.cells import Born, key, shown
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.names import is_person, person_key, school_key
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex, agree, born_of, name_field, read_name
from data.tables.rows import KnownPerson, PersonRow
from data.tables.twins import Places, told_twins
from recommender.territory import Territory

LONGEST_EXPERIENCE: Final = 80
_Said = str | float | date | tuple[str, ...] | None
_FIELDS: Final = tuple(field.name for field in fields(PersonRow))
_KEYS: Final[Mapping[str, Callable[[str], str]]] = {
    "full_name": person_key,
    "organisation": school_key,
    "municipality": school_key,
}
"""How names are compared: signs that say nothing to people are no difference."""


@dataclass(slots=True)
class _Someone:
    """One person of the file: whom of the known people it is, and the rows that speak of it."""

    known: KnownPerson | None
    born: Born | None
    entries: list[tuple[Entry, PersonRow]] = field(default_factory=list)


def plan_people(
    sheet: Sheet,
    territory: Territory,
    known: Sequence[KnownPerson],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[PersonRow]:
    """Return the plan of a people sheet against everybody the territory already knows.

    Raises RefusedFile where the sheet has no header, no rows, or two columns for one field.
    """
    opened = open_sheet(sheet, "people", choices)
    places = Places.of(territory, known)
    faults: list[CellFault] = []
    rows: list[tuple[Entry, PersonRow]] = []
    for entry in entries(opened, progress):
        row = _row(entry, territory, places)
        faults += entry.faults
        if row is not None:
            rows.append((entry, row))
    planned, accepted = _planned(rows, known, faults)
    changed = sum(1 for row in planned if row.target is None or row.changes)
    return opened.planned(accepted, accepted - changed, planned, faults, told_twins(planned, known))


def _row(entry: Entry, territory: Territory, places: Places) -> PersonRow | None:
    """Return what a row says, None if it has faults."""
    name = read_name(entry)
    if name is None and not entry.faults:
        entry.blame(name_field(entry), "name_missing", "ФИО не указано")
    elif name is not None and not is_person(name):
        entry.blame(name_field(entry), "not_name", f"«{name}» не похоже на ФИО: нужны фамилия и имя, без цифр")
    organisation = entry.name("organisation")
    entry.need("organisation", organisation, "organisation_missing", "организация не указана")
    municipality = entry.name("municipality")
    if territory.municipal_level:
        message = "муниципалитет не указан, а в регионе он нужен"
        entry.need("municipality", municipality, "municipality_missing", message)
    born = entry.born("birth_date")
    row = PersonRow(
        full_name=name or "",
        organisation=places.school(organisation or ""),
        external_id=entry.identifier("external_id"),
        birth_date=born.on if born else None,
        birth_year=born.year if born else None,
        kind=entry.word("kind", "person_kind"),
        position=entry.text("position"),
        subjects=entry.parts("subjects"),
        municipality=None if municipality is None else places.municipality(municipality),
        work_started=entry.day("work_started"),
        experience_years=entry.years("experience_years", LONGEST_EXPERIENCE),
        qualification=entry.word("qualification", "qualification"),
    )
    return None if entry.faults else row


def _planned(
    rows: Sequence[tuple[Entry, PersonRow]], known: Sequence[KnownPerson], faults: list[CellFault]
) -> tuple[tuple[Planned[PersonRow], ...], int]:
    people = _by_codes([pair for pair in rows if pair[1].external_id], PeopleIndex(known), faults)
    people += _by_words([pair for pair in rows if not pair[1].external_id], people, known, faults)
    planned, accepted = [], 0
    for person in people:
        person.entries.sort(key=lambda pair: pair[0].line)
        row, agreeing = _merged(person, faults)
        accepted += agreeing
        target = person.known.id if person.known else None
        changes = _changes(row, person.known.row) if person.known else ()
        planned.append(Planned(person.entries[0][0].line, row, target, changes))
    return tuple(sorted(planned, key=lambda row: row.line)), accepted


def _by_codes(rows: Sequence[tuple[Entry, PersonRow]], index: PeopleIndex, faults: list[CellFault]) -> list[_Someone]:
    """Return the people of rows with an id; the same id with another person makes the later row a fault."""
    people: dict[str, _Someone] = {}
    for entry, row in rows:
        code = key(row.external_id or "")
        person = people.get(code)
        if person is None:
            people[code] = _Someone(index.by_id(code), born_of(row), [(entry, row)])
        elif person_key(row.full_name) == person_key(person.entries[0][1].full_name) and agree(
            born_of(row), person.born
        ):
            person.entries.append((entry, row))
            person.born = _fuller(person.born, born_of(row))
        else:
            message = f"этот код уже стоит у другого человека в строке {person.entries[0][0].line}"
            faults.append(_fault(entry, "external_id", "id_of_another", message))
    return _with_codes_added(list(people.values()), index, faults)


def _with_codes_added(people: list[_Someone], index: PeopleIndex, faults: list[CellFault]) -> list[_Someone]:
    """Find those with a new id among known people that have none yet; where two fit, nothing is guessed."""
    claims: dict[int, list[_Someone]] = {}
    sure = [person for person in people if person.known is not None]
    for person in people:
        if person.known is not None:
            continue
        row = person.entries[0][1]
        found = [k for k in index.named(row.full_name, row.organisation, person.born) if not k.row.external_id]
        if len(found) > 1:
            faults += [_ambiguous(entry, len(found)) for entry, _ in person.entries]
        elif found:
            person.known = found[0]
            claims.setdefault(found[0].id, []).append(person)
        else:
            sure.append(person)
    for claimants in claims.values():
        if len(claimants) == 1:
            sure += claimants
        else:
            faults += [_ambiguous(entry, len(claimants)) for person in claimants for entry, _ in person.entries]
    return sure


def _by_words(
    rows: Sequence[tuple[Entry, PersonRow]],
    coded: Sequence[_Someone],
    known: Sequence[KnownPerson],
    faults: list[CellFault],
) -> list[_Someone]:
    """Return the people of rows without an id that are not among the `coded`, to whom their rows are added.

    Rows that say more about the birth come first, so that the order of the file does not decide who is who.
    """
    places = _places(coded, known)
    people: list[_Someone] = []
    for entry, row in sorted(rows, key=lambda pair: _vagueness(pair[1])):
        born = born_of(row)
        place = places.setdefault((person_key(row.full_name), school_key(row.organisation)), [])
        found = [person for person in place if agree(born, person.born)]
        if len(found) > 1:
            faults.append(_ambiguous(entry, len(found)))
            continue
        if not found:
            found = [_Someone(None, born)]
            place.append(found[0])
        person = found[0]
        if not person.entries:
            people.append(person)
        person.entries.append((entry, row))
    return people


def _places(coded: Sequence[_Someone], known: Iterable[KnownPerson]) -> dict[tuple[str, str], list[_Someone]]:
    """Return everybody by name and organisation as they will be called once the rows with ids are applied."""
    places: dict[tuple[str, str], list[_Someone]] = {}
    spoken_of = {person.known.id for person in coded if person.known}
    silent = (_Someone(person, born_of(person.row)) for person in known if person.id not in spoken_of)
    for person in (*coded, *silent):
        row = person.entries[0][1] if person.entries else person.known.row if person.known else None
        if row is not None:
            places.setdefault((person_key(row.full_name), school_key(row.organisation)), []).append(person)
    return places


def _merged(person: _Someone, faults: list[CellFault]) -> tuple[PersonRow, int]:
    """Return what all rows of a person say together, and how many agree; one that contradicts is a fault."""
    first, row = person.entries[0]
    agreeing = 1
    for entry, other in person.entries[1:]:
        contradicted = [name for name in _FIELDS if _differs(name, getattr(row, name), getattr(other, name))]
        if contradicted:
            faults.extend(_contradiction(entry, name, first.line) for name in contradicted)
            continue
        agreeing += 1
        row = PersonRow(*(getattr(row if getattr(row, name) is not None else other, name) for name in _FIELDS))
    return row, agreeing


def _changes(row: PersonRow, known: PersonRow) -> tuple[str, ...]:
    changed = []
    for name in _FIELDS:
        new, old = getattr(row, name), getattr(known, name)
        if new is not None and (_differs(name, new, old) or old in (None, "", ())):
            changed.append(name)
    if "birth_year" in changed and row.birth_date is None and known.birth_date is not None:
        # A bare year that contradicts the known date takes the date away with it.
        changed.append("birth_date")
    return tuple(changed)


def _differs(name: str, one: _Said, other: _Said) -> bool:
    """Return whether two values contradict each other; what is not said contradicts nothing."""
    if one is None or other is None:
        return False
    if name in _KEYS:
        return _KEYS[name](str(one)) != _KEYS[name](str(other))
    if isinstance(one, str) and isinstance(other, str):
        return key(one) != key(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return {key(part) for part in one} != {key(part) for part in other}
    return one != other


def _contradiction(entry: Entry, name: str, line: int) -> CellFault:
    field = {"birth_year": "birth_date"}.get(name, name)
    return _fault(entry, field, "contradicts", f"строка {line} говорит об этом человеке другое")


def _ambiguous(entry: Entry, count: int) -> CellFault:
    message = f"таких педагогов {count}: укажите код или дату рождения"
    return _fault(entry, name_field(entry), "person_ambiguous", message)


def _fault(entry: Entry, field: str, code: str, message: str) -> CellFault:
    return CellFault(entry.line, entry.columns.name(field), shown(entry.cell(field)), code, message)


def _fuller(one: Born | None, other: Born | None) -> Born | None:
    if one is None or (other is not None and one.on is None):
        return other if other is not None else one
    return one


def _vagueness(row: PersonRow) -> int:
    return 0 if row.birth_date else 1 if row.birth_year else 2
