"""Routes (ИОМ) as they stand: their versions, steps, deficits and events, and the selects that return them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    and_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from typing_extensions import TypedDict

from models.bulk import hold_writes
from models.people import PersonRecord
from models.records import KEPT, Record
from models.scope import Scope, within
from models.session import Session
from recommender.explanation.forms import ExplainedAnswer
from recommender.explanation.stored import Kept, whole_answer
from recommender.lifecycle import DRAFT, PROPOSED
from recommender.overrides import KeptEdit, KeptOverrides

OPEN = "open"
"""The state of a deficit of which nothing was confirmed or measured yet."""


class Heaviest(TypedDict):
    """What a list of people says of a deficit."""

    competency: str
    title: str
    percent: float
    weight: float


class RouteRecord(Record):
    """A route of a person. What it consists of stands in its versions, of which the one numbered `version` is in force.

    One route of a person is `current`, the others are kept. `lock_version` grows with every change of the route: who
    sends an edit names the one that they saw. The columns behind it repeat the version in force for lists; `created_at`
    is when that was made.
    """

    __tablename__ = "route"
    __table_args__ = (
        Index(None, "person_id", "created_at"),
        Index(
            "uq_route_current", "person_id", unique=True, sqlite_where=text("current"), postgresql_where=text("current")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    current: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(default=DRAFT)
    lock_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    value: Mapped[float]
    bound: Mapped[float]
    hours: Mapped[float]
    closed: Mapped[float]
    deficits: Mapped[int]
    heaviest: Mapped[list[Heaviest]] = mapped_column(KEPT)

    in_force: Mapped["VersionRecord"] = relationship(
        primaryjoin="and_(RouteRecord.id == foreign(VersionRecord.route_id), "
        "RouteRecord.version == VersionRecord.number)",
        viewonly=True,
        uselist=False,
        lazy="joined",
        innerjoin=True,
    )

    @property
    def steps(self) -> list["SeatRecord"]:
        """The steps of the version in force, in order of time."""
        return self.in_force.seats

    @property
    def full_answer(self) -> ExplainedAnswer:
        """The explained answer of the version in force with its steps, as it was computed."""
        return self.in_force.full_answer


class VersionRecord(Record):
    """A version of a route. It never changes; only that somebody looked at it, and that its edit was taken back, is
    noted on it later.

    `edit` is what was done by hand to come to it, `undoes` the number of the version whose edit it takes back,
    `overrides` all that is asked by hand since then. `account_id` is who made it, `run` the job that did. `answer` is
    the explained answer without its steps in the form that `format` numbers; format 0 is an edit of times when answers
    were not kept.
    """

    __tablename__ = "route_version"
    __table_args__ = (
        UniqueConstraint("route_id", "number"),
        CheckConstraint("(format = 0) = (answer IS NULL)", name="answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    number: Mapped[int]
    lock_version: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime]
    run: Mapped[int | None] = mapped_column(index=True)
    looked_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undoes: Mapped[int | None]
    edit: Mapped[KeptEdit | None] = mapped_column(KEPT)
    overrides: Mapped[KeptOverrides | None] = mapped_column(KEPT)
    catalogue: Mapped[str]
    framework: Mapped[str]
    rules: Mapped[str]
    ranker: Mapped[str]
    scale: Mapped[str]
    format: Mapped[int]
    answer: Mapped[Kept | None] = mapped_column(KEPT)

    seats: Mapped[list["SeatRecord"]] = relationship(order_by="SeatRecord.position", viewonly=True)
    deficits: Mapped[list["RouteDeficitRecord"]] = relationship(order_by="RouteDeficitRecord.position", viewonly=True)

    @property
    def full_answer(self) -> ExplainedAnswer:
        """The explained answer with its steps, as it was computed."""
        return whole_answer(self.format, self.answer, [seat.answer for seat in self.seats])


class StepRecord(Record):
    """A step of a route: the same activity stays the same step through all versions, with its state."""

    __tablename__ = "route_step"
    __table_args__ = (UniqueConstraint("route_id", "activity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    activity: Mapped[str]
    state: Mapped[str] = mapped_column(default=PROPOSED)


class SeatRecord(Record):
    """Where a version holds a step: place, group, term, dates and hours; `answer` is its part of the answer."""

    __tablename__ = "route_seat"

    version_id: Mapped[int] = mapped_column(ForeignKey("route_version.id", ondelete="CASCADE"), primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("route_step.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]
    delivery: Mapped[int]
    term: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    hours: Mapped[float]
    answer: Mapped[Kept] = mapped_column(KEPT)

    step: Mapped[StepRecord] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def activity(self) -> str:
        """The code of the step's activity."""
        return self.step.activity

    @property
    def state(self) -> str:
        """The state of the step."""
        return self.step.state


