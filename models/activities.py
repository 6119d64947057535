"""The catalogue: programmes, internships, events, and their deliveries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import ForeignKey, Select, UniqueConstraint, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.bulk import insert_rows
from models.people import PersonRecord
from models.records import Record
from models.scope import Scope, within
from models.session import Session
from recommender.activity import Activity, Delivery
from recommender.explanation.stored import Json


class ActivityRecord(Record):
    """An entry of a territory's catalogue; `code` is stable, from the source or made of title and provider.

    `develops` and `proposed` are lists of [competency code, relevance]; `proposed` waits for a person's confirmation.
    `search_key` holds what an entry is looked for by, as it is compared.
    """

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("territory", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    code: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    provider: Mapped[str]
    provider_kind: Mapped[str]
    hours: Mapped[float | None]
    format: Mapped[str]
    network: Mapped[bool] = mapped_column(default=False)
    registers: Mapped[list[Any]] = mapped_column(default=list)
    register_number: Mapped[str] = mapped_column(default="")
    register_until: Mapped[date | None]
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    audience: Mapped[list[Any]] = mapped_column(default=list)
    develops: Mapped[list[Any]] = mapped_column(default=list)
    proposed: Mapped[list[Any]] = mapped_column(default=list)
    requires: Mapped[list[Any]] = mapped_column(default=list)
    municipality: Mapped[str] = mapped_column(default="")
    annotation: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")

    deliveries: Mapped[list["DeliveryRecord"]] = relationship(
        cascade="all, delete-orphan", order_by="DeliveryRecord.position", lazy="selectin"
    )


class DeliveryRecord(Record):
    """One group of an activity; `position` is its index in `recommender.activity.Activity.deliveries`."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("activity_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    position: Mapped[int]
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    places: Mapped[int | None]


