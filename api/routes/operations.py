"""Verbs of routes: recommend without storing, draft one or many, decline an activity, ask why not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from api import audit
from api.access import Access, about, verb
from api.errors import Conflict, InvalidInput, NotFound
from api.policy import About, Action, FieldGroup
from api.routes.knowledge import knowledge_of
from models.activities import declined_of, find_activity, put_declined
from models.careers import is_young
from models.diagnostics import results_of
from models.jobs import DRAFT_ROUTES, JobArguments, JobRecord, ask_drafts, find_job, queue_again
from models.people import PersonRecord, find_person
from models.programmes import Help, help_of
from models.route_drafts import DeficitColumns, Making, NewVersion, SeatColumns, store_versions
from models.route_versions import overrides_of
from models.routes import Heaviest, RouteRecord, find_route, held_route
from models.scope import Scope
from models.session import Session
from recommender.activity import Activity
from recommender.catalogue import build_catalogue
from recommender.diagnostics import DiagnosticResult, Person
from recommender.explanation.answer import answer
from recommender.explanation.forms import DeficitAnswer, ExplainedAnswer, StepAnswer
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.lifecycle import may_be_recomposed
from recommender.mentor_gains import mentoring_gains
from recommender.overrides import KeptEdit, Overrides, without
from recommender.recommendation import recommend
from recommender.route import Deficit, Mentoring, Reason, Request, Step
from recommender.verification.route_faults import route_faults
from recommender.why_not import why_not

DECLINE_REASONS: Final = ("no_time", "taken", "far", "subject", "other")
HEAVIEST: Final = 3


class FaultyRoute(RuntimeError):
    """A computed route breaks a rule: nothing of it is stored or shown. This is an error of the service."""


def recommend_stateless(
    session: Session, territory: str, request: Request, activities: Sequence[Activity] | None = None
) -> ExplainedAnswer:
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


@verb(Action.PERSON_READ)
def question_of(
    session: Session,
    access: Access,
    person: PersonRecord,
    *,
    on: date | None = None,
    overrides: Overrides | None = None,
) -> Request:
    """Return the question that a stored person's data make today, or on the given day.

    Without `overrides` it is what was asked by hand of the route that the person has.
    """
    access.sight(person.place).need(FieldGroup.RESULTS)
    results = results_of(session, access.scopes, [person.id]).get(person.id, ())
    declined = declined_of(session, access.scopes, [person.id]).get(person.id, frozenset())
    if overrides is None:
        overrides = overrides_of(session, access.scopes, [person.id]).get(person.id, Overrides())
    knowledge = knowledge_of(session, person.territory)
    pairs = help_of(session, access.scopes, [person.id]).get(person.id, ())
    return request_of_person(person, results, declined, knowledge, on or date.today(), overrides, pairs)


def request_of_person(
    person: PersonRecord,
    results: tuple[DiagnosticResult, ...],
    declined: frozenset[str],
    knowledge: Knowledge,
    on: date,
    overrides: Overrides,
    pairs: Sequence[Help] = (),
) -> Request:
    """Return the question that a stored person's data make, with what was asked by hand as far as it still applies."""
    territory = knowledge.territory
    overrides = overrides.still(knowledge.catalogue.position, on)
    return Request(
        person=Person(
            kind=person.kind,
            subjects=tuple(person.subjects),
            municipality=person.municipality,
            young=is_young(person, territory.young, on),
            declined=declined,
        ),
        results=results,
        wishes=overrides.wishes,
        limits=overrides.limits(territory.route, on),
        on=on,
        fixed=overrides.fixed,
        forbidden=overrides.forbidden,
        placed=overrides.placed,
        mentoring=tuple(
            Mentoring(
                str(pair.pair_id), pair.kind, pair.starts, pair.ends, mentoring_gains(pair.competencies, territory)
            )
            for pair in pairs
        ),
    )


@verb(Action.ROUTE_DRAFT)
def draft_route(
    session: Session, access: Access, person_id: int, *, overrides: Overrides | None = None, on: date | None = None
) -> RouteRecord:
    """Draft the route of one person anew; a route that is no draft any more stays as it is.

    What was asked of it by hand still holds; `overrides` takes the place of that, and can be taken back like an edit.
    """
    person = person_of(session, access, person_id)
    known = held_route(session, access.scopes, person_id)
    if known is not None and not may_be_recomposed(known.state):
        raise Conflict("Маршрут уже согласуется или выполняется, поэтому заново он не составляется.")
    edit: KeptEdit | None = None if overrides is None else {"kind": "draft"}
    if overrides is None:
        overrides = overrides_of(session, access.scopes, [person_id]).get(person_id, Overrides())
    found, knowledge = composed(session, access.for_(Action.PERSON_READ), person, overrides=overrides, on=on)
    made = new_version(person_id, found, knowledge, overrides, seen=0 if known is None else known.lock_version)
    route = store_route(session, access, made, edit=edit)
    audit.record(session, access, "person", person_id, route=route.id)
    return route


@verb(Action.PERSON_READ)
def composed(
    session: Session, access: Access, person: PersonRecord, *, overrides: Overrides, on: date | None = None
) -> tuple[Recommendation, Knowledge]:
    """Return what would be drafted for a person, and what it was computed from."""
    knowledge = knowledge_of(session, person.territory)
    question = question_of(session, access, person, on=on, overrides=overrides)
    return sound(recommend(question, knowledge, excluded=False), knowledge), knowledge


