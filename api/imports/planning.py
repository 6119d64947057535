"""From a file to plans: which sheets are read, and what each would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from api.access import Access, verb
from api.errors import InvalidInput
from api.imports.known import (
    KnownResults,
    known_activities,
    known_competencies,
    known_mentors,
    known_people,
    known_wishes,
)
from api.policy import Action
from data.progress import Progress
from data.reference.loading import load_framework, load_territory
from data.spreadsheets import choice
from data.spreadsheets.choice import Choice
from data.spreadsheets.plan import RefusedFile, SheetPlan
from data.spreadsheets.readers import read_file
from data.spreadsheets.rejects import RejectedSheet, rejected_rows
from data.spreadsheets.sheets import Sheet
from data.tables.activities import plan_activities
from data.tables.competencies import plan_competencies
from data.tables.diagnostics import plan_diagnostics
from data.tables.mentors import plan_mentors
from data.tables.people import plan_people
from data.tables.wishes import plan_wishes
from models.scope import Scope
from models.session import Session
from models.territories import framework_of
from recommender.framework import Framework

Reach = Sequence[Scope]


@dataclass(frozen=True, slots=True)
class FileToPlan:
    """A file to be planned: for which territory, as which table, and what a person chose by hand."""

    territory: str
    table: str
    path: Path
    file_name: str
    sheet: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The plans of the sheets of a file, those left out with the reason, and the rejected rows of each."""

    sheets: tuple[SheetPlan[Any], ...]
    skipped: tuple[str, ...]
    rejected: tuple[RejectedSheet, ...]

    def summary(self) -> dict[str, Any]:
        """Return the sheets as `flask import --json` prints them, and the counts that a page shows of each."""
        skipped = {"skipped": list(self.skipped)} if self.skipped else {}
        counts = [_counted(plan) for plan in self.sheets]
        return {"sheets": [plan.summary() for plan in self.sheets], "counts": counts, **skipped}


def _counted(plan: SheetPlan[Any]) -> dict[str, Any]:
    """Return the rows of a sheet by what becomes of them, and what each of its columns was taken for."""
    new = {planned.line for planned in plan.rows if planned.target is None}
    changed = {planned.line for planned in plan.rows if planned.target is not None and planned.changes} - new
    return {
        "new": len(new),
        "changed": len(changed),
        "unchanged": plan.unchanged,
        "faulty": len({fault.line for fault in plan.faults}),
        "columns": dict(plan.columns),
    }


@verb(Action.IMPORTS_PLAN)
def plan_file(session: Session, access: Access, asked: FileToPlan, progress: Progress | None = None) -> FilePlan:
    """Plan every sheet of a file as it would be applied now; a file that cannot be read raises InvalidInput."""
    try:
        chosen = choose_sheets(session, asked)
        plans = [plan_sheet(session, access, asked, sheet, progress) for sheet in chosen.sheets]
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    rejected = tuple(rejected_rows(sheet, plan) for sheet, plan in zip(chosen.sheets, plans, strict=True))
    skipped = tuple(f"«{title}» ({reason})" for title, reason in chosen.skipped)
    return FilePlan(tuple(plans), skipped, rejected)


def choose_sheets(session: Session, asked: FileToPlan) -> Choice:
    """Return the sheets of a file that hold the asked table; raises RefusedFile."""
    sheets, framework = read_file(asked.path, asked.file_name), framework_in_use(session, asked.territory)
    return choice.choose_sheets(sheets, asked.table, framework, only=asked.sheet, mapping=asked.mapping)


def framework_in_use(session: Session, territory: str) -> Framework:
    """Return the framework of a territory together with what its imports added."""
    return framework_of(session, territory, load_framework(load_territory(territory).framework))


@verb(Action.IMPORTS_PLAN, Action.IMPORTS_APPLY)
def plan_sheet(
    session: Session, access: Access, asked: FileToPlan, sheet: Sheet, progress: Progress | None = None
) -> SheetPlan[Any]:
    """Plan one sheet against what the database has now."""
    return PLANNERS[asked.table](session, access.within(asked.territory), asked, sheet, progress)


def _plan_competencies(
    session: Session, _scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    known = known_competencies(session, asked.territory)
    return plan_competencies(sheet, known, mapping=asked.mapping, progress=progress)


def _plan_people(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, known = load_territory(asked.territory), known_people(session, scopes)
    return plan_people(sheet, rules, known, mapping=asked.mapping, progress=progress)


def _plan_diagnostics(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    people = known_people(session, scopes)
    results = KnownResults(session, scopes)
    return plan_diagnostics(sheet, rules, framework, people, results, mapping=asked.mapping, progress=progress)


def _plan_activities(
    session: Session, _scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    known = known_activities(session, asked.territory)
    return plan_activities(sheet, rules, framework, known, mapping=asked.mapping, progress=progress)


def _plan_mentors(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    framework = framework_in_use(session, asked.territory)
    people, known = known_people(session, scopes), known_mentors(session, scopes)
    return plan_mentors(sheet, framework, people, known, mapping=asked.mapping, progress=progress)


def _plan_wishes(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    people, mentors = known_people(session, scopes), known_mentors(session, scopes)
    return plan_wishes(sheet, people, mentors, known_wishes(session, scopes), mapping=asked.mapping, progress=progress)


Planner = Callable[[Session, Reach, FileToPlan, Sheet, Progress | None], SheetPlan[Any]]
PLANNERS: Final[Mapping[str, Planner]] = {
    "competencies": _plan_competencies,
    "people": _plan_people,
    "diagnostics": _plan_diagnostics,
    "activities": _plan_activities,
    "mentors": _plan_mentors,
    "wishes": _plan_wishes,
}
