"""Answers to single tasks, and which competencies the tasks measure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.people import PersonRecord
from models.records import KEPT, Record
from models.scope import Scope, within
from models.session import Session


class ResponseRecord(Record):
    """What one person got for one task on a day."""

    __tablename__ = "task_response"
    __table_args__ = (UniqueConstraint("person_id", "taken_on", "task"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    taken_on: Mapped[date]
    task: Mapped[str]
    score: Mapped[float]
    maximum: Mapped[float]


class TaskRecord(Record):
    """A task of a territory and the codes of the competencies that it measures."""

    __tablename__ = "task"
    __table_args__ = (UniqueConstraint("territory", "task"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    task: Mapped[str]
    competencies: Mapped[list[str]] = mapped_column(KEPT, default=list)


class Answered(NamedTuple):
    """A stored answer to one task."""

    id: int
    person: int
    taken_on: date
    task: str
    score: float
    maximum: float


def stored_responses(session: Session, scopes: Iterable[Scope]) -> Iterator[Answered]:
    """Yield the answers of all people that the scopes reach."""
    r = ResponseRecord
    columns = (r.id, r.person_id, r.taken_on, r.task, r.score, r.maximum)
    query = within(select(*columns).join(PersonRecord, PersonRecord.id == r.person_id), scopes)
    for part in session.execute(query.execution_options(yield_per=5000)).partitions():
        yield from (Answered(*row) for row in part)


def tasks_of(session: Session, territory: str) -> Sequence[TaskRecord]:
    """Return the tasks of a territory in order of id."""
    query = select(TaskRecord).where(TaskRecord.territory == territory)
    return session.scalars(query.order_by(TaskRecord.id)).all()
