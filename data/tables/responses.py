"""Answers to single tasks, and which competencies each task measures."""

from collections.abc import Mapping, Sequence

from data.progress import Progress
from data.spreadsheets.cells import Bad, is_not_measured, key
from data.spreadsheets.headers import CompetencyNames
from data.spreadsheets.lines import Entry, entries
from data.spreadsheets.measures import fraction, scored
from data.spreadsheets.notices import Choices
from data.spreadsheets.opening import open_sheet
from data.spreadsheets.plan import CellFault, Planned, SheetPlan
from data.spreadsheets.sheets import Sheet
from data.tables.identity import PeopleIndex, need_people
from data.tables.rows import KnownPerson, KnownResponse, KnownTask, ResponseKey, ResponseRow, TaskRow
from recommender.framework import Framework


def plan_responses(
    sheet: Sheet,
    known_people: Sequence[KnownPerson],
    known: Mapping[ResponseKey, KnownResponse],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[ResponseRow]:
    """Return the plan of a sheet of answers against the known ones; a task that nobody answered brings no row."""
    opened, people = open_sheet(sheet, "responses", choices), PeopleIndex(known_people)
    need_people(known_people)
    rows: list[Planned[ResponseRow]] = []
    seen: dict[ResponseKey, int] = {}
    faults: list[CellFault] = []
    accepted = 0
    for entry in entries(opened, progress):
        row = _response(entry, people)
        if row is not None:
            place = response_key(row)
            if (earlier := seen.setdefault(place, entry.line)) != entry.line:
                entry.blame("task", "result_repeated", f"такой ответ уже есть в строке {earlier}")
            else:
                rows.append(_planned_response(entry.line, row, known.get(place)))
        faults += entry.faults
        accepted += not entry.faults
    changed = sum(1 for planned in rows if planned.target is None or planned.changes)
    return opened.planned(accepted, accepted - changed, tuple(rows), faults)


def response_key(row: ResponseRow) -> ResponseKey:
    """Return what an answer is found again by."""
    return row.person, row.taken_on, key(row.task)


def _response(entry: Entry, people: PeopleIndex) -> ResponseRow | None:
    person = people.find(entry)
    taken_on = entry.day("taken_on")
    entry.need("taken_on", taken_on, "date_missing", "дата не указана")
    task = entry.text("task")
    entry.need("task", task, "task_missing", "задание не указано")
    score = _score(entry)
    if entry.faults or person is None or taken_on is None or task is None or score is None:
        return None
    return ResponseRow(person, taken_on, task, *score)


def _score(entry: Entry) -> tuple[float, float] | None:
    """Return the score and the maximum of a row, None where the task was not answered."""
    if is_not_measured(entry.cell("score")):
        return None
    parts = fraction(entry.cell("score"))
    score = parts[0] if parts else entry.number("score", 0)
    column = entry.opened.reading.measures.get(entry.columns.fields["score"])
    usual = parts[1] if parts else column.maximum if column and column.maximum else 1.0
    silent = is_not_measured(entry.cell("maximum"))
    maximum = usual if silent else entry.number("maximum", float("-inf"))
    if score is None or maximum is None:
        return None
    value = scored(score, maximum)
    if isinstance(value, Bad):
        entry.blame("maximum" if value.code == "maximum_not_positive" else "score", value.code, value.message)
        return None
    return score, maximum


def _planned_response(line: int, row: ResponseRow, known: KnownResponse | None) -> Planned[ResponseRow]:
    if known is None:
        return Planned(line, row)
    names = ("score", "maximum")
    return Planned(line, row, known.id, tuple(name for name in names if getattr(row, name) != getattr(known, name)))


def plan_tasks(
    sheet: Sheet,
    framework: Framework,
    known: Mapping[str, KnownTask],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> SheetPlan[TaskRow]:
    """Return the plan of a sheet of tasks against the known ones by compared name."""
    opened, names = open_sheet(sheet, "tasks", choices), CompetencyNames(framework)
    rows: dict[str, Planned[TaskRow]] = {}
    faults: list[CellFault] = []
    accepted = 0
    for entry in entries(opened, progress):
        row = _task(entry, names)
        if row is not None:
            earlier = rows.setdefault(key(row.task), _planned_task(entry.line, row, known.get(key(row.task))))
            if set(earlier.row.competencies) != set(row.competencies):
                entry.blame("competency", "contradicts", f"строка {earlier.line} говорит об этом задании другое")
        faults += entry.faults
        accepted += not entry.faults
    changed = sum(1 for planned in rows.values() if planned.target is None or planned.changes)
    return opened.planned(accepted, accepted - changed, tuple(rows.values()), faults)


def _task(entry: Entry, names: CompetencyNames) -> TaskRow | None:
    task = entry.text("task")
    entry.need("task", task, "task_missing", "задание не указано")
    codes = [names.find(part) for part in entry.parts("competency", ";") or ()]
    for code in codes:
        if isinstance(code, Bad):
            entry.blame("competency", code.code, code.message)
    entry.need("competency", codes or None, "competency_missing", "компетенция не указана")
    if entry.faults or task is None:
        return None
    return TaskRow(task, tuple(dict.fromkeys(code for code in codes if isinstance(code, str))))


def _planned_task(line: int, row: TaskRow, known: KnownTask | None) -> Planned[TaskRow]:
    if known is None:
        return Planned(line, row)
    same = set(row.competencies) == set(known.row.competencies)
    return Planned(line, row, known.id, () if same else ("competencies",))
