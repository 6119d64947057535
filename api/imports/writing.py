"""From a planned sheet to rows of the database, in bulk, with what is needed to take them back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Final

from api.access import Access, verb
from api.policy import Action
from data.reference.words import compared
from data.spreadsheets.plan import Planned, RowT, SheetPlan
from data.tables.rows import CompetencyRow, HeadcountRow, MentorRow, PersonRow, ResponseRow, ResultRow, TaskRow, WishRow
from models.activities import UNTAGGED, insert_activities, update_activities
from models.bulk import insert_rows, update_rows
from models.diagnostics import insert_results, update_results
from models.headcounts import HeadcountRecord
from models.mentors import MentorRecord, WishRecord
from models.people import PersonRecord, insert_people, people_of
from models.records import Record
from models.responses import ResponseRecord, TaskRecord
from models.scope import Scope
from models.session import Session, chunks
from models.territories import IMPORTED, catalogue_changed, competency_records, people_changed, put_competency
from models.undo import contents
from recommender.activity import Activity
from recommender.framework import Competency, Framework
from recommender.tagging import propose_tags

Reach = Sequence[Scope]
Value = str | float | date | list[str] | None
Columns = dict[str, Value]
"""A row as the database takes it, by column."""
WRITTEN_AT_ONCE: Final = 2000


@dataclass(slots=True)
class Written:
    """What a sheet changed: (row id, earlier content or None for a new row) in `table`, and whose routes it touches."""

    table: str
    changes: list[tuple[int, dict[str, Any] | None]] = field(default_factory=list)
    people: set[int] = field(default_factory=set)


@verb(Action.IMPORTS_APPLY, Action.DEMO_LOAD)
def write_sheet(
    session: Session, access: Access, territory: str, framework: Framework, plan: SheetPlan[Any], today: date
) -> Written:
    """Write the rows of a plan that are new or changed."""
    access.require(Scope(territory))
    return WRITERS[plan.table](session, access.within(territory), territory, framework, plan, today)


def search_key(texts: Iterable[str | None], marks: Iterable[str]) -> str:
    """Return texts as they are compared, and marks (subjects, competencies) between semicolons to find them whole."""
    return compared(" ".join(text for text in texts if text)) + " ;" + "".join(f"{mark};" for mark in marks)


def activity_key(activity: Activity) -> str:
    """Return what an entry of the catalogue is found by."""
    marks = [code for code, _ in (*activity.develops, *activity.proposed)]
    key = search_key((activity.title, activity.provider, activity.code, activity.register_number), marks)
    return key if activity.develops else key.rstrip(";") + UNTAGGED + "".join(f"{mark};" for mark in marks)


def person_columns(row: PersonRow, today: date) -> Columns:
    """Return the columns of a new person; what the file does not say is empty."""
    columns: Columns = {
        "external_id": row.external_id,
        "full_name": row.full_name,
        "birth_date": row.birth_date,
        "birth_year": _birth_year(row),
        "kind": row.kind or "teacher",
        "position": row.position or "",
        "subjects": list(row.subjects or ()),
        "organisation": row.organisation,
        "municipality": row.municipality or "",
        "work_started": row.work_started,
        "experience_years": row.experience_years,
        "experience_on": None if row.experience_years is None else today,
        "qualification": row.qualification or "",
    }
    return {**columns, **_keys(row)}


def _birth_year(row: PersonRow) -> int | None:
    return row.birth_date.year if row.birth_date else row.birth_year


def _keys(person: PersonRow | PersonRecord) -> dict[str, str]:
    """Return what a person is found and put into order by."""
    texts = (person.full_name, person.external_id, person.organisation, person.municipality, person.position)
    return {
        "name_key": compared(person.full_name),
        "organisation_key": compared(person.organisation),
        "search_key": search_key(texts, map(compared, person.subjects or ())),
    }


def _write_people(
    session: Session, scopes: Reach, territory: str, _framework: Framework, plan: SheetPlan[PersonRow], today: date
) -> Written:
    written = Written("person")
    for part in chunks(_new(plan), WRITTEN_AT_ONCE):
        rows = [{"territory": territory, **person_columns(planned.row, today)} for planned in part]
        written.changes += [(row_id, None) for row_id in insert_people(session, rows)]
    for part in chunks(_changed(plan), WRITTEN_AT_ONCE):
        by_id = {planned.target: planned for planned in part if planned.target is not None}
        before = contents(session, "person", list(by_id))
        for person in people_of(session, scopes, by_id):
            _change_person(person, by_id[person.id], today)
        written.changes += before.items()
        written.people |= by_id.keys()
    session.flush()
    people_changed(session, territory)
    return written


def _change_person(person: PersonRecord, planned: Planned[PersonRow], today: date) -> None:
    """Give a person what the file says anew; everything that it does not say stays."""
    new = person_columns(planned.row, today)
    for name in planned.changes:
        setattr(person, name, new[name])
    if "birth_date" in planned.changes:
        person.birth_year = _birth_year(planned.row)
    if "experience_years" in planned.changes:
        person.experience_on = today
    for name, value in _keys(person).items():
        setattr(person, name, value)


def _result_columns(row: ResultRow) -> Columns:
    return {
        "person_id": row.person,
        "competency": row.competency,
        "taken_on": row.taken_on,
        "stage": row.stage,
        "form": row.form,
        "percent": row.percent,
        "score": row.score,
        "maximum": row.maximum,
        "source": row.source,
    }


def _write_results(
    session: Session, _scopes: Reach, territory: str, _framework: Framework, plan: SheetPlan[ResultRow], _today: date
) -> Written:
    written = Written("diagnostic_result")
    for part in chunks(_new(plan), WRITTEN_AT_ONCE):
        ids = insert_results(session, [_result_columns(planned.row) for planned in part])
        written.changes += [(row_id, None) for row_id in ids]
        written.people |= {planned.row.person for planned in part}
    for part in chunks(_changed(plan), WRITTEN_AT_ONCE):
        before = contents(session, "diagnostic_result", [p.target for p in part if p.target is not None])
        update_results(session, [{"id": planned.target, **_result_columns(planned.row)} for planned in part])
        written.changes += before.items()
        written.people |= {planned.row.person for planned in part}
    people_changed(session, territory)
    return written


def _write_activities(
    session: Session, _scopes: Reach, territory: str, framework: Framework, plan: SheetPlan[Activity], _today: date
) -> Written:
    written = Written("activity")
    tags = propose_tags([planned.row for planned in plan.rows if not planned.row.develops], framework)
    new = [replace(p.row, proposed=tags.get(p.row.code, ())) for p in _new(plan)]
    ids = insert_activities(session, territory, [(activity, activity_key(activity)) for activity in new])
    written.changes += [(row_id, None) for row_id in ids]
    changed = {p.target: replace(p.row, proposed=tags.get(p.row.code, ())) for p in _changed(plan) if p.target}
    written.changes += contents(session, "activity", list(changed)).items()
    update_activities(session, {row_id: (entry, activity_key(entry)) for row_id, entry in changed.items()})
    catalogue_changed(session, territory)
    return written


def _write_competencies(
    session: Session, _scopes: Reach, territory: str, framework: Framework, plan: SheetPlan[CompetencyRow], _today: date
) -> Written:
    written = Written("competency")
    known = competency_records(session, territory)
    targets = [planned.target for planned in _changed(plan) if planned.target is not None]
    before = contents(session, "competency", targets)
    records = []
    for planned in (*_new(plan), *_changed(plan)):
        row = planned.row
        competency = Competency(row.code, row.title, row.area, row.subject)
        records.append(put_competency(session, known.get(row.code), territory, competency, IMPORTED, framework.version))
    session.flush()
    written.changes += [(record.id, before.get(record.id)) for record in records]
    catalogue_changed(session, territory)
    return written


def _write_mentors(
    session: Session, _scopes: Reach, _territory: str, _framework: Framework, plan: SheetPlan[MentorRow], _today: date
) -> Written:
    def columns(row: MentorRow) -> Columns:
        lists: Columns = {
            "strengths": list(row.strengths),
            "subjects": list(row.subjects),
            "formats": list(row.formats),
        }
        return {"person_id": row.person, "places": row.places, "contest": row.contest, "consent": row.consent, **lists}

    return _write_rows(session, "mentor", MentorRecord, plan, columns)


def _write_wishes(
    session: Session, _scopes: Reach, _territory: str, _framework: Framework, plan: SheetPlan[WishRow], _today: date
) -> Written:
    def columns(row: WishRow) -> Columns:
        return {"mentee_id": row.mentee, "mentor_id": row.mentor, "kind": row.kind}

    return _write_rows(session, "mentor_wish", WishRecord, plan, columns)


def _write_headcounts(
    session: Session, _scopes: Reach, territory: str, _framework: Framework, plan: SheetPlan[HeadcountRow], _today: date
) -> Written:
    return _write_rows(session, "headcount", HeadcountRecord, plan, lambda row: {"territory": territory, **asdict(row)})


def _write_responses(
    session: Session, _scopes: Reach, _territory: str, _framework: Framework, plan: SheetPlan[ResponseRow], _today: date
) -> Written:
    def columns(row: ResponseRow) -> Columns:
        score: Columns = {"score": row.score, "maximum": row.maximum}
        return {"person_id": row.person, "taken_on": row.taken_on, "task": row.task, **score}

    return _write_rows(session, "task_response", ResponseRecord, plan, columns)


def _write_tasks(
    session: Session, _scopes: Reach, territory: str, _framework: Framework, plan: SheetPlan[TaskRow], _today: date
) -> Written:
    def columns(row: TaskRow) -> Columns:
        return {"territory": territory, "task": row.task, "competencies": list(row.competencies)}

    return _write_rows(session, "task", TaskRecord, plan, columns)


def _write_rows(
    session: Session, table: str, record: type[Record], plan: SheetPlan[RowT], columns: Callable[[RowT], Columns]
) -> Written:
    """Write a table whose rows need nothing but their columns."""
    written = Written(table)
    ids = insert_rows(session, record, [columns(planned.row) for planned in _new(plan)])
    written.changes += [(row_id, None) for row_id in ids]
    changed = {planned.target: planned.row for planned in _changed(plan) if planned.target is not None}
    written.changes += contents(session, table, list(changed)).items()
    update_rows(session, record, [{"id": row_id, **columns(row)} for row_id, row in changed.items()])
    return written


def _new(plan: SheetPlan[RowT]) -> Sequence[Planned[RowT]]:
    return [planned for planned in plan.rows if planned.target is None]


def _changed(plan: SheetPlan[RowT]) -> Sequence[Planned[RowT]]:
    return [planned for planned in plan.rows if planned.target is not None and planned.changes]


Writer = Callable[[Session, Reach, str, Framework, SheetPlan[Any], date], Written]
WRITERS: Final[Mapping[str, Writer]] = {
    "competencies": _write_competencies,
    "people": _write_people,
    "diagnostics": _write_results,
    "activities": _write_activities,
    "mentors": _write_mentors,
    "wishes": _write_wishes,
    "headcounts": _write_headcounts,
    "responses": _write_responses,
    "tasks": _write_tasks,
}
