"""Lists of people with what they need most and how far their route is, in one select however long they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, tuple_

from models.people import PeopleFilter, PersonRecord, narrowed
from models.routes import Heaviest, RouteRecord
from models.scope import Scope, within
from models.session import Session

NO_ROUTE = "none"
"""The state by which a list asks for people who have no route."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of a list. `heaviest` are up to three deficits, heaviest first.

    The fields of the route are None where the person has none.
    """

    id: int
    full_name: str
    external_id: str | None
    kind: str
    position: str
    subjects: list[str]
    organisation: str
    organisation_key: str
    municipality: str
    territory: str
    route_id: int | None
    route_state: str | None
    route_at: datetime | None
    closed: float | None
    hours: float | None
    deficits: int | None
    heaviest: list[Heaviest] | None

    @property
    def place(self) -> Scope:
        """Where the person lies, to be compared with what a grant reaches."""
        return Scope(self.territory, self.municipality, self.organisation_key, self.id)


class LineGone(LookupError):
    """Whom a page should begin behind is nobody that may be listed."""


def list_people(
    session: Session,
    scopes: Iterable[Scope],
    chosen: PeopleFilter | None = None,
    *,
    route_state: str = "",
    after: int | None = None,
    limit: int = 50,
) -> list[PersonLine]:
    """Return people in order of name from behind the one with the id `after`.

    An id and no name, since it stands in addresses. Raises `LineGone` for one outside the scopes.
    """
    p, r = PersonRecord, RouteRecord
    person = (p.id, p.full_name, p.external_id, p.kind, p.position, p.subjects)
    place = (p.organisation, p.organisation_key, p.municipality, p.territory)
    route = (r.id, r.state, r.created_at, r.closed, r.hours, r.deficits, r.heaviest)
    query = _with_route(select(*person, *place, *route), scopes, chosen, route_state)
    if after is not None:
        query = query.where(tuple_(p.name_key, p.id) > (_name_key(session, scopes, after), after))
    rows: Sequence[Any] = session.execute(query.order_by(p.name_key, p.id).limit(limit)).all()
    return [PersonLine(*row) for row in rows]


def _name_key(session: Session, scopes: Iterable[Scope], person_id: int) -> str:
    name = session.scalar(within(select(PersonRecord.name_key), scopes).where(PersonRecord.id == person_id))
    if name is None:
        raise LineGone
    return name


def count_lines(
    session: Session, scopes: Iterable[Scope], chosen: PeopleFilter | None = None, *, route_state: str = ""
) -> int:
    """Return how many people the list has in all."""
    query = _with_route(select(func.count(PersonRecord.id)), scopes, chosen, route_state)
    return session.scalar(query) or 0


def _with_route(query: Any, scopes: Iterable[Scope], chosen: PeopleFilter | None, route_state: str) -> Any:
    mine = and_(RouteRecord.person_id == PersonRecord.id, RouteRecord.current)
    query = query.select_from(PersonRecord).outerjoin(RouteRecord, mine)
    query = narrowed(within(query, scopes), chosen or PeopleFilter())
    if route_state == NO_ROUTE:
        return query.where(RouteRecord.id.is_(None))
    return query.where(RouteRecord.state == route_state) if route_state else query
