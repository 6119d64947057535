"""From a file to plans: which sheets are read, and what each would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from api.access import Access, verb
from api.errors import InvalidInput
from api.imports.known import (
    KnownResults,
    known_activities,
    known_competencies,
    known_headcounts,
    known_mentors,
    known_people,
    known_responses,
    known_tasks,
    known_wishes,
)
from api.imports.serializers import counted, sheet_said
from api.policy import Action
from data.progress import Progress
from data.reference.loading import load_framework, load_territory, territory_codes
from data.reference.words import compared
from data.spreadsheets import choice
from data.spreadsheets.cells import header_key
from data.spreadsheets.choice import Choice
from data.spreadsheets.headers import possible_headers
from data.spreadsheets.notices import Choices
from data.spreadsheets.plan import Notice, RefusedFile, SheetPlan
from data.spreadsheets.readers import read_file
from data.spreadsheets.rejects import RejectedSheet, rejected_rows
from data.spreadsheets.sheets import Sheet
from data.tables.activities import plan_activities
from data.tables.competencies import plan_competencies
from data.tables.diagnostics import plan_diagnostics
from data.tables.headcounts import plan_headcounts
from data.tables.mentors import plan_mentors
from data.tables.people import plan_people
from data.tables.responses import plan_responses, plan_tasks
from data.tables.wishes import plan_wishes
from models.imports import FileSaid
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
    answers: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices(self) -> Choices:
        """Return what people decided about the file, now and about earlier ones of the same header."""
        return Choices(self.mapping, self.answers, self.remembered)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """The plans of the sheets of a file, those left out with the reason, and the rejected rows of each."""

    sheets: tuple[SheetPlan[Any], ...]
    skipped: tuple[str, ...]
    rejected: tuple[RejectedSheet, ...]
    headers: tuple[str, ...] = ()

    @property
    def answers(self) -> dict[str, str]:
        """Return the answers that were given to questions of the plan, as `Choices` takes them."""
        asked = [notice for sheet in self.sheets for notice in sheet.notices if notice.question and not notice.open]
        return {
            _asked(notice): notice.question.answer
            for notice in asked
            if notice.question is not None and notice.question.answer is not None
        }

    @property
    def headings(self) -> set[str]:
        """Return the names of all columns as they are compared; of a header of two rows also the lower names."""
        names = [name for sheet in self.sheets for name in (*sheet.columns, *sheet.ignored_columns)]
        return {header_key(part) for name in names for part in (name, name.rpartition(" / ")[2])}

    @property
    def questions(self) -> tuple[Notice, ...]:
        """Return the questions of the plan, answered or not."""
        return tuple(notice for sheet in self.sheets for notice in sheet.notices if notice.question)

    def summary(self) -> FileSaid:
        """Return the sheets as `flask import --json` prints them, and the counts that a page shows of each."""
        said = [sheet_said(plan) for plan in self.sheets]
        return {"sheets": said, "counts": [counted(plan) for plan in self.sheets], "skipped": list(self.skipped)}


def _asked(notice: Notice) -> str:
    assert notice.question is not None
    return f"{notice.question.code}:{notice.column}" if notice.column else notice.question.code


def sheets_of(asked: FileToPlan) -> tuple[Sheet, ...]:
    """Return the visible sheets of a file; one that cannot be read raises InvalidInput."""
    try:
        return read_file(asked.path, asked.file_name)
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal


@verb(Action.IMPORTS_PLAN)
def plan_file(
    session: Session, access: Access, asked: FileToPlan, sheets: Sequence[Sheet], progress: Progress | None = None
) -> FilePlan:
    """Plan every sheet of a file as it would be applied now; one that is not the asked table raises InvalidInput."""
    try:
        chosen = choose_sheets(session, asked, sheets)
        plans = [plan_sheet(session, access, asked, sheet, progress) for sheet in chosen.sheets]
    except RefusedFile as refusal:
        raise InvalidInput(str(refusal), field="file") from refusal
    rejected = tuple(rejected_rows(sheet, plan) for sheet, plan in zip(chosen.sheets, plans, strict=True))
    skipped = tuple(f"«{title}» ({reason})" for title, reason in chosen.skipped)
    headers = tuple(plan.header for plan in plans)
    return FilePlan(tuple(plans), skipped, rejected, headers)


def choose_sheets(session: Session, asked: FileToPlan, sheets: Sequence[Sheet]) -> Choice:
    """Return the sheets of a file that hold the asked table; raises RefusedFile."""
    framework = framework_in_use(session, asked.territory)
    own = sheets if asked.sheet else [sheet for sheet in sheets if not _is_foreign(sheet, asked.territory)]
    if not own:
        own = sheets
    chosen = choice.choose_sheets(own, asked.table, framework, only=asked.sheet, mapping=asked.choices.columns)
    foreign = [(sheet.title or "", "лист другой территории") for sheet in sheets if sheet not in own]
    return replace(chosen, skipped=(*chosen.skipped, *foreign))


def _is_foreign(sheet: Sheet, territory: str) -> bool:
    """Tell whether a sheet bears the name of another territory: its rows must never be stored as this one's."""
    named = {code for code in territory_codes() if compared(load_territory(code).title) == compared(sheet.title or "")}
    return bool(named) and territory not in named


