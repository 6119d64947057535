"""The history of routes: what was asked by hand in each version, who looked, and what was taken back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import defer, selectinload

from models.people import PersonRecord
from models.routes import RouteRecord, VersionRecord, in_force
from models.scope import Scope, within
from models.session import Session
from recommender.explanation.stored import with_days
from recommender.overrides import KeptOverrides, Overrides, Removed
from recommender.route import Placement

WITHOUT_ANSWER: Final = defer(VersionRecord.answer)
"""An answer has some 20 kB, and whoever asks what was done does not read it."""


def note_look(route: RouteRecord, at: datetime) -> None:
    """Note that somebody looked at the version in force of a route that the caller has found."""
    if route.in_force.looked_at is None:
        route.in_force.looked_at = at


def _versions(scopes: Iterable[Scope]) -> Select[VersionRecord]:
    query = select(VersionRecord).join(RouteRecord, RouteRecord.id == VersionRecord.route_id)
    return within(query.join(PersonRecord, PersonRecord.id == RouteRecord.person_id), scopes)


def versions_of(session: Session, scopes: Iterable[Scope], route_id: int) -> Sequence[VersionRecord]:
    """Return the whole versions of a route with their steps, in order."""
    query = _versions(scopes).where(VersionRecord.route_id == route_id).order_by(VersionRecord.number)
    return session.scalars(query.options(selectinload(VersionRecord.seats))).all()


def changes_since(
    session: Session, scopes: Iterable[Scope], route_id: int, lock_version: int, *, most: int
) -> list[VersionRecord]:
    """Return the newest versions of a route, in order, that came after a lock version that somebody saw."""
    query = _versions(scopes).where(VersionRecord.route_id == route_id, VersionRecord.lock_version > lock_version)
    newest = query.options(WITHOUT_ANSWER).order_by(VersionRecord.number.desc()).limit(most)
    return [*reversed(session.scalars(newest).all())]


def last_edit(session: Session, scopes: Iterable[Scope], person_id: int) -> VersionRecord | None:
    """Return the version that the last edit by hand made, of those that were not taken back, for the current route."""
    query = _versions(scopes).where(
        RouteRecord.person_id == person_id,
        RouteRecord.current,
        VersionRecord.edit.is_not(None),
        VersionRecord.undone_at.is_(None),
    )
    return session.scalar(query.options(WITHOUT_ANSWER).order_by(VersionRecord.number.desc()).limit(1))


def take_back(session: Session, scopes: Iterable[Scope], version: VersionRecord, at: datetime) -> Overrides:
    """Mark the edit of a version as taken back, and return what was asked by hand before it."""
    version.undone_at = at
    query = _versions(scopes).where(VersionRecord.route_id == version.route_id, VersionRecord.number < version.number)
    before = session.scalar(query.options(WITHOUT_ANSWER).order_by(VersionRecord.number.desc()).limit(1))
    return Overrides() if before is None or before.overrides is None else overrides_from_json(before.overrides)


def overrides_of(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> dict[int, Overrides]:
    """Return what was asked by hand of the routes that people have now, by person; nobody of whom nothing was."""
    query = select(RouteRecord.person_id, VersionRecord.overrides).join(VersionRecord, in_force())
    query = within(query.join(PersonRecord, PersonRecord.id == RouteRecord.person_id), scopes)
    by_hand = RouteRecord.current & VersionRecord.overrides.is_not(None)
    rows = session.execute(query.where(by_hand, RouteRecord.person_id.in_(list(person_ids))))
    return {person: overrides_from_json(overrides) for person, overrides in rows if overrides is not None}


def overrides_as_json(overrides: Overrides) -> KeptOverrides:
    """Return what is asked as it is kept in JSON."""
    return {
        "hours": overrides.hours,
        "term_hours": overrides.term_hours,
        "formats": None if overrides.formats is None else list(overrides.formats),
        "from": overrides.start,
        "to": overrides.end,
        "steps": overrides.steps,
        "wishes": list(overrides.wishes),
        "fixed": list(overrides.fixed),
        "removed": [{"activity": one.activity, "comment": one.comment} for one in overrides.removed],
        "placed": [{"activity": p.activity, "day": p.day, "exact": p.exact} for p in overrides.placed],
    }


def overrides_from_json(kept: KeptOverrides) -> Overrides:
    """Return what is asked as it was kept in JSON."""
    told: KeptOverrides = with_days(kept)
    return Overrides(
        hours=told["hours"],
        term_hours=told["term_hours"],
        formats=None if told["formats"] is None else tuple(told["formats"]),
        start=told["from"],
        end=told["to"],
        steps=told["steps"],
        wishes=tuple(told["wishes"]),
        fixed=tuple(told["fixed"]),
        removed=tuple(Removed(one["activity"], one["comment"]) for one in told["removed"]),
        placed=tuple(Placement(one["activity"], one["day"], one["exact"]) for one in told["placed"]),
    )
