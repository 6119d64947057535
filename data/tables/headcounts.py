"""The headcounts table: the denominators of a year, by municipality and subject."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from data.progress import Progress
from data.reference.spellings import beginning
from data.spreadsheets.cells import key
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.rows import HeadcountKey, HeadcountRow, KnownHeadcount
from data.tables.twins import Places
from recommender.territory import Territory

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


def plan_headcounts(
    sheet: Sheet,
    territory: Territory,
    known: Mapping[HeadcountKey, KnownHeadcount],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[HeadcountRow]:
    """Return the plan of a headcounts sheet against the known ones; raises RefusedFile."""
    opened, places = open_sheet(sheet, "headcounts", choices), Places.of(territory, ())
    rows: dict[HeadcountKey, Planned[HeadcountRow]] = {}
    faults: list[CellFault] = []
    accepted = 0
    for entry in entries(opened, progress):
        row = _row(entry, places)
        if row is not None:
            place = headcount_key(row)
            earlier = rows.setdefault(place, _planned(entry.line, row, known.get(place)))
            if earlier.row.value != row.value:
                entry.blame("value", "contradicts", f"строка {earlier.line} говорит об этом другое")
        faults += entry.faults
        accepted += not entry.faults
    changed = sum(1 for planned in rows.values() if planned.target is None or planned.changes)
    return opened.planned(accepted, accepted - changed, tuple(rows.values()), faults)


def headcount_key(row: HeadcountRow) -> HeadcountKey:
    """Return what a headcount is found again by."""
    return row.year, key(row.municipality), key(row.subject), key(row.what)


def _row(entry: Entry, places: Places) -> HeadcountRow | None:
    year = entry.whole("year", FIRST_YEAR, LAST_YEAR)
    entry.need("year", year, "year_missing", "год не указан")
    what = entry.text("what")
    entry.need("what", what, "what_missing", "не указано, что посчитано")
    value = entry.number("value", 0)
    entry.need("value", value, "value_missing", "значение не указано")
    municipality = entry.name("municipality") or ""
    if beginning("totals").match(key(municipality)):
        message = "итог – не муниципалитет: для всей территории оставьте ячейку пустой"
        entry.blame("municipality", "total_row", message)
    subject, source = entry.text("subject") or "", entry.text("source") or ""
    if entry.faults or year is None or what is None or value is None:
        return None
    return HeadcountRow(year, what, value, places.municipality(municipality), subject, source)


def _planned(line: int, row: HeadcountRow, known: KnownHeadcount | None) -> Planned[HeadcountRow]:
    if known is None:
        return Planned(line, row)
    changes = ["value"] if row.value != known.row.value else []
    if row.source and row.source != known.row.source:
        changes.append("source")
    return Planned(line, replace(row, source=row.source or known.row.source), known.id, tuple(changes))
