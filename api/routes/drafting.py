"""Drafts of many people: whose route is left to do, and a chunk of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from api.identity import Identity
from api.routes.knowledge import knowledge_of
from api.routes.operations import new_route, request_of_person, sound
from models.activities import declined_of
from models.diagnostics import results_of
from models.jobs import JobRecord
from models.people import people_of
from models.route_edits import asked_of
from models.routes import DRAFT, current_routes, drop_drafts, people_to_draft, store_drafts
from models.session import Session, chunks
from recommender.asking import Asked
from recommender.recommendation import Knowledge, Recommendation, recommend
from recommender.refusals import Refused
from recommender.route import Reason, Request


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a chunk of people: routes stored, and people whose results the core refused, with the reason."""

    stored: int
    refused: tuple[tuple[int, Reason], ...]


def people_left(session: Session, actor: Identity, job: JobRecord) -> Sequence[int]:
    """Return the people of a drafting job whose route it has not stored yet, in order of id."""
    scopes = [scope for scope in actor.scopes if scope.territory == job.territory]
    named = job.arguments["people"]
    if named is None:
        return people_to_draft(session, scopes, run=job.id, everyone=job.arguments["everyone"])
    done = {
        person
        for part in chunks(sorted(named))
        for person, route in current_routes(session, scopes, part).items()
        if route.state != DRAFT or route.run == job.id
    }
    return [person for person in sorted(named) if person not in done]


def draft_people(
    session: Session, actor: Identity, territory: str, ids: Sequence[int], *, on: date, run: int
) -> Drafted:
    """Draft the routes of a chunk of people; the draft of somebody without results any more is removed."""
    knowledge = knowledge_of(session, territory)
    results = results_of(session, actor.scopes, ids)
    declined = declined_of(session, actor.scopes, ids)
    asked = asked_of(session, actor.scopes, ids)
    questions = [
        (
            person.id,
            request_of_person(
                person,
                results[person.id],
                declined.get(person.id, frozenset()),
                knowledge,
                on,
                asked.get(person.id, Asked()),
            ),
        )
        for person in people_of(session, actor.scopes, ids)
        if person.id in results
    ]
    drafts, refused = [], []
    for person, request in questions:
        found = _recommended(request, knowledge)
        if isinstance(found, Reason):
            refused.append((person, found))
        else:
            drafts.append(new_route(person, sound(found, knowledge), knowledge))
    # Everything is computed before the first write: SQLite lets only one write at a time.
    drop_drafts(session, actor.scopes, [person for person in ids if person not in results])
    store_drafts(session, actor.scopes, drafts, at=datetime.now(UTC), run=run)
    return Drafted(len(drafts), tuple(refused))


def _recommended(request: Request, knowledge: Knowledge) -> Recommendation | Reason:
    """Return what the core says of a person: one whose data it refuses leaves the others as they are."""
    try:
        return recommend(request, knowledge, excluded=False)
    except Refused as refusal:
        return refusal.reason
