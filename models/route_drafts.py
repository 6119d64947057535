"""Drafting of routes: who is to be drafted, what is known of them, and how what was composed becomes versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update
from typing_extensions import TypedDict

from models.bulk import add_rows, insert_rows, update_rows
from models.diagnostics import ResultRecord
from models.people import PersonRecord
from models.route_versions import overrides_as_json
from models.routes import (
    Heaviest,
    RouteDeficitRecord,
    RouteEventRecord,
    RouteRecord,
    SeatRecord,
    StepRecord,
    VersionRecord,
    hold_routes,
    in_force,
)
from models.scope import Scope, within
from models.session import Session
from recommender.explanation.forms import ExplainedAnswer, StepAnswer
from recommender.explanation.stored import FORMAT, stored_answer
from recommender.lifecycle import DRAFT, PROPOSED, may_be_recomposed
from recommender.overrides import KeptEdit, Overrides


@dataclass(frozen=True, slots=True)
class CurrentRoute:
    """What drafting must know of the route that a person has already; `spare` is a version in force that a run made
    and nobody looked at."""

    id: int
    state: str
    lock_version: int
    version: int
    run: int | None
    spare: bool

    def may_be_drafted(self, run: int | None) -> bool:
        """Tell whether a run may compute it anew: it is a draft still, and not one of the same run."""
        return may_be_recomposed(self.state) and (run is None or self.run != run)


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
        mine = mine.join(VersionRecord, in_force()).where((RouteRecord.state != DRAFT) | (VersionRecord.run == run))
    query = within(select(PersonRecord.id), scopes).where(
        PersonRecord.id > after, exists().where(ResultRecord.person_id == PersonRecord.id), ~mine.exists()
    )
    return session.scalars(query.order_by(PersonRecord.id).limit(limit)).all()


def count_drafted(session: Session, scopes: Iterable[Scope], run: int) -> int:
    """Return how many people's routes are drafts that a run has made."""
    query = select(func.count()).select_from(RouteRecord).join(VersionRecord, in_force())
    query = query.join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
    return session.scalars(within(query, scopes).where(RouteRecord.current, VersionRecord.run == run)).one()


def current_routes(
    session: Session, scopes: Iterable[Scope], person_ids: Iterable[int], *, held: bool = False
) -> dict[int, CurrentRoute]:
    """Return what drafting must know of the routes that people have now, by person.

    Where they are `held`, nobody else changes them until the end of the transaction.
    """
    ids = list(person_ids)
    if held:
        hold_routes(session, ids)
    r, v = RouteRecord, VersionRecord
    spare = and_(v.run.is_not(None), v.looked_at.is_(None))
    query = select(r.person_id, r.id, r.state, r.lock_version, r.version, v.run, spare).join(v, in_force())
    query = within(query.join(PersonRecord, PersonRecord.id == r.person_id), scopes)
    rows = session.execute(query.where(r.current, r.person_id.in_(ids)))
    return {
        person: CurrentRoute(row_id, state, lock_version, version, made_by, unseen)
        for person, row_id, state, lock_version, version, made_by, unseen in rows
    }


class RouteColumns(TypedDict):
    """The columns of a route that repeat its version in force."""

    value: float
    bound: float
    hours: float
    closed: float
    deficits: int
    heaviest: list[Heaviest]


class SeatColumns(TypedDict):
    """The columns of a seat that say where it is."""

    position: int
    delivery: int
    term: int
    starts: date
    ends: date
    hours: float
    answer: StepAnswer


