"""JSON of people: the list with filters, and one person."""

from flask import Blueprint, Response

from api import audit, paging, transaction
from api.access import Sight
from api.contract import Endpoint, answered
from api.door import at, require
from api.errors import InvalidInput, NotFound
from api.identity import Identity
from api.people.forms import ListedPerson, People, PeopleQuery, WholePerson
from api.people.operations import listed
from api.policy import Action, FieldGroup
from data.reference.words import compared, word
from models.people import PeopleFilter, PersonRecord, find_person
from models.people_lists import LineGone, PersonLine

bp = Blueprint("people_api", __name__, url_prefix="/api/v1")


@bp.get("/people")
@Endpoint("Педагоги с их самыми тяжёлыми дефицитами", query=PeopleQuery, answer=People)
def people(query: PeopleQuery) -> Response:
    entered, session = require(Action.PEOPLE_LIST), transaction.session()
    chosen, limit = _filter(query, entered.actor), query.limit + 1
    try:
        lines = listed(
            session,
            entered,
            chosen,
            territory=query.territory,
            route_state=query.route_state,
            after=query.cursor,
            limit=limit,
        )
    except LineGone as gone:
        raise InvalidInput(
            "Педагога, после которого начинается эта страница, в списке больше нет: начните список сначала.",
            field="cursor",
        ) from gone
    page = paging.cut(lines, query.limit, lambda line: (line.id,))
    audit.record(session, entered, "person", None, count=len(page.items))
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


def _listed(line: PersonLine) -> ListedPerson:
    return {
        "id": line.id,
        "full_name": line.full_name,
        "external_id": line.external_id,
        "kind": line.kind,
        "position": line.position,
        "subjects": line.subjects,
        "organisation": line.organisation,
        "municipality": line.municipality,
        "route_id": line.route_id,
        "route_state": line.route_state,
        "closed": line.closed,
        "hours": line.hours,
        "deficits": line.deficits,
        "kind_text": word("person_kind", line.kind),
        "heaviest": line.heaviest or [],
    }


@bp.get("/people/<row:person_id>")
@Endpoint("Один педагог", answer=WholePerson)
def person(person_id: int) -> Response:
    session, entered = at(Action.PERSON_READ)
    found = find_person(session, entered.scopes, person_id)
    if found is None:
        raise NotFound("Такого педагога нет.")
    audit.record(session, entered, "person", found.id)
    return answered(_whole(found, entered.sight(found.place)))


def _whole(person: PersonRecord, sight: Sight) -> WholePerson:
    return {
        "id": person.id,
        "territory": person.territory,
        "full_name": person.full_name,
        "external_id": sight.one(FieldGroup.CONTACTS, person.external_id),
        "birth_year": sight.one(FieldGroup.CONTACTS, person.birth_year),
        "kind": person.kind,
        "position": person.position,
        "subjects": person.subjects,
        "organisation": person.organisation,
        "municipality": person.municipality,
        "experience_years": person.experience_years,
        "qualification": person.qualification,
        "birth_date": sight.one(FieldGroup.CONTACTS, person.birth_date),
        "work_started": person.work_started,
        "kind_text": word("person_kind", person.kind),
        "qualification_text": word("qualification", person.qualification) if person.qualification else "",
    }
