"""Runs of the mentor assignment: computed, looked at, then published or thrown away."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, aliased, mapped_column
from typing_extensions import TypedDict

from models.people import PeopleFilter, PersonRecord, narrowed
from models.records import KEPT, Record
from models.scope import Scope, within
from models.session import Session
from recommender.mentoring.reasons import KeptReason
from recommender.mentoring.values import KeptNext, KeptPart, KeptShortage

QUEUED, COMPUTED, VIEWED, PUBLISHED, DROPPED = "queued", "computed", "viewed", "published", "dropped"


class ChangesByHand(TypedDict):
    """What changes by hand have done to the pairs that were computed."""

    changes: int
    total: float
    coverage: int


NO_CHANGES: Final[ChangesByHand] = {"changes": 0, "total": 0.0, "coverage": 0}


class RunFindings(TypedDict, total=False):
    """What a computed run says as a whole; one that failed for its pins has the clash alone."""

    mentors: int
    places: int
    coverage_bound: int
    worst: float
    gap: float
    rounds: int
    shortages: list[KeptShortage]
    pins_outside: list[list[int]]
    by_hand: ChangesByHand
    clash: KeptReason


class MentorRunRecord(Record):
    """One run for a kind of pair. `pinned` and `forbidden` are lists of [mentee, mentor] set by hand before it.

    `answer` holds the certificate, counts and the shortages of the region; `earlier_id` is the run it was made from.
    """

    __tablename__ = "mentor_run"
    __table_args__ = (Index(None, "territory", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    kind: Mapped[str]
    objective: Mapped[str]
    state: Mapped[str] = mapped_column(default=QUEUED)
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("mentor_run.id", ondelete="SET NULL"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    computed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    pinned: Mapped[list[Any]] = mapped_column(default=list)
    forbidden: Mapped[list[Any]] = mapped_column(default=list)
    covered: Mapped[int] = mapped_column(default=0)
    mentees: Mapped[int] = mapped_column(default=0)
    total: Mapped[float] = mapped_column(default=0.0)
    bound: Mapped[float] = mapped_column(default=0.0)
    answer: Mapped[RunFindings] = mapped_column(KEPT, default=dict)


class RunRowRecord(Record):
    """A mentee in a run: the proposed mentor with the parts of the fit and the next best, or the reason for none."""

    __tablename__ = "mentor_run_row"
    __table_args__ = (UniqueConstraint("run_id", "mentee_id"), Index(None, "mentee_id"), Index(None, "mentor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("mentor_run.id", ondelete="CASCADE"))
    mentee_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    mentor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    pinned: Mapped[bool] = mapped_column(default=False)
    fit: Mapped[float] = mapped_column(default=0.0)
    format: Mapped[str] = mapped_column(default="")
    parts: Mapped[list[KeptPart]] = mapped_column(KEPT, default=list)
    following: Mapped[list[KeptNext]] = mapped_column(KEPT, default=list)
    reason: Mapped[KeptReason | None] = mapped_column(KEPT)
    remedy: Mapped[KeptReason | None] = mapped_column(KEPT)


class PairColumns(TypedDict):
    """The columns of a row that say who the mentor is, or why there is none."""

    mentor_id: int | None
    pinned: bool
    fit: float
    format: str
    parts: list[KeptPart]
    following: list[KeptNext]
    reason: KeptReason | None
    remedy: KeptReason | None


class NewRow(PairColumns):
    """A row of a run as it is written."""

    run_id: int
    mentee_id: int


def find_run(session: Session, territories: Iterable[str], run_id: int) -> MentorRunRecord | None:
    """Return a run of one of the territories."""
    query = select(MentorRunRecord).where(MentorRunRecord.id == run_id)
    return session.scalar(query.where(MentorRunRecord.territory.in_(list(territories))))


def runs_of(
    session: Session,
    territories: Iterable[str],
    *,
    kind: str = "",
    state: str = "",
    before: int = 0,
    limit: int = 50,
) -> Sequence[MentorRunRecord]:
    """Return runs of the territories, the newest first, from before one on."""
    query = select(MentorRunRecord).where(MentorRunRecord.territory.in_(list(territories)))
    if before:
        query = query.where(MentorRunRecord.id < before)
    exact = {MentorRunRecord.kind: kind, MentorRunRecord.state: state}
    query = query.where(*(column == value for column, value in exact.items() if value))
    return session.scalars(query.order_by(MentorRunRecord.id.desc()).limit(limit)).all()


def insert_run_rows(session: Session, rows: Sequence[NewRow]) -> None:
    """Add the rows of a run in one bulk statement."""
    if rows:
        session.execute(insert(RunRowRecord), [dict(row) for row in rows])


def run_row(session: Session, scopes: Iterable[Scope], run_id: int, mentee_id: int) -> RunRowRecord | None:
    """Return the row of a mentee in a run if the scopes reach the mentee."""
    query = select(RunRowRecord).join(PersonRecord, PersonRecord.id == RunRowRecord.mentee_id)
    query = query.where(RunRowRecord.run_id == run_id, RunRowRecord.mentee_id == mentee_id)
    return session.scalar(within(query, scopes))


def run_rows(
    session: Session,
    scopes: Iterable[Scope],
    run_id: int,
    *,
    covered: bool | None = None,
    chosen: PeopleFilter | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[tuple[RunRowRecord, PersonRecord, PersonRecord | None]]:
    """Return (row, mentee, mentor) of a run in order of the row, from after a row's id on; filters hold for mentees."""
    mentor = aliased(PersonRecord)
    query = (
        select(RunRowRecord, PersonRecord, mentor)
        .join(PersonRecord, PersonRecord.id == RunRowRecord.mentee_id)
        .outerjoin(mentor, mentor.id == RunRowRecord.mentor_id)
        .where(RunRowRecord.run_id == run_id, RunRowRecord.id > after)
        .order_by(RunRowRecord.id)
    )
    query = narrowed(within(query, scopes), chosen or PeopleFilter())
    if covered is not None:
        query = query.where(RunRowRecord.mentor_id.is_not(None) if covered else RunRowRecord.mentor_id.is_(None))
    return [(row, mentee, giver) for row, mentee, giver in session.execute(query.limit(limit))]