class DeficitColumns(TypedDict):
    """The columns of a deficit of a version."""

    position: int
    competency: str
    mastery: float
    uncertainty: float
    target: float
    below: float | None
    loss: float
    closed_promised: float
    closed_confirmed: float | None
    closed_measured: float | None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A composed route of one person, ready to be stored: its answer and its rows, those of seats with the activity.

    `seen` is the lock version of the route that all of it was composed from, 0 where there was none.
    """

    person_id: int
    seen: int
    overrides: Overrides
    answer: ExplainedAnswer
    columns: RouteColumns
    seats: tuple[tuple[str, SeatColumns], ...]
    deficits: tuple[DeficitColumns, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """When versions are made and by whom: an account, or a `run`; by which edit, or which earlier one it takes back."""

    at: datetime
    account_id: int | None = None
    run: int | None = None
    edit: KeptEdit | None = None
    undoes: int | None = None


def store_versions(
    session: Session, scopes: Iterable[Scope], composed: Sequence[NewVersion], making: Making
) -> dict[int, int]:
    """Store a new version of the draft of each of these different people; return the ids of their routes by person.

    Left out is a route that was changed while this one was composed, since whoever changed it composed it from the same
    data; and one that is no draft any more, or that the same run has drafted already. Where a run drafts anew what a
    run had drafted and nobody looked at, the version before is removed.
    """
    known = current_routes(session, scopes, [one.person_id for one in composed], held=True)
    new = [one for one in composed if one.person_id not in known and not one.seen]
    again = [one for one in composed if one.person_id in known and _may_follow(one, known[one.person_id], making)]
    ids = {**_add_routes(session, new, making), **{one.person_id: known[one.person_id].id for one in again}}
    _change_routes(session, again, known, making)
    numbers = {one.person_id: known[one.person_id].version + 1 for one in again}
    _add_versions(session, [*new, *again], ids, numbers, making)
    if making.run is not None:
        _prune(session, [known[one.person_id] for one in again if known[one.person_id].spare])
    session.expire_all()
    return ids


def _may_follow(one: NewVersion, route: CurrentRoute, making: Making) -> bool:
    return route.lock_version == one.seen and route.may_be_drafted(making.run)


def _add_routes(session: Session, new: Sequence[NewVersion], making: Making) -> dict[int, int]:
    """Add the routes of people who had none, with the event of their beginning; return their ids by person."""
    begun = {"current": True, "state": DRAFT, "lock_version": 1, "version": 1, "created_at": making.at}
    rows = [{"person_id": one.person_id, **one.columns, **begun} for one in new]
    ids = insert_rows(session, RouteRecord, rows)
    event = {"step_id": None, "lock_version": 1, "at": making.at, "account_id": making.account_id}
    states = {"before": None, "after": DRAFT, "comment": ""}
    add_rows(session, RouteEventRecord, [{"route_id": route_id, **event, **states} for route_id in ids])
    return dict(zip((one.person_id for one in new), ids, strict=True))


def _change_routes(
    session: Session, again: Sequence[NewVersion], known: Mapping[int, CurrentRoute], making: Making
) -> None:
    rows = []
    for one in again:
        route = known[one.person_id]
        moved = {"lock_version": route.lock_version + 1, "version": route.version + 1, "created_at": making.at}
        rows.append({"id": route.id, **one.columns, **moved})
    update_rows(session, RouteRecord, rows)


def _add_versions(
    session: Session,
    composed: Sequence[NewVersion],
    ids: Mapping[int, int],
    numbers: Mapping[int, int],
    making: Making,
) -> None:
    """Add the versions with what they hold; those without a number are the first of their routes."""
    made = {"made_at": making.at, "account_id": making.account_id, "run": making.run}
    how = {"edit": making.edit, "undoes": making.undoes, "looked_at": None, "undone_at": None}
    rows = [
        {
            "route_id": ids[one.person_id],
            "number": numbers.get(one.person_id, 1),
            "lock_version": one.seen + 1,
            "overrides": None if one.overrides == Overrides() else overrides_as_json(one.overrides),
            "format": FORMAT,
            "answer": stored_answer(one.answer),
            **one.answer["versions"],
            **made,
            **how,
        }
        for one in composed
    ]
    versions = list(zip(insert_rows(session, VersionRecord, rows), composed, strict=True))
    steps = _steps_of(session, composed, ids)
    seats = [
        {"version_id": version, "step_id": steps[ids[one.person_id], activity], **seat}
        for version, one in versions
        for activity, seat in one.seats
    ]
    add_rows(session, SeatRecord, seats)
    deficits = [{"version_id": version, **deficit} for version, one in versions for deficit in one.deficits]
    add_rows(session, RouteDeficitRecord, deficits)


def _steps_of(session: Session, composed: Sequence[NewVersion], ids: Mapping[int, int]) -> dict[tuple[int, str], int]:
    """Return the id of every step by route and activity; those that a route never had before are added."""
    found = select(StepRecord.route_id, StepRecord.activity, StepRecord.id)
    older = [ids[one.person_id] for one in composed if one.seen]
    rows = session.execute(found.where(StepRecord.route_id.in_(older))).all() if older else ()
    steps = {(route_id, activity): step_id for route_id, activity, step_id in rows}
    wanted = ((ids[one.person_id], activity) for one in composed for activity, _ in one.seats)
    missing = [key for key in wanted if key not in steps]
    added = [{"route_id": route_id, "activity": activity, "state": PROPOSED} for route_id, activity in missing]
    return {**steps, **dict(zip(missing, insert_rows(session, StepRecord, added), strict=True))}


def _prune(session: Session, routes: Sequence[CurrentRoute]) -> None:
    """Remove the versions that were in force of these routes, and steps that no version holds any more."""
    if not routes:
        return
    keys = [(route.id, route.version) for route in routes]
    session.execute(delete(VersionRecord).where(tuple_(VersionRecord.route_id, VersionRecord.number).in_(keys)))
    held = exists().where(SeatRecord.step_id == StepRecord.id)
    of_routes = StepRecord.route_id.in_([route.id for route in routes])
    session.execute(delete(StepRecord).where(of_routes, ~held).execution_options(synchronize_session=False))


def drop_drafts(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> None:
    """Take the drafts away from people who have no results any more.

    A draft that nobody looked at and nobody made by hand is removed, any other one is kept beside the current route.
    """
    routes = current_routes(session, scopes, person_ids, held=True)
    drafts, v = [route.id for route in routes.values() if may_be_recomposed(route.state)], VersionRecord
    needed = select(v.route_id).where(v.route_id.in_(drafts), or_(v.run.is_(None), v.looked_at.is_not(None)))
    kept = set(session.scalars(needed))
    session.execute(update(RouteRecord).where(RouteRecord.id.in_(kept)).values(current=False))
    session.execute(delete(RouteRecord).where(RouteRecord.id.in_([one for one in drafts if one not in kept])))
