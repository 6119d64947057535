"""The competencies table: a framework of the territory's own."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from data.progress import Progress
from data.spreadsheets.cells import key
from data.spreadsheets.lines import CODE_LIMIT, Entry, entries
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.rows import CompetencyRow, KnownCompetency

_FIELDS: Final = tuple(field.name for field in fields(CompetencyRow))


def plan_competencies(
    sheet: Sheet,
    known: Mapping[str, KnownCompetency],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[CompetencyRow]:
    """Return the plan of a competencies sheet against the known ones by code; raises RefusedFile."""
    opened = open_sheet(sheet, "competencies", choices)
    known_by_key = {key(code): competency for code, competency in known.items()}
    rows: dict[str, Planned[CompetencyRow]] = {}
    faults: list[CellFault] = []
    accepted = 0
    for entry in entries(opened, progress):
        row = _row(entry)
        if row is not None:
            earlier = rows.setdefault(key(row.code), _planned(entry.line, row, known_by_key.get(key(row.code))))
            _blame_contradictions(entry, row, earlier)
        faults += entry.faults
        accepted += not entry.faults
    changed = sum(1 for planned in rows.values() if planned.target is None or planned.changes)
    return opened.planned(accepted, accepted - changed, tuple(rows.values()), faults)


def _row(entry: Entry) -> CompetencyRow | None:
    code, title, area = entry.text("code", CODE_LIMIT), entry.text("title"), entry.text("area")
    entry.need("code", code, "code_missing", "код не указан")
    entry.need("title", title, "title_missing", "название не указано")
    entry.need("area", area, "area_missing", "область не указана")
    subject = entry.text("subject")
    if entry.faults or code is None or title is None or area is None:
        return None
    return CompetencyRow(code, title, area, subject or "")


def _planned(line: int, row: CompetencyRow, known: KnownCompetency | None) -> Planned[CompetencyRow]:
    if known is None:
        return Planned(line, row)
    return Planned(line, row, known.id, _differing(row, known.row))


def _blame_contradictions(entry: Entry, row: CompetencyRow, earlier: Planned[CompetencyRow]) -> None:
    for name in _differing(row, earlier.row):
        entry.blame(name, "contradicts", f"строка {earlier.line} говорит об этой компетенции другое")


def _differing(row: CompetencyRow, other: CompetencyRow) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if key(getattr(row, name)) != key(getattr(other, name)))