def count_rows(session: Session, scopes: Iterable[Scope], run_id: int, chosen: PeopleFilter) -> tuple[int, int]:
    """Return how many mentees of a run are covered and uncovered among those that a list asks for."""
    query = (
        select(func.count(RunRowRecord.mentor_id), func.count())
        .select_from(RunRowRecord)
        .join(PersonRecord, PersonRecord.id == RunRowRecord.mentee_id)
        .where(RunRowRecord.run_id == run_id)
    )
    covered, every = session.execute(narrowed(within(query, scopes), chosen)).one()
    return covered, every - covered


def changed_mentees(session: Session, run_id: int, earlier_id: int) -> dict[int, tuple[int | None, int | None]]:
    """Return (mentor in the earlier run, mentor now) for every mentee for whom the two runs differ."""
    earlier = aliased(RunRowRecord)
    query = (
        select(RunRowRecord.mentee_id, earlier.mentor_id, RunRowRecord.mentor_id)
        .outerjoin(earlier, (earlier.mentee_id == RunRowRecord.mentee_id) & (earlier.run_id == earlier_id))
        .where(RunRowRecord.run_id == run_id, earlier.mentor_id.is_distinct_from(RunRowRecord.mentor_id))
        .order_by(RunRowRecord.mentee_id)
    )
    return {mentee: (before, now) for mentee, before, now in session.execute(query)}