class RouteDeficitRecord(Record):
    """A deficit that a version was composed for, so that indicators need not read answers; `position` is its weight's.

    `mastery`, `uncertainty`, `target` and the three `closed_…` are shares in [0, 1]; `loss` is what the deficit costs
    in the value of a route. What is not known yet is null: `below` (the probability that the mastery is below the
    target), what accepted steps closed, and what a later diagnostic measured.
    """

    __tablename__ = "route_deficit"

    version_id: Mapped[int] = mapped_column(ForeignKey("route_version.id", ondelete="CASCADE"), primary_key=True)
    competency: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    mastery: Mapped[float]
    uncertainty: Mapped[float]
    target: Mapped[float]
    below: Mapped[float | None]
    loss: Mapped[float]
    state: Mapped[str] = mapped_column(default=OPEN)
    closed_promised: Mapped[float]
    closed_confirmed: Mapped[float | None]
    closed_measured: Mapped[float | None]


class RouteEventRecord(Record):
    """That a route, or one step of it, came into another state: who, when, and what was said about it."""

    __tablename__ = "route_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("route_step.id", ondelete="CASCADE"), index=True)
    lock_version: Mapped[int]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    before: Mapped[str | None]
    after: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")


def in_force() -> ColumnElement[bool]:
    """Return how a select joins the version of a route that is in force."""
    return and_(VersionRecord.route_id == RouteRecord.id, VersionRecord.number == RouteRecord.version)


def _routes(scopes: Iterable[Scope]) -> Select[RouteRecord]:
    query = select(RouteRecord).join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
    return within(query, scopes)


def find_route(session: Session, scopes: Iterable[Scope], route_id: int) -> RouteRecord | None:
    """Return a route, current or kept, if the scopes reach its person."""
    return session.scalar(_routes(scopes).where(RouteRecord.id == route_id))


def current_route(session: Session, scopes: Iterable[Scope], person_id: int) -> RouteRecord | None:
    """Return the route that a person has now."""
    return session.scalar(_routes(scopes).where(RouteRecord.person_id == person_id, RouteRecord.current))


def held_route(session: Session, scopes: Iterable[Scope], person_id: int) -> RouteRecord | None:
    """Return the route that a person has now, and let nobody else change it before the end of the transaction."""
    hold_routes(session, [person_id])
    # What this session read before it waited for others is old by now.
    session.expire_all()
    return current_route(session, scopes, person_id)


def routes_of(session: Session, scopes: Iterable[Scope], person_id: int) -> Sequence[RouteRecord]:
    """Return all routes of a person, the newest first."""
    query = _routes(scopes).where(RouteRecord.person_id == person_id)
    return session.scalars(query.order_by(RouteRecord.created_at.desc(), RouteRecord.id.desc())).all()


def hold_routes(session: Session, person_ids: Sequence[int]) -> None:
    """Let nobody else change the routes that people have until the end of the transaction.

    The rows are locked alone and read afterwards: PostgreSQL gives whoever had to wait the locked row as it is now, and
    all that is joined to it as it was before.
    """
    hold_writes(session, RouteRecord)
    mine = select(RouteRecord.id).where(RouteRecord.current, RouteRecord.person_id.in_(person_ids))
    session.execute(mine.order_by(RouteRecord.id).with_for_update())
