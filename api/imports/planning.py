"""From a file to plans: which sheets are read, and what each would change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from api.errors import InvalidInput
from api.imports.known import KnownResults, known_activities, known_competencies, known_people
from data.activities import plan_activities
from data.cells import shown
from data.competencies import plan_competencies
from data.diagnostics import plan_diagnostics
from data.headers import columns_of, names_of, recognise
from data.people import plan_people
from data.plan import RefusedFile, SheetPlan
from data.readers import read_file
from data.reference import load_framework, load_territory
from data.sheets import Sheet
from data.tables import TABLES
from models.scope import Scope
from models.session import Session
from models.territories import framework_of
from recommender.framework import Framework

Progress = Callable[[int, int], None]
ERROR_COLUMN: Final = "Ошибка"


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to be planned: for which territory, as which table, and what a person chose by hand."""

    territory: str
    table: str
    path: Path
    file_name: str
    sheet: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The plans of the sheets of a file, and the names of those that hold no such table."""

    sheets: tuple[SheetPlan[Any], ...]
    skipped: tuple[str, ...]
    rejected: tuple[dict[str, Any], ...]

    def summary(self) -> dict[str, Any]:
        """Return what `flask import --json` prints."""
        skipped = {"skipped": list(self.skipped)} if self.skipped else {}
        return {"sheets": [plan.summary() for plan in self.sheets], **skipped}


def plan_file(session: Session, asked: Asked, progress: Progress | None = None) -> FilePlan:
    """Plan every sheet of a file as it would be applied now; a file that cannot be read raises InvalidInput."""
    try:
        sheets, skipped = choose_sheets(session, asked)
        plans = [plan_sheet(session, asked, sheet, progress) for sheet in sheets]
        framework = framework_in_use(session, asked.territory)
        rejected = [rejected_rows(framework, asked, *pair) for pair in zip(sheets, plans, strict=True)]
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    return FilePlan(tuple(plans), skipped, tuple(rejected))


def choose_sheets(session: Session, asked: Asked) -> tuple[list[Sheet], tuple[str, ...]]:
    """Return the sheets to be planned and the names of those left out because they hold another table or none."""
    sheets = read_file(asked.path, asked.file_name)
    if asked.sheet is not None:
        chosen = [sheet for sheet in sheets if sheet.title == asked.sheet]
        if not chosen:
            names = ", ".join(f"«{sheet.title}»" for sheet in sheets if sheet.title) or "у файла нет листов с именами"
            raise InvalidInput(f"Листа «{asked.sheet}» нет; есть {names}.", field="sheet")
        return chosen, ()
    if len(sheets) == 1 or asked.mapping:
        return [*sheets], ()
    framework = framework_in_use(session, asked.territory)
    own = [sheet for sheet in sheets if recognise(sheet, framework) == asked.table]
    others = tuple(sheet.title or "" for sheet in sheets if sheet not in own)
    return (own, others) if own else ([*sheets], ())


def framework_in_use(session: Session, territory: str) -> Framework:
    """Return the framework of a territory together with what its imports added."""
    return framework_of(session, territory, load_framework(load_territory(territory).framework))


def plan_sheet(session: Session, asked: Asked, sheet: Sheet, progress: Progress | None = None) -> SheetPlan[Any]:
    """Plan one sheet against what the database has now."""
    return PLANNERS[asked.table](session, asked, sheet, progress)


def _plan_competencies(session: Session, asked: Asked, sheet: Sheet, progress: Progress | None) -> SheetPlan[Any]:
    known = known_competencies(session, asked.territory)
    return plan_competencies(sheet, known, mapping=asked.mapping, progress=progress)


def _plan_people(session: Session, asked: Asked, sheet: Sheet, progress: Progress | None) -> SheetPlan[Any]:
    rules, known = load_territory(asked.territory), known_people(session, [Scope(asked.territory)])
    return plan_people(sheet, rules, known, mapping=asked.mapping, progress=progress)


def _plan_diagnostics(session: Session, asked: Asked, sheet: Sheet, progress: Progress | None) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    people = known_people(session, [Scope(asked.territory)])
    results = KnownResults(session, [Scope(asked.territory)])
    return plan_diagnostics(sheet, rules, framework, people, results, mapping=asked.mapping, progress=progress)


def _plan_activities(session: Session, asked: Asked, sheet: Sheet, progress: Progress | None) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    known = known_activities(session, asked.territory)
    return plan_activities(sheet, rules, framework, known, mapping=asked.mapping, progress=progress)


Planner = Callable[[Session, Asked, Sheet, Progress | None], SheetPlan[Any]]
PLANNERS: Final[Mapping[str, Planner]] = {
    "competencies": _plan_competencies,
    "people": _plan_people,
    "diagnostics": _plan_diagnostics,
    "activities": _plan_activities,
}


def rejected_rows(framework: Framework, asked: Asked, sheet: Sheet, plan: SheetPlan[Any]) -> dict[str, Any]:
    """Return the rows with faults as a table of the same shape with a column that says what is wrong.

    A column of a two-row header is called by its code where it is a competency, so that the table can be sent again.
    """
    faults: dict[int, list[str]] = {}
    for fault in plan.faults:
        faults.setdefault(fault.line, []).append(f"{fault.column}: {fault.message}")
    header = columns_of(sheet, names_of(TABLES[asked.table], framework, asked.mapping)).header
    names = [_sent_again(heading.name, plan.columns) for heading in header.headings]
    rows = [
        [*(shown(cell) for cell in cells), *[""] * (len(names) - len(cells)), "; ".join(faults[line])]
        for line, cells in sheet.rows
        if line in faults
    ]
    return {"sheet": plan.sheet, "header": [*names, ERROR_COLUMN], "rows": rows}


def _sent_again(name: str, columns: Mapping[str, str]) -> str:
    return columns[name] if " / " in name and name in columns else name
