"""Programmes of pairs and their measures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from models.pairs import ACTIVE, AGREED, PairRecord
from models.people import PersonRecord
from models.records import KEPT, Record
from models.scope import Scope, within
from models.session import Session
from recommender.mentoring.reasons import KeptReason


class AlreadyPlanned(ValueError):
    """A pair got a programme at the same moment: the database refused a second one."""


class ProgrammeRecord(Record):
    """The programme of a pair as it was computed: `goals` and `note` are values of the core as plain data.

    `changed_at` is set by the first change by hand or mark; from then on it is not made anew without a question.
    """

    __tablename__ = "mentor_programme"
    __table_args__ = (UniqueConstraint("pair_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pair.id", ondelete="CASCADE"))
    starts: Mapped[date]
    months: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    goals: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[list[Any]] = mapped_column(default=list)


class MeasureRecord(Record):
    """A measure of a programme in a month (from 1).

    `what` and `expected` are reasons of the core; where the two of the pair wrote their own, `text` and `result`
    stand for them. `done_on` is the day on which it was carried out.
    """

    __tablename__ = "mentor_measure"
    __table_args__ = (CheckConstraint("month >= 1", name="month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("mentor_programme.id", ondelete="CASCADE"), index=True)
    month: Mapped[int]
    position: Mapped[int]
    kind: Mapped[str]
    competency: Mapped[str] = mapped_column(default="")
    activity: Mapped[str] = mapped_column(default="")
    what: Mapped[KeptReason | None] = mapped_column(KEPT)
    expected: Mapped[KeptReason | None] = mapped_column(KEPT)
    text: Mapped[str] = mapped_column(default="")
    result: Mapped[str] = mapped_column(default="")
    done_on: Mapped[date | None]


@dataclass(frozen=True, slots=True)
class Help:
    """What a pair of a mentee works on: competencies of its programme that the mentor masters, else those of its fit.

    Before the order it has no days.
    """

    pair_id: int
    kind: str
    starts: date | None
    ends: date | None
    competencies: tuple[str, ...]


def help_of(session: Session, scopes: Iterable[Scope], mentee_ids: Iterable[int]) -> dict[int, tuple[Help, ...]]:
    """Return what pairs on which both agreed give these mentees, by mentee, in order of the pair."""
    query = (
        select(PairRecord, ProgrammeRecord.goals)
        .join(PersonRecord, PersonRecord.id == PairRecord.mentee_id)
        .outerjoin(ProgrammeRecord, ProgrammeRecord.pair_id == PairRecord.id)
        .where(PairRecord.state.in_((AGREED, ACTIVE)), PairRecord.mentee_id.in_(list(mentee_ids)))
        .order_by(PairRecord.id)
    )
    found: dict[int, tuple[Help, ...]] = {}
    for pair, goals in session.execute(within(query, scopes)):
        codes = (
            [part["competency"] for part in pair.parts if part["code"] == "competency"]
            if goals is None
            else [goal["competency"] for goal in goals if goal["mentor"] is not None]
        )
        one = Help(pair.id, pair.kind, pair.starts, pair.ends, tuple(codes))
        found[pair.mentee_id] = (*found.get(pair.mentee_id, ()), one)
    return found


def programme_of(session: Session, pair_id: int) -> ProgrammeRecord | None:
    """Return the programme of a pair."""
    return session.scalar(select(ProgrammeRecord).where(ProgrammeRecord.pair_id == pair_id))


def measures_of(session: Session, programme_id: int) -> Sequence[MeasureRecord]:
    """Return the measures of a programme in order of time."""
    query = select(MeasureRecord).where(MeasureRecord.programme_id == programme_id)
    return session.scalars(query.order_by(MeasureRecord.month, MeasureRecord.position, MeasureRecord.id)).all()


def find_measure(session: Session, programme_id: int, measure_id: int) -> MeasureRecord | None:
    """Return a measure of a programme."""
    query = select(MeasureRecord).where(MeasureRecord.id == measure_id, MeasureRecord.programme_id == programme_id)
    return session.scalar(query)


def count_measures(session: Session, programme_id: int) -> int:
    """Return how many measures a programme has."""
    query = select(func.count()).select_from(MeasureRecord).where(MeasureRecord.programme_id == programme_id)
    return session.scalar(query) or 0


def put_programme(session: Session, programme: ProgrammeRecord, measures: Iterable[MeasureRecord]) -> None:
    """Store a programme, new or made anew, with its measures instead of those it had; AlreadyPlanned as said there."""
    session.add(programme)
    try:
        session.flush()
    except IntegrityError as error:
        raise AlreadyPlanned from error
    session.execute(delete(MeasureRecord).where(MeasureRecord.programme_id == programme.id))
    for measure in measures:
        measure.programme_id = programme.id
        session.add(measure)
    session.flush()


def drop_measure(session: Session, measure: MeasureRecord) -> None:
    """Take a measure out of its programme."""
    session.delete(measure)
    session.flush()