class DeclinedRecord(Record):
    """An activity that a person refused, with the reason that was chosen; it leaves the person's recommendations."""

    __tablename__ = "declined_activity"
    __table_args__ = (UniqueConstraint("person_id", "activity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    activity: Mapped[str]
    reason: Mapped[str]
    declined_on: Mapped[date]


FIELDS: Final = tuple(field.name for field in fields(Activity) if field.name != "deliveries")
PAIRS: Final = frozenset({"develops", "proposed"})
TUPLES: Final = frozenset({"registers", "subjects", "audience", "requires"})


@dataclass(frozen=True, slots=True)
class CatalogueFilter:
    """What a list of the catalogue is narrowed to; `search` comes as texts are compared."""

    search: str = ""
    kind: str = ""
    format: str = ""
    competency: str = ""
    untagged: bool = False


def load_activities(session: Session, territory: str) -> tuple[Activity, ...]:
    """Return the whole catalogue of a territory as values of the core, in order of the codes."""
    columns = [getattr(ActivityRecord, name) for name in ("id", *FIELDS)]
    rows = session.execute(select(*columns).where(ActivityRecord.territory == territory)).all()
    own = _deliveries(session, select(ActivityRecord.id).where(ActivityRecord.territory == territory))
    found = (_activity(values, own.get(row_id, ())) for row_id, *values in rows)
    return tuple(sorted(found, key=lambda activity: activity.code))


def _deliveries(session: Session, activities: Select[int]) -> dict[int, tuple[Delivery, ...]]:
    d = DeliveryRecord
    query = select(d.activity_id, d.starts, d.ends, d.places).where(d.activity_id.in_(activities))
    own: dict[int, list[Delivery]] = defaultdict(list)
    for activity, starts, ends, places in session.execute(query.order_by(d.activity_id, d.position)):
        own[activity].append(Delivery(starts, ends, places))
    return {activity: tuple(deliveries) for activity, deliveries in own.items()}


def _activity(values: Sequence[Any], deliveries: tuple[Delivery, ...]) -> Activity:
    """Return an entry of the values of FIELDS; without groups it may begin at any time: one delivery without dates."""
    named = {name: _frozen(name, value) for name, value in zip(FIELDS, values, strict=True)}
    return Activity(**named, deliveries=deliveries or (Delivery(),))


def _frozen(name: str, value: Any) -> Any:
    if name in PAIRS:
        return tuple((code, float(relevance)) for code, relevance in value)
    return tuple(value) if name in TUPLES else value


def activity_of(record: ActivityRecord) -> Activity:
    """Return a record as a value of the core."""
    deliveries = tuple(Delivery(d.starts, d.ends, d.places) for d in record.deliveries)
    return _activity([getattr(record, name) for name in FIELDS], deliveries)


def activity_row(activity: Activity) -> dict[str, Json | date]:
    """Return the columns of a value of the core, its deliveries left out."""
    values = {name: getattr(activity, name) for name in FIELDS}
    return {
        name: [list(pair) for pair in value] if name in PAIRS else list(value) if name in TUPLES else value
        for name, value in values.items()
    }


def find_activity(session: Session, territory: str, code: str) -> ActivityRecord | None:
    """Return an entry of a territory's catalogue by its code."""
    query = select(ActivityRecord).where(ActivityRecord.territory == territory, ActivityRecord.code == code)
    return session.scalar(query)


def activity_ids(session: Session, territory: str) -> dict[str, int]:
    """Return the id of every entry of a territory's catalogue by its code."""
    query = select(ActivityRecord.code, ActivityRecord.id).where(ActivityRecord.territory == territory)
    return dict(session.execute(query).all())


def list_activities(
    session: Session,
    territory: str,
    chosen: CatalogueFilter | None = None,
    *,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> Sequence[ActivityRecord]:
    """Return entries in order of title from behind the row with the key `after` = (title, id)."""
    key = tuple_(ActivityRecord.title, ActivityRecord.id)
    query = _chosen(select(ActivityRecord), territory, chosen or CatalogueFilter())
    if after is not None:
        query = query.where(key > after)
    return session.scalars(query.order_by(ActivityRecord.title, ActivityRecord.id).limit(limit)).all()


def count_activities(session: Session, territory: str, chosen: CatalogueFilter | None = None) -> int:
    """Return how many entries a list would show in all."""
    query = _chosen(select(func.count()).select_from(ActivityRecord), territory, chosen or CatalogueFilter())
    return session.scalar(query) or 0


def _chosen(query: Any, territory: str, chosen: CatalogueFilter) -> Any:
    query = query.where(ActivityRecord.territory == territory)
    for word in chosen.search.split():
        query = query.where(ActivityRecord.search_key.contains(word, autoescape=True))
    if chosen.kind:
        query = query.where(ActivityRecord.kind == chosen.kind)
    if chosen.format:
        query = query.where(ActivityRecord.format == chosen.format)
    if chosen.competency:
        query = query.where(ActivityRecord.search_key.contains(f";{chosen.competency};", autoescape=True))
    if chosen.untagged:
        query = query.where(ActivityRecord.search_key.contains(UNTAGGED))
    return query


UNTAGGED: Final = ";?;"
"""Stands in `search_key` of an entry whose tags nobody confirmed yet, in the place of its competencies."""


def insert_activities(session: Session, territory: str, entries: Sequence[tuple[Activity, str]]) -> list[int]:
    """Add entries (with their search keys) and their deliveries in two bulk statements."""
    if not entries:
        return []
    rows = [{"territory": territory, **activity_row(activity), "search_key": key} for activity, key in entries]
    ids = insert_rows(session, ActivityRecord, rows)
    _insert_deliveries(session, dict(zip(ids, (activity for activity, _ in entries), strict=True)))
    return ids


def update_activities(session: Session, entries: Mapping[int, tuple[Activity, str]]) -> None:
    """Replace entries, by id, with new values, search keys and deliveries."""
    if not entries:
        return
    rows = [{"id": row_id, **activity_row(entry), "search_key": key} for row_id, (entry, key) in entries.items()]
    session.execute(update(ActivityRecord), rows)
    session.execute(delete(DeliveryRecord).where(DeliveryRecord.activity_id.in_(list(entries))))
    _insert_deliveries(session, {row_id: activity for row_id, (activity, _) in entries.items()})


def _insert_deliveries(session: Session, entries: Mapping[int, Activity]) -> None:
    rows = [
        {"activity_id": row_id, "position": i, "starts": d.starts, "ends": d.ends, "places": d.places}
        for row_id, activity in entries.items()
        for i, d in enumerate(activity.deliveries)
    ]
    if rows:
        session.execute(insert(DeliveryRecord), rows)


def declined_of(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return the codes of the activities that each person within the scopes refused."""
    query = select(DeclinedRecord.person_id, DeclinedRecord.activity)
    query = within(query.join(PersonRecord, PersonRecord.id == DeclinedRecord.person_id), scopes)
    own: dict[int, set[str]] = defaultdict(set)
    for person, activity in session.execute(query.where(DeclinedRecord.person_id.in_(list(person_ids)))):
        own[person].add(activity)
    return {person: frozenset(codes) for person, codes in own.items()}


def put_declined(session: Session, person_id: int, activity: str, reason: str, on: date) -> DeclinedRecord:
    """Note that a person refused an activity; a second refusal changes the reason."""
    query = select(DeclinedRecord).where(DeclinedRecord.person_id == person_id, DeclinedRecord.activity == activity)
    record = session.scalar(query)
    if record is None:
        record = DeclinedRecord(person_id=person_id, activity=activity)
        session.add(record)
    record.reason, record.declined_on = reason, on
    session.flush()
    return record
