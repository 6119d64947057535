"""Drafts of many people: whose route is left to do, and a chunk of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from api.access import Access, verb
from api.policy import Action
from api.routes.knowledge import knowledge_of
from api.routes.operations import new_version, request_of_person, sound
from models.activities import declined_of
from models.diagnostics import results_of
from models.jobs import JobRecord
from models.people import people_of
from models.programmes import help_of
from models.route_drafts import CurrentRoute, Making, current_routes, drop_drafts, people_to_draft, store_versions
from models.route_versions import overrides_of
from models.session import Session, chunks
from recommender.explanation.values import Recommendation
from recommender.knowledge import Knowledge
from recommender.overrides import Overrides
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.route import Reason, Request


@dataclass(frozen=True, slots=True)
class Drafted:
    """What became of a chunk of people: routes stored, and people whose results the core refused, with the reason."""

    stored: int
    refused: tuple[tuple[int, Reason], ...]


@verb(Action.ROUTES_DRAFT_ALL)
def people_left(session: Session, access: Access, job: JobRecord) -> Sequence[int]:
    """Return the people of a drafting job whose route it has not stored yet, in order of id."""
    named = job.arguments["people"]
    if named is None:
        return people_to_draft(session, access.within(job.territory), run=job.id, everyone=job.arguments["everyone"])
    parts = ((part, current_routes(session, access.scopes, part)) for part in chunks(sorted(named)))
    return [person for part, known in parts for person in _still_open(known, part, job.id)]


@verb(Action.ROUTES_DRAFT_ALL)
def draft_people(
    session: Session, access: Access, territory: str, ids: Sequence[int], *, on: date, run: int
) -> Drafted:
    """Draft the routes of a chunk of people; the draft of somebody without results any more is removed.

    A chunk may come twice, also to two processes at a time (a machine of several was lost): whom this run has done
    already, and whose route a person has taken over in the meantime, is left as they are.
    """
    knowledge = knowledge_of(session, territory)
    known = current_routes(session, access.scopes, ids)
    ids, reading = _still_open(known, ids, run), access.for_(Action.PERSON_READ)
    results = results_of(session, reading.scopes, ids)
    declined = declined_of(session, reading.scopes, ids)
    overrides, pairs = overrides_of(session, reading.scopes, ids), help_of(session, reading.scopes, ids)
    drafts, refused = [], []
    for person in people_of(session, reading.scopes, results):
        own, by_hand = declined.get(person.id, frozenset()), overrides.get(person.id, Overrides())
        given = pairs.get(person.id, ())
        request = request_of_person(person, results[person.id], own, knowledge, on, by_hand, given)
        found = _recommended(request, knowledge)
        if isinstance(found, Reason):
            refused.append((person.id, found))
        else:
            seen = known[person.id].lock_version if person.id in known else 0
            drafts.append(new_version(person.id, sound(found, knowledge), knowledge, by_hand, seen=seen))
    # Everything is computed before the first write: SQLite lets only one write at a time.
    drop_drafts(session, access.scopes, [person for person in ids if person not in results])
    stored = store_versions(session, access.scopes, drafts, Making(datetime.now(UTC), run=run))
    return Drafted(len(stored), tuple(refused))


def _still_open(known: Mapping[int, CurrentRoute], ids: Sequence[int], run: int) -> list[int]:
    return [person for person in ids if person not in known or known[person].may_be_drafted(run)]


def _recommended(request: Request, knowledge: Knowledge) -> Recommendation | Reason:
    """Return what the core says of a person: one whose data it refuses leaves the others as they are."""
    try:
        return recommend(request, knowledge, excluded=False)
    except Refused as refusal:
        return refusal.reason