def waiting_since(session: Session, territory: str, kind: str) -> dict[int, date]:
    """Return the day of the first run of a kind that left a mentee without a mentor, by mentee."""
    query = select(RunRowRecord.mentee_id, func.min(MentorRunRecord.created_at)).join(
        MentorRunRecord, MentorRunRecord.id == RunRowRecord.run_id
    )
    query = query.where(
        MentorRunRecord.territory == territory, MentorRunRecord.kind == kind, RunRowRecord.mentor_id.is_(None)
    )
    rows = session.execute(query.group_by(RunRowRecord.mentee_id).order_by(RunRowRecord.mentee_id))
    return {mentee: moment.date() for mentee, moment in rows}


def rows_about(
    session: Session,
    scopes: Iterable[Scope],
    run_id: int,
    *,
    mentees: Collection[int] = (),
    mentors: Collection[int] = (),
) -> Sequence[RunRowRecord]:
    """Return the rows of a run that name one of these mentees or mentors, in order."""
    query = select(RunRowRecord).join(PersonRecord, PersonRecord.id == RunRowRecord.mentee_id)
    named = or_(RunRowRecord.mentee_id.in_(mentees), RunRowRecord.mentor_id.in_(mentors))
    query = query.where(RunRowRecord.run_id == run_id, named)
    return session.scalars(within(query.order_by(RunRowRecord.id), scopes)).all()


@dataclass(frozen=True, slots=True)
class Changed:
    """A mentee for whom two runs differ: the mentor and the fit in each, None and 0 where the run has none."""

    mentee: PersonRecord
    before: PersonRecord | None
    now: PersonRecord | None
    fit_before: float
    fit_now: float


def compared_rows(
    session: Session,
    scopes: Iterable[Scope],
    run_id: int,
    earlier_id: int,
    *,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[Changed]:
    """Return the mentees whose mentor differs between two runs, in order of the mentee, from after one on."""
    now, earlier = aliased(RunRowRecord), aliased(RunRowRecord)
    mentor, former = aliased(PersonRecord), aliased(PersonRecord)
    in_either = select(RunRowRecord.mentee_id).where(RunRowRecord.run_id.in_((run_id, earlier_id)))
    query = (
        select(PersonRecord, former, mentor, func.coalesce(earlier.fit, 0.0), func.coalesce(now.fit, 0.0))
        .outerjoin(now, (now.mentee_id == PersonRecord.id) & (now.run_id == run_id))
        .outerjoin(earlier, (earlier.mentee_id == PersonRecord.id) & (earlier.run_id == earlier_id))
        .outerjoin(mentor, mentor.id == now.mentor_id)
        .outerjoin(former, former.id == earlier.mentor_id)
        .where(PersonRecord.id.in_(in_either), PersonRecord.id > after)
        .where(earlier.mentor_id.is_distinct_from(now.mentor_id))
        .order_by(PersonRecord.id)
    )
    return [Changed(*row) for row in session.execute(within(query, scopes).limit(limit))]


def hold_run(session: Session, run: MentorRunRecord) -> None:
    """Keep a run for this transaction alone and read what others wrote before."""
    # The write takes the row on either database: SQLite knows no SELECT FOR UPDATE.
    session.execute(update(MentorRunRecord).where(MentorRunRecord.id == run.id).values(state=MentorRunRecord.state))
    session.refresh(run)


def proposed_rows(session: Session, scopes: Iterable[Scope], run_id: int) -> Sequence[RunRowRecord]:
    """Return the rows of a run that name a mentor, in order."""
    query = select(RunRowRecord).join(PersonRecord, PersonRecord.id == RunRowRecord.mentee_id)
    query = query.where(RunRowRecord.run_id == run_id, RunRowRecord.mentor_id.is_not(None))
    return session.scalars(within(query.order_by(RunRowRecord.id), scopes)).all()


def appears_as_mentor(session: Session, run_id: int, mentor_id: int) -> bool:
    """Tell whether a run proposes this mentor to somebody."""
    query = select(RunRowRecord.id).where(RunRowRecord.run_id == run_id, RunRowRecord.mentor_id == mentor_id)
    return session.scalar(query.limit(1)) is not None