@verb(Action.ROUTE_DRAFT, Action.ROUTE_EDIT)
def store_route(
    session: Session,
    access: Access,
    made: NewVersion,
    *,
    edit: KeptEdit | None = None,
    undoes: int | None = None,
) -> RouteRecord:
    """Store a new version of a route that the caller holds, and return the route."""
    making = Making(datetime.now(UTC), access.actor.account_id, edit=edit, undoes=undoes)
    ids = store_versions(session, access.scopes, [made], making)
    route = find_route(session, access.scopes, ids[made.person_id])
    assert route is not None
    return route


@verb(*about(About.PERSON))
def person_of(session: Session, access: Access, person_id: int) -> PersonRecord:
    """Return a person within reach; whom the actor may not even know of is not found."""
    person = find_person(session, access.scopes, person_id)
    if person is None:
        raise NotFound("Такого педагога нет.")
    return person


def new_version(
    person_id: int, found: Recommendation, knowledge: Knowledge, overrides: Overrides, *, seen: int
) -> NewVersion:
    """Return a recommendation as the rows of a version; its steps carry their own part of the answer."""
    told, route = answer(found, knowledge), found.route
    pairs = enumerate(zip(route.steps, told["route"]["steps"], strict=True))
    return NewVersion(
        person_id=person_id,
        seen=seen,
        overrides=overrides,
        answer=told,
        columns={
            "value": route.certificate.value,
            "bound": route.certificate.bound,
            "hours": told["route"]["hours"],
            "closed": told["route"]["closed"],
            "deficits": len(told["deficits"]),
            "heaviest": [_heavy(deficit) for deficit in told["deficits"][:HEAVIEST]],
        },
        seats=tuple((step.activity, _new_seat(place, step, own)) for place, (step, own) in pairs),
        deficits=tuple(_new_deficit(place, one, route.closed) for place, one in enumerate(found.deficits)),
    )


def _heavy(deficit: DeficitAnswer) -> Heaviest:
    """Return what a list of people says of a deficit."""
    return {
        "competency": deficit["competency"],
        "title": deficit["title"],
        "percent": deficit["percent"],
        "weight": deficit["weight"],
    }


def _new_seat(place: int, step: Step, told: StepAnswer) -> SeatColumns:
    return {
        "position": place,
        "delivery": step.delivery,
        "term": step.term,
        "starts": step.starts,
        "ends": step.ends,
        "hours": step.hours,
        "answer": told,
    }


def _new_deficit(place: int, deficit: Deficit, closed: Mapping[str, float]) -> DeficitColumns:
    return {
        "position": place,
        "competency": deficit.competency,
        "mastery": deficit.mastery,
        "uncertainty": deficit.uncertainty,
        "target": deficit.target,
        "loss": deficit.weight * deficit.gap,
        "closed_promised": closed.get(deficit.competency, 0.0),
        "below": None,
        "closed_confirmed": None,
        "closed_measured": None,
    }


@verb(Action.ROUTES_DRAFT_ALL)
def request_drafts(
    session: Session,
    access: Access,
    territory: str,
    *,
    people: Sequence[int] | None = None,
    everyone: bool = False,
    queued: bool = True,
) -> JobRecord:
    """Ask for the drafts of a territory: of the named people, of everyone, or of those who have none."""
    access.require(Scope(territory))
    job = ask_drafts(
        session,
        territory,
        at=datetime.now(UTC),
        account_id=access.actor.account_id,
        people=people,
        everyone=everyone,
        queued=queued,
    )
    audit.record(session, access, "territory", None, territory=territory, job=job.id)
    return job


@verb(Action.ROUTES_DRAFT_ALL)
def resume_drafts(session: Session, access: Access, job_id: int) -> JobRecord:
    """Let drafting that failed go on with the people who are left, as of today and for whoever asks now."""
    job = find_job(session, job_id)
    if job is None or job.kind != DRAFT_ROUTES:
        raise NotFound("Такого задания нет.")
    access.require(job.place)
    arguments: JobArguments = {**job.arguments, "on": date.today().isoformat()}
    if not queue_again(session, job, arguments, account_id=access.actor.account_id):
        raise Conflict("Эти маршруты уже готовятся.")
    audit.record(session, access, "territory", None, territory=job.territory, job=job.id)
    return job


@verb(Action.ROUTE_DECLINE)
def decline_activity(
    session: Session, access: Access, person_id: int, activity: str, *, reason: str
) -> RouteRecord | None:
    """Note that an activity does not suit a person, and draft the route without it where there is a draft."""
    person = person_of(session, access, person_id)
    if reason not in DECLINE_REASONS:
        raise InvalidInput("Выберите причину из списка.", field="reason")
    if find_activity(session, person.territory, activity) is None:
        raise NotFound(f"Мероприятия {activity} в каталоге нет.")
    put_declined(session, person_id, activity, reason, date.today())
    audit.record(session, access, "person", person_id, activity=activity, reason=reason)
    known = held_route(session, access.scopes, person_id)
    if known is None or not may_be_recomposed(known.state):
        return None
    overrides = overrides_of(session, access.scopes, [person_id]).get(person_id, Overrides())
    released = without(overrides, activity)
    drafting = access.for_(Action.ROUTE_DRAFT)
    return draft_route(session, drafting, person_id, overrides=None if released == overrides else released)


@verb(Action.ROUTE_READ)
def why_not_of(session: Session, access: Access, person_id: int, activity: str) -> Reason:
    """Tell why an activity of the catalogue is not in the route of a person as it would be drafted now."""
    person = person_of(session, access, person_id)
    if find_activity(session, person.territory, activity) is None:
        raise NotFound(f"Мероприятия {activity} в каталоге нет.")
    question = question_of(session, access.for_(Action.PERSON_READ), person)
    return why_not(question, knowledge_of(session, person.territory), activity)
