"""Contents of rows as plain values, and how rows get them back: what undoing an import needs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, cast

from sqlalchemy import Date, delete, func, insert, select, update

from models.accounts import AccountRecord
from models.activities import ActivityRecord, DeliveryRecord
from models.diagnostics import ResultRecord
from models.headcounts import HeadcountRecord
from models.imports import ImportChangeRecord
from models.mentors import MentorRecord, WishRecord
from models.people import PersonRecord
from models.records import Record
from models.responses import ResponseRecord, TaskRecord
from models.routes import RouteRecord, StepRecord
from models.session import Session, chunks
from models.territories import CompetencyRecord
from recommender.explanation.stored import Json
from recommender.lifecycle import DRAFT

TABLES: Final[Mapping[str, type[Record]]] = {
    "competency": CompetencyRecord,
    "person": PersonRecord,
    "diagnostic_result": ResultRecord,
    "activity": ActivityRecord,
    "mentor": MentorRecord,
    "mentor_wish": WishRecord,
    "headcount": HeadcountRecord,
    "task_response": ResponseRecord,
    "task": TaskRecord,
}
"""The tables that imports write, by the name under which their changes are kept."""

Row = dict[str, Json]
"""A row as it can be kept: its days are texts."""


def contents(session: Session, table: str, ids: Sequence[int]) -> dict[int, Row]:
    """Return rows as they can be kept in JSON, by id; entries of the catalogue come with their deliveries."""
    found: dict[int, Row] = {}
    for part in chunks(ids):
        rows = dict(_rows(session, TABLES[table], "id", part))
        found |= _with_deliveries(session, rows) if table == "activity" else rows
    return found


def _with_deliveries(session: Session, rows: Mapping[int, Row]) -> dict[int, Row]:
    own: dict[int, list[Row]] = {row_id: [] for row_id in rows}
    for activity, delivery in _rows(session, DeliveryRecord, "activity_id", list(rows)):
        own[activity].append(delivery)
    return {row_id: {**row, "deliveries": own[row_id]} for row_id, row in rows.items()}


def _rows(session: Session, record: type[Record], column: str, values: Sequence[int]) -> list[tuple[int, Row]]:
    """Return the rows that have one of these values in a column, in order of id: pairs of the value and the row."""
    table = record.__table__
    found = session.execute(select(table).where(table.c[column].in_(values)).order_by(table.c.id)).mappings()
    return [(row[column], {name: _plain(value) for name, value in row.items()}) for row in found]


def _plain(value: Json | date) -> Json:
    return value.isoformat() if isinstance(value, date) else value


def _restored(record: type[Record], row: Row) -> dict[str, Json | date]:
    dates = {column.name for column in record.__table__.columns if isinstance(column.type, Date)}
    return {
        name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value
        for name, value in row.items()
    }


def take_back(session: Session, changes: Iterable[ImportChangeRecord]) -> None:
    """Remove the rows that an import added and give those that it changed their earlier content."""
    added: dict[str, list[int]] = {}
    changed: dict[str, list[Row]] = {}
    for change in changes:
        if change.before is None:
            added.setdefault(change.table, []).append(change.row_id)
        else:
            changed.setdefault(change.table, []).append(change.before)
    for table, ids in added.items():
        for part in chunks(ids):
            session.execute(delete(TABLES[table]).where(TABLES[table].__table__.c.id.in_(part)))
    for table, rows in changed.items():
        _give_back(session, table, rows)
    session.expire_all()


def _give_back(session: Session, table: str, rows: Sequence[Row]) -> None:
    record = TABLES[table]
    own = [{name: value for name, value in row.items() if name != "deliveries"} for row in rows]
    session.execute(update(record), [_restored(record, row) for row in own])
    if table == "activity":
        for part in chunks([row["id"] for row in rows]):
            session.execute(delete(DeliveryRecord).where(DeliveryRecord.activity_id.in_(part)))
        deliveries = [one for row in rows for one in cast(Sequence[Row], row["deliveries"])]
        if deliveries:
            session.execute(insert(DeliveryRecord), [_restored(DeliveryRecord, one) for one in deliveries])


def people_touched(session: Session, import_id: int) -> list[int]:
    """Return the people whose results an import wrote, or whom it changed, in order of id."""
    changes = select(ImportChangeRecord.row_id).where(ImportChangeRecord.import_id == import_id)
    changed = changes.where(ImportChangeRecord.table == "person", ImportChangeRecord.before.is_not(None))
    measured = select(ResultRecord.person_id).where(
        ResultRecord.id.in_(changes.where(ImportChangeRecord.table == "diagnostic_result"))
    )
    return sorted({*session.scalars(changed), *session.scalars(measured.distinct())})


def built_on(session: Session, import_id: int) -> dict[str, int]:
    """Return what stands on the rows of an import, as counts: results, routes and accounts of people that it added,
    and routes that are no drafts any more and use its results or its activities."""
    changes = select(ImportChangeRecord.row_id).where(ImportChangeRecord.import_id == import_id)
    added = changes.where(ImportChangeRecord.table == "person", ImportChangeRecord.before.is_(None))
    measured = select(ResultRecord.person_id).where(
        ResultRecord.id.in_(changes.where(ImportChangeRecord.table == "diagnostic_result"))
    )
    entries = changes.where(ImportChangeRecord.table == "activity")
    codes = select(ActivityRecord.code).where(ActivityRecord.id.in_(entries))
    territories = select(ActivityRecord.territory).where(ActivityRecord.id.in_(entries))
    agreed = select(func.count(RouteRecord.id)).where(RouteRecord.state != DRAFT)
    with_steps = (
        agreed.join(StepRecord, StepRecord.route_id == RouteRecord.id)
        .join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
        .where(StepRecord.activity.in_(codes), PersonRecord.territory.in_(territories))
    )
    counts = {
        "results": select(func.count(ResultRecord.id)).where(ResultRecord.person_id.in_(added)),
        "accounts": select(func.count(AccountRecord.id)).where(AccountRecord.person_id.in_(added)),
        "routes": agreed.where(RouteRecord.person_id.in_(added) | RouteRecord.person_id.in_(measured)),
        "steps": with_steps,
    }
    found = {name: session.scalar(query) or 0 for name, query in counts.items()}
    return {name: count for name, count in found.items() if count}
