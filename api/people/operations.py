"""Verbs of people: the list, with what the reader's role is not shown emptied in every line."""

from dataclasses import replace

from api.access import Access, verb
from api.policy import Action, FieldGroup
from models.people import PeopleFilter
from models.people_lists import PersonLine, list_people
from models.session import Session


@verb(Action.PEOPLE_LIST, Action.PEOPLE_EXPORT)
def listed(
    session: Session,
    access: Access,
    chosen: PeopleFilter,
    *,
    territory: str | None = None,
    route_state: str = "",
    after: int | None = None,
    limit: int = 50,
) -> list[PersonLine]:
    """Return a page of the people within reach (of one territory, if one is named) as the actor is shown them."""
    lines = list_people(session, access.within(territory), chosen, route_state=route_state, after=after, limit=limit)
    return lines if access.sees_everything else [_shown(line, access) for line in lines]


def _shown(line: PersonLine, access: Access) -> PersonLine:
    sight = access.sight(line.place)
    return replace(
        line,
        external_id=sight.one(FieldGroup.CONTACTS, line.external_id),
        closed=sight.one(FieldGroup.RESULTS, line.closed),
        deficits=sight.one(FieldGroup.RESULTS, line.deficits),
        heaviest=sight.one(FieldGroup.RESULTS, line.heaviest),
    )
