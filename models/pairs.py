"""Pairs of a mentor and a mentee: periods with dates, what was agreed, meetings and feedback."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, aliased, mapped_column
from typing_extensions import TypedDict

from models.people import PersonRecord
from models.records import KEPT, Record
from models.scope import Scope, within
from models.session import Session, chunks
from recommender.mentoring.values import KeptPart

SIDES: Final = ("mentee", "mentor")
"""The two of a pair."""

PROPOSED, AGREED, ACTIVE = "proposed", "agreed", "active"
DECLINED, WITHDRAWN, ENDED = "declined", "withdrawn", "ended"
OPEN: Final = (PROPOSED, AGREED, ACTIVE)
_OPEN_SQL: Final = text("state in ('proposed', 'agreed', 'active')")


class AlreadyPaired(ValueError):
    """A mentee got an open pair of the kind at the same moment: the database refused a second one."""


class PairRecord(Record):
    """A pair of one kind. States: proposed → agreed → active → ended; declined by one of the two, or withdrawn by a
    coordinator, from proposed or agreed. `to_replace` asks the next run for another mentor; until then all stays.

    A pair holds a `seat` of its mentor (a number from 0) from the day on which both agreed until it is declined or
    ended. No two pairs of a kind hold the same seat of a mentor, and a mentee has one open pair of a kind: the
    database refuses both, whoever asks at the same time. `parts` are the summands of `fit`.
    """

    __tablename__ = "mentor_pair"
    __table_args__ = (
        UniqueConstraint("mentor_id", "kind", "seat"),
        Index("uq_pair_open", "mentee_id", "kind", unique=True, sqlite_where=_OPEN_SQL, postgresql_where=_OPEN_SQL),
        Index(None, "territory", "kind", "state"),
        CheckConstraint("seat IS NULL OR seat >= 0", name="seat"),
        CheckConstraint("mentee_id <> mentor_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    kind: Mapped[str]
    mentee_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    mentor_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("mentor_run.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(default=PROPOSED)
    seat: Mapped[int | None]
    fit: Mapped[float] = mapped_column(default=0.0)
    parts: Mapped[list[KeptPart]] = mapped_column(KEPT, default=list)
    format: Mapped[str] = mapped_column(default="")
    proposed_on: Mapped[date]
    mentee_agreed_on: Mapped[date | None]
    mentor_agreed_on: Mapped[date | None]
    declined_by: Mapped[str] = mapped_column(default="")
    closing_reason: Mapped[str] = mapped_column(default="")
    order_number: Mapped[str] = mapped_column(default="")
    order_date: Mapped[date | None]
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    closed_on: Mapped[date | None]
    to_replace: Mapped[bool] = mapped_column(default=False, server_default=false())


class NewPair(TypedDict):
    """A pair as it is proposed."""

    territory: str
    kind: str
    mentee_id: int
    mentor_id: int
    run_id: int
    state: str
    fit: float
    parts: list[KeptPart]
    format: str
    proposed_on: date


class MeetingRecord(Record):
    """A meeting of a pair, as one of the two noted it."""

    __tablename__ = "mentor_meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pair.id", ondelete="CASCADE"), index=True)
    held_on: Mapped[date]
    topic: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    noted_at: Mapped[datetime]


class FeedbackRecord(Record):
    """What one side says of a pair at its end: a mark from 1 to 5 and a text."""

    __tablename__ = "mentor_feedback"
    __table_args__ = (UniqueConstraint("pair_id", "side"), CheckConstraint("mark BETWEEN 1 AND 5", name="mark"))

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("mentor_pair.id", ondelete="CASCADE"))
    side: Mapped[str]
    mark: Mapped[int]
    comment: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]


def find_pair(session: Session, scopes: Sequence[Scope], pair_id: int) -> PairRecord | None:
    """Return a pair if the scopes reach its mentee or its mentor."""
    mine = [
        within(select(PersonRecord.id).where(PersonRecord.id == side), scopes).exists()
        for side in (PairRecord.mentee_id, PairRecord.mentor_id)
    ]
    return session.scalar(select(PairRecord).where(PairRecord.id == pair_id, or_(*mine)))


def pairs_of(
    session: Session,
    scopes: Sequence[Scope],
    *,
    kind: str = "",
    states: Iterable[str] = OPEN,
    search: str = "",
    run_id: int | None = None,
    ids: Iterable[int] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[tuple[PairRecord, PersonRecord, PersonRecord]]:
    """Return (pair, mentee, mentor) in order of the pair where the scopes reach the mentee or the mentor.

    Every word of `search`, as texts are compared, stands with the mentee or with the mentor.
    """
    mentor = aliased(PersonRecord)
    reached = within(select(PersonRecord.id), scopes)
    query = (
        select(PairRecord, PersonRecord, mentor)
        .join(PersonRecord, PersonRecord.id == PairRecord.mentee_id)
        .join(mentor, mentor.id == PairRecord.mentor_id)
        .where(PairRecord.state.in_(list(states)), PairRecord.id > after)
        .where(or_(PairRecord.mentee_id.in_(reached), PairRecord.mentor_id.in_(reached)))
        .order_by(PairRecord.id)
    )
    if kind:
        query = query.where(PairRecord.kind == kind)
    for word in search.split():
        sides = (PersonRecord.search_key, mentor.search_key)
        query = query.where(or_(*(key.contains(word, autoescape=True) for key in sides)))
    if run_id is not None:
        query = query.where(PairRecord.run_id == run_id)
    if ids is not None:
        query = query.where(PairRecord.id.in_(list(ids)))
    return [(pair, mentee, giver) for pair, mentee, giver in session.execute(query.limit(limit))]


def pair_values(
    session: Session, territory: str, kind: str, ids: Collection[int] | None = None
) -> Sequence[PairRecord]:
    """Return all pairs of a kind in a territory, also closed ones, in order of id: what a run has to know.

    With `ids` only those that name one of these people.
    """
    query = select(PairRecord).where(PairRecord.territory == territory, PairRecord.kind == kind)
    if ids is not None:
        query = query.where(or_(PairRecord.mentee_id.in_(ids), PairRecord.mentor_id.in_(ids)))
    return session.scalars(query.order_by(PairRecord.id)).all()


def insert_pairs(session: Session, rows: Sequence[NewPair]) -> None:
    """Add pairs in one bulk statement; AlreadyPaired where a mentee has an open one, and the caller rolls back."""
    try:
        if rows:
            session.execute(insert(PairRecord), [dict(row) for row in rows])
    except IntegrityError as error:
        raise AlreadyPaired from error


def add_pair(session: Session, pair: PairRecord) -> None:
    """Add one pair; AlreadyPaired where its mentee has an open one, and the caller rolls back."""
    session.add(pair)
    try:
        session.flush()
    except IntegrityError as error:
        raise AlreadyPaired from error


def reread(session: Session, pair: PairRecord) -> None:
    """Write what is pending, which holds the row against others, and read what they wrote before."""
    session.flush()
    session.refresh(pair)


def close_pairs(session: Session, ids: Sequence[int], *, on: date, reason: str) -> None:
    """End open pairs on a day and give back their seats."""
    values = {"state": ENDED, "seat": None, "closed_on": on, "closing_reason": reason, "to_replace": False}
    for part in chunks(ids):
        pairs = update(PairRecord).where(PairRecord.id.in_(part), PairRecord.state.in_(OPEN))
        session.execute(pairs.values(**values))


def take_seat(session: Session, pair: PairRecord, places: int) -> bool:
    """Give a pair the first free seat of its mentor; False where all `places` are taken.

    The caller has already written in this transaction, so that SQLite lets one taker through at a time; on
    PostgreSQL the unique constraint makes the second of two takers wait, fail and look again.
    """
    while True:
        held = select(PairRecord.seat).where(
            PairRecord.mentor_id == pair.mentor_id, PairRecord.kind == pair.kind, PairRecord.seat.is_not(None)
        )
        taken = set(session.scalars(held))
        free = next((seat for seat in range(places) if seat not in taken), None)
        if free is None:
            return False
        try:
            with session.begin_nested():
                pair.seat = free
                session.flush()
        except IntegrityError:
            session.refresh(pair, ["seat"])
            continue
        return True


def meetings_of(session: Session, pair_id: int) -> Sequence[MeetingRecord]:
    """Return the meetings of a pair in order of their days."""
    query = select(MeetingRecord).where(MeetingRecord.pair_id == pair_id)
    return session.scalars(query.order_by(MeetingRecord.held_on, MeetingRecord.id)).all()


def feedback_of(session: Session, pair_id: int) -> Sequence[FeedbackRecord]:
    """Return what both sides of a pair said at its end."""
    return session.scalars(select(FeedbackRecord).where(FeedbackRecord.pair_id == pair_id)).all()


def marks_of(session: Session, territory: str, kind: str) -> dict[int, float]:
    """Return the mean mark of ended pairs as a share in [0, 1] by pair: how good an earlier pair was."""
    query = select(FeedbackRecord.pair_id, FeedbackRecord.mark).join(PairRecord)
    query = query.where(PairRecord.territory == territory, PairRecord.kind == kind).order_by(FeedbackRecord.id)
    marks: dict[int, list[int]] = {}
    for pair_id, mark in session.execute(query):
        marks.setdefault(pair_id, []).append(mark)
    return {pair_id: (sum(given) / len(given) - 1) / 4 for pair_id, given in marks.items()}


def open_pairs(session: Session, territory: str, kind: str, mentees: Sequence[int]) -> dict[int, PairRecord]:
    """Return the open pairs of a kind that the mentees have, by mentee."""
    found: dict[int, PairRecord] = {}
    for part in chunks(mentees):
        query = select(PairRecord).where(
            PairRecord.territory == territory, PairRecord.kind == kind, PairRecord.state.in_(OPEN)
        )
        query = query.where(PairRecord.mentee_id.in_(part)).order_by(PairRecord.id)
        found |= {pair.mentee_id: pair for pair in session.scalars(query)}
    return found


def refused_mentors(session: Session, territory: str, kind: str, mentee_id: int) -> set[int]:
    """Return the mentors with whom a declined pair of a mentee was."""
    query = select(PairRecord.mentor_id).where(PairRecord.territory == territory, PairRecord.kind == kind)
    return set(session.scalars(query.where(PairRecord.mentee_id == mentee_id, PairRecord.state == DECLINED)))
