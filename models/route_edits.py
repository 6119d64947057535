"""Edits of routes by hand, in order, each with all that was asked of the route after it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.people import PersonRecord
from models.records import Record
from models.routes import RouteRecord, current_route
from models.scope import Scope, within
from models.session import Session
from recommender.overrides import Overrides, Removed
from recommender.route import Placement


class RouteEditRecord(Record):
    """One edit of a route. `edit` is what was done, `overrides` all that is asked since then: the newest one counts,
    and taking an edit back removes it."""

    __tablename__ = "route_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None]
    edit: Mapped[dict[str, Any]]
    overrides: Mapped[dict[str, Any]] = mapped_column("asked")


def last_edits(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> dict[int, RouteEditRecord]:
    """Return the newest edit of the routes that people have now, by person; nobody without one."""
    newer = aliased(RouteEditRecord)
    later = select(newer.id).where(newer.route_id == RouteEditRecord.route_id, newer.id > RouteEditRecord.id)
    query = (
        select(RouteRecord.person_id, RouteEditRecord)
        .join(RouteRecord, RouteRecord.id == RouteEditRecord.route_id)
        .join(PersonRecord, PersonRecord.id == RouteRecord.person_id)
        .where(RouteRecord.current, RouteRecord.person_id.in_(list(person_ids)), ~later.exists())
    )
    return dict(session.execute(within(query, scopes)).all())


def overrides_of(session: Session, scopes: Iterable[Scope], person_ids: Iterable[int]) -> dict[int, Overrides]:
    """Return what was asked by hand of the routes that people have now, by person; nobody of whom nothing was."""
    return {
        person: overrides_from_json(edit.overrides) for person, edit in last_edits(session, scopes, person_ids).items()
    }


def held_route(session: Session, scopes: Iterable[Scope], person_id: int) -> RouteRecord | None:
    """Return the route that a person has now, and let nobody else change it before the end of the transaction."""
    route = current_route(session, scopes, person_id)
    if route is not None:
        session.refresh(route, with_for_update=True)
    return route


def add_edit(
    session: Session,
    route_id: int,
    edit: Mapping[str, Any],
    overrides: Overrides,
    *,
    at: datetime,
    account_id: int | None,
) -> None:
    """Note an edit of a route with all that is asked of it since then."""
    told = overrides_as_json(overrides)
    session.add(RouteEditRecord(route_id=route_id, at=at, account_id=account_id, edit=dict(edit), overrides=told))
    session.flush()


def drop_edit(session: Session, edit: RouteEditRecord) -> None:
    """Remove an edit that was taken back."""
    session.delete(edit)
    session.flush()


def overrides_as_json(overrides: Overrides) -> dict[str, Any]:
    """Return what is asked as it is kept in JSON."""
    return {
        "hours": overrides.hours,
        "term_hours": overrides.term_hours,
        "formats": None if overrides.formats is None else list(overrides.formats),
        "from": None if overrides.start is None else overrides.start.isoformat(),
        "to": None if overrides.end is None else overrides.end.isoformat(),
        "steps": overrides.steps,
        "wishes": list(overrides.wishes),
        "fixed": list(overrides.fixed),
        "removed": [{"activity": one.activity, "comment": one.comment} for one in overrides.removed],
        "placed": [{"activity": p.activity, "day": p.day.isoformat(), "exact": p.exact} for p in overrides.placed],
    }


def overrides_from_json(told: Mapping[str, Any]) -> Overrides:
    """Return what is asked as it was kept in JSON."""
    return Overrides(
        hours=told["hours"],
        term_hours=told["term_hours"],
        formats=None if told["formats"] is None else tuple(told["formats"]),
        start=_day(told["from"]),
        end=_day(told["to"]),
        steps=told["steps"],
        wishes=tuple(told["wishes"]),
        fixed=tuple(told["fixed"]),
        removed=tuple(Removed(one["activity"], one["comment"]) for one in told["removed"]),
        placed=tuple(Placement(p["activity"], date.fromisoformat(p["day"]), p["exact"]) for p in told["placed"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