def headers_in(sheets: Sequence[Sheet]) -> set[str]:
    """Return the digests of everything in a file that may be a header, to find what was decided about such files."""
    return {digest for sheet in sheets for digest in possible_headers(sheet)}


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
    return plan_competencies(sheet, known, choices=asked.choices, progress=progress)


def _plan_people(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, known = load_territory(asked.territory), known_people(session, scopes)
    return plan_people(sheet, rules, known, choices=asked.choices, progress=progress)


def _plan_diagnostics(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    people = known_people(session, scopes)
    results = KnownResults(session, scopes)
    return plan_diagnostics(sheet, rules, framework, people, results, choices=asked.choices, progress=progress)


def _plan_activities(
    session: Session, _scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, framework = load_territory(asked.territory), framework_in_use(session, asked.territory)
    known = known_activities(session, asked.territory)
    return plan_activities(sheet, rules, framework, known, choices=asked.choices, progress=progress)


def _plan_mentors(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    framework = framework_in_use(session, asked.territory)
    people, known = known_people(session, scopes), known_mentors(session, scopes)
    return plan_mentors(sheet, framework, people, known, choices=asked.choices, progress=progress)


def _plan_wishes(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    people, mentors = known_people(session, scopes), known_mentors(session, scopes)
    places = max((rule.places for rule in load_territory(asked.territory).mentoring), default=1)
    known = known_wishes(session, scopes)
    return plan_wishes(sheet, people, mentors, known, places=places, choices=asked.choices, progress=progress)


def _plan_headcounts(
    session: Session, _scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    rules, known = load_territory(asked.territory), known_headcounts(session, asked.territory)
    return plan_headcounts(sheet, rules, known, choices=asked.choices, progress=progress)


def _plan_responses(
    session: Session, scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    people, known = known_people(session, scopes), known_responses(session, scopes)
    return plan_responses(sheet, people, known, choices=asked.choices, progress=progress)


def _plan_tasks(
    session: Session, _scopes: Reach, asked: FileToPlan, sheet: Sheet, progress: Progress | None
) -> SheetPlan[Any]:
    framework, known = framework_in_use(session, asked.territory), known_tasks(session, asked.territory)
    return plan_tasks(sheet, framework, known, choices=asked.choices, progress=progress)


Planner = Callable[[Session, Reach, FileToPlan, Sheet, Progress | None], SheetPlan[Any]]
PLANNERS: Final[Mapping[str, Planner]] = {
    "competencies": _plan_competencies,
    "people": _plan_people,
    "diagnostics": _plan_diagnostics,
    "activities": _plan_activities,
    "mentors": _plan_mentors,
    "wishes": _plan_wishes,
    "headcounts": _plan_headcounts,
    "responses": _plan_responses,
    "tasks": _plan_tasks,
}
