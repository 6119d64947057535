"""Verbs of routes: recommend without storing, draft one or many, decline an activity, ask why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from api import audit
from api.errors import Conflict, InvalidInput, NotFound
from api.identity import Identity
from api.routes.knowledge import knowledge_of
from data.reference import load_territory
from models.activities import declined_of, find_activity, put_declined
from models.careers import is_young
from models.diagnostics import results_of
from models.jobs import JobRecord, ask_drafts
from models.people import PersonRecord, find_person
from models.routes import (
    DRAFT,
    NewRoute,
    RouteRecord,
    current_routes,
    find_route,
    store_drafts,
)
from models.session import Session
from recommender.activity import Activity
from recommender.answer import answer
from recommender.catalogue import build_catalogue
from recommender.checking import route_faults
from recommender.diagnostics import DiagnosticResult, Person
from recommender.explanations import why_not
from recommender.recommendation import Knowledge, Recommendation, recommend
from recommender.route import Limits, Placement, Reason, Request, Step
from recommender.schedule import months_later
from recommender.territory import Territory
from recommender.vocabulary import FORMATS

DECLINE_REASONS: Final = ("no_time", "taken", "far", "subject", "other")
HEAVIEST: Final = 3


class FaultyRoute(RuntimeError):
    """A computed route breaks a rule: nothing of it is stored or shown. This is an error of the service."""


def recommend_stateless(
    session: Session, territory: str, request: Request, activities: Sequence[Activity] | None = None
) -> dict[str, Any]:
    """Answer a question that is complete in itself; nothing about the person is read or kept."""
    knowledge = knowledge_of(session, territory)
    if activities is not None:
        own = build_catalogue(activities, knowledge.framework, knowledge.territory, "request")
        knowledge = replace(knowledge, catalogue=own)
    return answer(sound(recommend(request, knowledge), knowledge), knowledge)


def sound(recommendation: Recommendation, knowledge: Knowledge) -> Recommendation:
    """Return a recommendation that the independent check finds nothing wrong with."""
    faults = route_faults(recommendation.route, recommendation.request, knowledge)
    if faults:
        raise FaultyRoute(", ".join(fault.code for fault in faults))
    return recommendation


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks of a draft beyond their results; None is what the territory's rules say."""

    limits: Limits | None = None
    wishes: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    placed: tuple[Placement, ...] = ()


def default_limits(territory: Territory, on: date) -> Limits:
    """Return the limits that hold in a territory where nobody asked for others."""
    rules = territory.route
    end = months_later(on, rules.months)
    return Limits(rules.hours, rules.term_hours, frozenset(FORMATS), on, end, rules.steps)


def question_of(
    session: Session, actor: Identity, person: PersonRecord, *, on: date | None = None, wanted: Wanted = Wanted()
) -> Request:
    """Return the question that a stored person's data make today, or on the given day."""
    results = results_of(session, actor.scopes, [person.id]).get(person.id, ())
    declined = declined_of(session, actor.scopes, [person.id]).get(person.id, frozenset())
    return request_of_person(person, results, declined, load_territory(person.territory), on or date.today(), wanted)


def request_of_person(
    person: PersonRecord,
    results: tuple[DiagnosticResult, ...],
    declined: frozenset[str],
    territory: Territory,
    on: date,
    wanted: Wanted = Wanted(),
) -> Request:
    """Return the question that a stored person's data make."""
    return Request(
        person=Person(
            kind=person.kind,
            subjects=tuple(person.subjects),
            municipality=person.municipality,
            young=is_young(person, territory.young, on),
            declined=declined,
        ),
        results=results,
        wishes=wanted.wishes,
        limits=wanted.limits or default_limits(territory, on),
        on=on,
        fixed=wanted.fixed,
        forbidden=wanted.forbidden,
        placed=wanted.placed,
    )


