"""JSON of people: the list with filters, and one person."""

from typing import Any

from flask import Blueprint, Response

from api import audit, paging, transaction
from api.contract import Endpoint, answered
from api.errors import InvalidInput, NotFound
from api.identity import Identity
from api.people.forms import People, PeopleQuery, WholePerson
from api.permissions import asking, require, scopes
from data.reference.words import compared, word
from models.people import PeopleFilter, PersonRecord, find_person
from models.people_lists import LineGone, PersonLine, list_people

bp = Blueprint("people_api", __name__, url_prefix="/api/v1")


@bp.get("/people")
@Endpoint("Педагоги с их самыми тяжёлыми дефицитами", query=PeopleQuery, answer=People)
def people(query: PeopleQuery) -> Response:
    actor, session = require("people.list"), transaction.session()
    reach = [scope for scope in scopes(actor, "people.list") if query.territory in (None, scope.territory)]
    chosen, limit = _filter(query, actor), query.limit + 1
    try:
        lines = list_people(session, reach, chosen, route_state=query.route_state, after=query.cursor, limit=limit)
    except LineGone as gone:
        raise InvalidInput(
            "Педагога, после которого начинается эта страница, в списке больше нет: начните список сначала.",
            field="cursor",
        ) from gone
    page = paging.cut(lines, query.limit, lambda line: (line.id,))
    audit.record(session, actor, "people.list", "person", None, count=len(page.items))
    return answered({"items": [_listed(line) for line in page.items], "next": page.next})


def _filter(query: PeopleQuery, actor: Identity) -> PeopleFilter:
    return PeopleFilter(
        search=compared(query.q),
        municipality=query.municipality,
        organisation_key=compared(query.organisation),
        subject=compared(query.subject),
        kind=query.kind or "",
        tutor_id=actor.account_id if query.mine else None,
    )


def _listed(line: PersonLine) -> dict[str, Any]:
    names = ("id", "full_name", "external_id", "kind", "position", "subjects", "organisation", "municipality")
    route = ("route_id", "route_state", "closed", "hours", "deficits")
    return {
        **{name: getattr(line, name) for name in (*names, *route)},
        "kind_text": word("person_kind", line.kind),
        "heaviest": line.heaviest or [],
    }


@bp.get("/people/<row:person_id>")
@Endpoint("Один педагог", answer=WholePerson)
def person(person_id: int) -> Response:
    actor, session = asking(), transaction.session()
    found = find_person(session, scopes(actor, "person.read"), person_id)
    if found is None:
        raise NotFound("Такого педагога нет.")
    audit.record(session, actor, "person.read", "person", found.id)
    return answered(_whole(found))


def _whole(person: PersonRecord) -> dict[str, Any]:
    names = ("id", "territory", "full_name", "external_id", "birth_year", "kind", "position", "subjects")
    more = ("organisation", "municipality", "experience_years", "qualification")
    dates = {name: getattr(person, name) for name in ("birth_date", "work_started")}
    return {
        **{name: getattr(person, name) for name in (*names, *more)},
        **{name: None if day is None else day.isoformat() for name, day in dates.items()},
        "kind_text": word("person_kind", person.kind),
        "qualification_text": word("qualification", person.qualification) if person.qualification else "",
    }
