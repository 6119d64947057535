"""Routes (ИОМ) and their steps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, delete, exists, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.bulk import add_rows, hold_writes, insert_rows, update_rows
from models.diagnostics import ResultRecord
from models.people import PersonRecord
from models.records import Record
from models.scope import Scope, within
from models.session import Session

DRAFT = "draft"
"""The state of a route that nobody has looked at yet: only such a route may be computed anew in its place."""


class RouteRecord(Record):
    """A route of a person. `answer` is the whole explained answer (`recommender.explanation.answer`) without its steps;
    it names the versions of everything it was computed from, so that it can be explained years later.

    One route of a person is `current`, the others are kept. `heaviest` repeats the first deficits of the answer for
    lists. `run` is the job that drafted it: a job that was killed goes on with the people it has not reached.
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
    created_at: Mapped[datetime]
    run: Mapped[int | None] = mapped_column(index=True)
    value: Mapped[float]
    bound: Mapped[float]
    hours: Mapped[float]
    closed: Mapped[float]
    deficits: Mapped[int]
    heaviest: Mapped[list[Any]]
    answer: Mapped[dict[str, Any]]

    steps: Mapped[list["StepRecord"]] = relationship(
        cascade="all, delete-orphan", order_by="StepRecord.position", lazy="selectin"
    )

    @property
    def full_answer(self) -> dict[str, Any]:
        """The explained answer with its steps, as it was computed."""
        route = {"steps": [step.answer for step in self.steps], **self.answer["route"]}
        return {**self.answer, "route": route}


class StepRecord(Record):
    """One step of a route; `answer` is the step's part of the explained answer, kept as it was agreed on."""

    __tablename__ = "route_step"
    __table_args__ = (UniqueConstraint("route_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    position: Mapped[int]
    activity: Mapped[str]
    delivery: Mapped[int]
    term: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    hours: Mapped[float]
    state: Mapped[str] = mapped_column(default="planned")
    answer: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class NewRoute:
    """A drafted route as columns, its steps apart, ready to be stored for one person."""

    person_id: int
    columns: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class CurrentRoute:
    """What drafting must know of the route that a person has already."""

    id: int
    state: str
    run: int | None

    def may_be_drafted(self, run: int | None) -> bool:
        """Tell whether a run may compute it anew: it is a draft still, and not one of the same run."""
        return self.state == DRAFT and (run is None or self.run != run)


def _routes(scopes: Iterable[Scope]) -> Select[RouteRecord]:
    query = select(RouteRecord).join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
    return within(query, scopes)


def find_route(session: Session, scopes: Iterable[Scope], route_id: int) -> RouteRecord | None:
    """Return a route, current or kept, if the scopes reach its person."""
    return session.scalar(_routes(scopes).where(RouteRecord.id == route_id))


def current_route(session: Session, scopes: Iterable[Scope], person_id: int) -> RouteRecord | None:
    """Return the route that a person has now."""
    return session.scalar(_routes(scopes).where(RouteRecord.person_id == person_id, RouteRecord.current))


def routes_of(session: Session, scopes: Iterable[Scope], person_id: int) -> Sequence[RouteRecord]:
    """Return all routes of a person, the newest first."""
    query = _routes(scopes).where(RouteRecord.person_id == person_id)
    return session.scalars(query.order_by(RouteRecord.created_at.desc(), RouteRecord.id.desc())).all()


def people_to_draft(
    session: Session,
    scopes: Iterable[Scope],
    *,
    run: int | None = None,
    everyone: bool = False,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[int]:
    """Return the ids, from behind `after`, of diagnosed people whose route is to be drafted.

    Those are people without a route or, with `everyone`, also those whose draft another run made; a route that a
    person has taken over from the machine is never touched.
    """
    mine = select(RouteRecord.id).where(RouteRecord.person_id == PersonRecord.id, RouteRecord.current)
    if everyone:
        mine = mine.where((RouteRecord.state != DRAFT) | (RouteRecord.run == run))
    query = within(select(PersonRecord.id), scopes).where(
        PersonRecord.id > after, exists().where(ResultRecord.person_id == PersonRecord.id), ~mine.exists()
    )
    return session.scalars(query.order_by(PersonRecord.id).limit(limit)).all()


def count_drafted(session: Session, scopes: Iterable[Scope], run: int) -> int:
    """Return how many people's routes are drafts that a run has made."""
    query = select(func.count()).select_from(RouteRecord).join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
    return session.scalars(within(query, scopes).where(RouteRecord.current, RouteRecord.run == run)).one()


def current_routes(
    session: Session, scopes: Iterable[Scope], person_ids: Iterable[int], *, held: bool = False
) -> dict[int, CurrentRoute]:
    """Return id, state and run of the routes that people have now, by person.

    Where they are `held`, nobody else changes them until the end of the transaction.
    """
    r = RouteRecord
    query = within(select(r.person_id, r.id, r.state, r.run).join(PersonRecord, PersonRecord.id == r.person_id), scopes)
    query = query.where(r.current, r.person_id.in_(list(person_ids)))
    if held:
        hold_writes(session, RouteRecord)
        query = query.with_for_update(of=RouteRecord)
    return {person: CurrentRoute(row_id, state, run) for person, row_id, state, run in session.execute(query)}


def store_drafts(
    session: Session, scopes: Iterable[Scope], drafts: Sequence[NewRoute], *, at: datetime, run: int | None = None
) -> list[int]:
    """Store drafts of different people and return the ids of their current routes in the same order.

    A draft takes the place (and the id) of the draft that the person had, so that links to it stay right. A route that
    a person has taken over from the machine, or that this run has stored already, stays as it is.
    """
    known = current_routes(session, scopes, [draft.person_id for draft in drafts], held=True)
    ids = {person: route.id for person, route in known.items()}
    shared = {"current": True, "state": DRAFT, "created_at": at, "run": run}
    new = [draft for draft in drafts if draft.person_id not in known]
    changed = [draft for draft in drafts if draft.person_id in known and known[draft.person_id].may_be_drafted(run)]
    if changed:
        steps_of = delete(StepRecord).where(StepRecord.route_id.in_([ids[draft.person_id] for draft in changed]))
        session.execute(steps_of)
        update_rows(session, RouteRecord, [{"id": ids[d.person_id], **d.columns, **shared} for d in changed])
    added = insert_rows(session, RouteRecord, [{"person_id": d.person_id, **d.columns, **shared} for d in new])
    ids.update(zip((draft.person_id for draft in new), added, strict=True))
    steps = [
        {"route_id": ids[draft.person_id], "state": "planned", **step}
        for draft in (*changed, *new)
        for step in draft.steps
    ]
    add_rows(session, StepRecord, steps)
    session.expire_all()
    return [ids[draft.person_id] for draft in drafts]


def drop_drafts(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> None:
    """Remove the drafts of people who have no results any more."""
    routes = current_routes(session, scopes, person_ids)
    drafts = [route.id for route in routes.values() if route.state == DRAFT]
    session.execute(delete(RouteRecord).where(RouteRecord.id.in_(drafts)))


def count_routes(session: Session, scopes: Iterable[Scope]) -> dict[str, int]:
    """Return how many current routes there are by state."""
    query = select(RouteRecord.state, func.count()).join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
    rows = session.execute(within(query.where(RouteRecord.current), scopes).group_by(RouteRecord.state))
    return dict(rows.all())