def draft_route(
    session: Session, actor: Identity, person_id: int, *, wanted: Wanted = Wanted(), on: date | None = None
) -> RouteRecord:
    """Draft the route of one person anew; a route that is no draft any more stays as it is."""
    person = _person(session, actor, person_id)
    known = current_routes(session, actor.scopes, [person_id]).get(person_id)
    if known is not None and known.state != DRAFT:
        raise Conflict("Маршрут уже согласуется или выполняется, поэтому заново он не составляется.")
    asked = question_of(session, actor, person, on=on, wanted=wanted)
    knowledge = knowledge_of(session, person.territory)
    found = sound(recommend(asked, knowledge, excluded=False), knowledge)
    [route_id] = store_drafts(session, actor.scopes, [new_route(person_id, found, knowledge)], at=datetime.now(UTC))
    audit.record(session, actor, "route.draft", "person", person_id, route=route_id)
    route = find_route(session, actor.scopes, route_id)
    assert route is not None
    return route


def _person(session: Session, actor: Identity, person_id: int) -> PersonRecord:
    person = find_person(session, actor.scopes, person_id)
    if person is None:
        raise NotFound("Такого педагога нет.")
    return person


def new_route(person_id: int, found: Recommendation, knowledge: Knowledge) -> NewRoute:
    """Return a recommendation as the columns of a route; its steps carry their own part of the answer."""
    told = answer(found, knowledge)
    steps = told["route"].pop("steps")
    certificate = found.route.certificate
    heaviest = [{name: d[name] for name in ("competency", "title", "percent", "weight")} for d in told["deficits"]]
    columns = {
        "value": certificate.value,
        "bound": certificate.bound,
        "hours": told["route"]["hours"],
        "closed": told["route"]["closed"],
        "deficits": len(heaviest),
        "heaviest": heaviest[:HEAVIEST],
        "answer": told,
    }
    pairs = enumerate(zip(found.route.steps, steps, strict=True))
    return NewRoute(person_id, columns, tuple(_new_step(place, step, own) for place, (step, own) in pairs))


def _new_step(place: int, step: Step, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "position": place,
        "activity": step.activity,
        "delivery": step.delivery,
        "term": step.term,
        "starts": step.starts,
        "ends": step.ends,
        "hours": step.hours,
        "answer": told,
    }


def request_drafts(
    session: Session,
    actor: Identity,
    territory: str,
    *,
    people: Sequence[int] | None = None,
    everyone: bool = False,
    queued: bool = True,
) -> JobRecord:
    """Ask for the drafts of a territory: of the named people, of everyone, or of those who have none."""
    job = ask_drafts(
        session,
        territory,
        at=datetime.now(UTC),
        account_id=actor.account_id,
        people=people,
        everyone=everyone,
        queued=queued,
    )
    audit.record(session, actor, "routes.draft", "territory", None, territory=territory, job=job.id)
    return job


def decline_activity(
    session: Session, actor: Identity, person_id: int, activity: str, *, reason: str
) -> RouteRecord | None:
    """Note that an activity does not suit a person, and draft the route without it where there is a draft."""
    person = _person(session, actor, person_id)
    if reason not in DECLINE_REASONS:
        raise InvalidInput("Выберите причину из списка.", field="reason")
    if find_activity(session, person.territory, activity) is None:
        raise NotFound(f"Мероприятия {activity} в каталоге нет.")
    put_declined(session, person_id, activity, reason, date.today())
    audit.record(session, actor, "activity.decline", "person", person_id, activity=activity, reason=reason)
    known = current_routes(session, actor.scopes, [person_id]).get(person_id)
    return None if known is None or known.state != DRAFT else draft_route(session, actor, person_id)


def why_not_of(session: Session, actor: Identity, person_id: int, activity: str) -> Reason:
    """Tell why an activity of the catalogue is not in the route of a person as it would be drafted now."""
    person = _person(session, actor, person_id)
    if find_activity(session, person.territory, activity) is None:
        raise NotFound(f"Мероприятия {activity} в каталоге нет.")
    return why_not(question_of(session, actor, person), knowledge_of(session, person.territory), activity)
