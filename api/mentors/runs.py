"""Verbs of runs: ask for the best pairs of a territory, compute them, look, change by hand, publish or throw away."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from api import audit
from api.errors import Conflict, InvalidInput, NotFound
from api.identity import Identity
from api.mentors.region import People, Progress, key_of, people_for, rule_of
from api.mentors.told import told
from models.jobs import add_job, find_job
from models.mentor_runs import (
    COMPUTED,
    DROPPED,
    PUBLISHED,
    QUEUED,
    VIEWED,
    MentorRunRecord,
    RunRowRecord,
    appears_as_mentor,
    find_run,
    insert_run_rows,
    proposed_rows,
    run_row,
)
from models.mentors import mentor_records
from models.pairs import PROPOSED, AlreadyPaired, insert_pairs, open_mentees
from models.scope import Scope
from models.session import Session
from recommender.mentors import OBJECTIVES, assignment_faults
from recommender.mentors_explain import exchanges_of, next_mentors, shortages, uncovered
from recommender.mentors_pairing import Pairing, assign
from recommender.mentors_people import pair_rules
from recommender.mentors_values import Pair, PinConflict, Uncovered
from recommender.territory import MentoringRule, Territory

COMPUTE_PAIRS: Final = "compute_pairs"
OPEN_RUNS: Final = (COMPUTED, VIEWED)


class FaultyAssignment(RuntimeError):
    """A computed assignment breaks a rule: nothing of it is stored. This is an error of the service."""


def request_run(
    session: Session,
    actor: Identity,
    *,
    territory: str,
    kind: str,
    objective: str = "coverage",
    earlier_id: int | None = None,
    queued: bool = True,
) -> MentorRunRecord:
    """Ask for a run; one made from an earlier run keeps what was pinned and forbidden there by hand."""
    _checked_rule(territory, kind)
    if objective not in OBJECTIVES:
        raise InvalidInput(f"Цели «{objective}» нет; есть {', '.join(OBJECTIVES)}.", field="objective")
    earlier = None if earlier_id is None else run_of(session, actor, earlier_id)
    if earlier is not None and (earlier.territory, earlier.kind) != (territory, kind):
        raise InvalidInput("Прошлый подбор был для других пар.", field="earlier")
    now = datetime.now(UTC)
    run = MentorRunRecord(
        territory=territory,
        kind=kind,
        objective=objective,
        earlier_id=earlier_id,
        account_id=actor.account_id,
        created_at=now,
        # Pins of a published run are pairs by now, and a mentee with a pair is in no further run.
        pinned=[] if earlier is None or earlier.state == PUBLISHED else list(earlier.pinned),
        forbidden=[] if earlier is None else list(earlier.forbidden),
    )
    session.add(run)
    session.flush()
    job = add_job(
        session,
        COMPUTE_PAIRS,
        {"run": run.id},
        at=now,
        territory=territory,
        account_id=actor.account_id,
        queued=queued,
    )
    run.job_id = job.id
    audit.record(session, actor, "mentors.run", "mentor_run", run.id, kind=kind, objective=objective)
    return run


def compute_run(
    session: Session, actor: Identity, run_id: int, *, on: date | None = None, progress: Progress | None = None
) -> MentorRunRecord:
    """Compute a queued run and store its pairs, who is left without one and why, and what the region lacks."""
    run = run_of(session, actor, run_id)
    if run.state != QUEUED:
        raise Conflict("Этот подбор уже рассчитан.")
    territory, rule = _checked_rule(run.territory, run.kind)
    people = people_for(session, territory, rule, on or date.today(), progress)
    pairing = _pairing(run, people, territory, rule)
    alone = uncovered(pairing, exchanges_of(pairing))
    insert_run_rows(session, _rows(run.id, pairing, alone))
    certificate = pairing.assignment.certificate
    run.covered, run.mentees = certificate.coverage, len(people.mentees)
    run.total, run.bound = certificate.value, certificate.bound
    run.answer = {
        "mentors": len(people.mentors),
        "places": int(pairing.region.table.places.sum()),
        "coverage_bound": certificate.coverage_bound,
        "worst": certificate.worst,
        "gap": certificate.gap,
        "rounds": pairing.rounds,
        "shortages": [told(shortage) for shortage in shortages(pairing)],
    }
    run.state, run.computed_at = COMPUTED, datetime.now(UTC)
    return run


def _pairing(run: MentorRunRecord, people: People, territory: Territory, rule: MentoringRule) -> Pairing:
    pinned = {*people.pinned, *((key_of(mentee), key_of(mentor)) for mentee, mentor in run.pinned)}
    forbidden = {*people.forbidden, *((key_of(mentee), key_of(mentor)) for mentee, mentor in run.forbidden)}
    rules = pair_rules(rule)
    try:
        pairing = assign(
            people.mentees,
            people.mentors,
            rules,
            territory.neighbours,
            objective=run.objective,
            pinned=pinned - forbidden,
            forbidden=forbidden,
        )
    except PinConflict as conflict:
        raise Conflict(_conflict_sentence(conflict)) from conflict
    region = pairing.region
    faults = assignment_faults(
        pairing.fit, region.table.places, pairing.assignment, pinned=region.pinned, forbidden=region.forbidden
    )
    if faults:
        raise FaultyAssignment(", ".join(sorted({fault.code for fault in faults})))
    return pairing


CONFLICTS: Final = {
    "pinned_twice": "За одним педагогом закреплены два наставника. Снимите одно закрепление и запустите подбор снова.",
    "pinned_beyond_places": "За наставником закреплено больше педагогов, чем у него мест.",
    "pinned_and_forbidden": "Одна и та же пара закреплена и запрещена. Уберите одно из двух.",
    "pinned_unknown": "Закреплён человек, которого нет в этом подборе: у него уже есть пара или он исключён.",
    "pinned_barred": "Закреплённая пара невозможна: нет согласия или один из двоих отказался.",
}


def _conflict_sentence(conflict: PinConflict) -> str:
    return CONFLICTS[conflict.reason.code]


def _rows(run_id: int, pairing: Pairing, alone: Sequence[Uncovered]) -> list[dict[str, Any]]:
    exchanges = exchanges_of(pairing)
    covered = [_pair_row(run_id, pair, next_mentors(pairing, exchanges, pair.mentee)) for pair in pairing.pairs]
    left = [
        {**_EMPTY, "run_id": run_id, "mentee_id": int(one.mentee), "reason": told(one.reason)}
        | {"remedy": told(one.remedy)}
        for one in alone
    ]
    return covered + left


_EMPTY: Final[dict[str, Any]] = {
    "mentor_id": None,
    "pinned": False,
    "fit": 0.0,
    "format": "",
    "parts": [],
    "following": [],
    "reason": None,
    "remedy": None,
}


def _pair_row(run_id: int, pair: Pair, following: Sequence[Any]) -> dict[str, Any]:
    return {
        **_EMPTY,
        "run_id": run_id,
        "mentee_id": int(pair.mentee),
        "mentor_id": int(pair.mentor),
        "pinned": pair.pinned,
        "fit": pair.fit,
        "format": pair.format,
        "parts": [told(part) for part in pair.parts],
        "following": [{**told(other), "mentor": int(other.mentor)} for other in following],
    }


def look_at(session: Session, actor: Identity, run_id: int) -> MentorRunRecord:
    """Return a run and note that a person has looked at it: only such a run may be published."""
    run = run_of(session, actor, run_id)
    if run.state == COMPUTED:
        run.state = VIEWED
        audit.record(session, actor, "mentors.view", "mentor_run", run.id)
    return run


def pin(session: Session, actor: Identity, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Hold a pair in the next run made from this one; another pin of the mentee gives way."""
    run = _changeable(session, actor, run_id, mentee_id)
    named = mentor_records(session, [Scope(run.territory, person_id=mentor_id)])
    if not named and not appears_as_mentor(session, run.id, mentor_id):
        raise NotFound("Такого наставника на этой территории нет.")
    pair = [mentee_id, mentor_id]
    run.pinned = sorted([*(held for held in run.pinned if held[0] != mentee_id), pair])
    run.forbidden = [banned for banned in run.forbidden if banned != pair]
    audit.record(session, actor, "mentors.pin", "mentor_run", run.id, mentee=mentee_id, mentor=mentor_id)
    return run


def forbid(session: Session, actor: Identity, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Keep a pair out of the next run made from this one."""
    run = _changeable(session, actor, run_id, mentee_id)
    pair = [mentee_id, mentor_id]
    run.pinned = [held for held in run.pinned if held != pair]
    run.forbidden = sorted([*(banned for banned in run.forbidden if banned != pair), pair])
    audit.record(session, actor, "mentors.forbid", "mentor_run", run.id, mentee=mentee_id, mentor=mentor_id)
    return run


def release(session: Session, actor: Identity, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Take a pin or a ban by hand back."""
    run = _changeable(session, actor, run_id, mentee_id)
    pair = [mentee_id, mentor_id]
    run.pinned = [held for held in run.pinned if held != pair]
    run.forbidden = [banned for banned in run.forbidden if banned != pair]
    audit.record(session, actor, "mentors.release", "mentor_run", run.id, mentee=mentee_id, mentor=mentor_id)
    return run


def _changeable(session: Session, actor: Identity, run_id: int, mentee_id: int) -> MentorRunRecord:
    run = run_of(session, actor, run_id)
    if run.state not in OPEN_RUNS:
        raise Conflict("Этот подбор уже опубликован, удалён или ещё считается: менять в нём нечего.")
    _row_of(session, actor, run_id, mentee_id)
    return run


def _row_of(session: Session, actor: Identity, run_id: int, mentee_id: int) -> RunRowRecord:
    row = run_row(session, actor.scopes, run_id, mentee_id)
    if row is None:
        raise NotFound("Такого педагога нет в этом подборе.")
    return row


def publish_run(session: Session, actor: Identity, run_id: int, *, on: date | None = None) -> int:
    """Open the pairs of a run as proposals, all or none, and return how many there are.

    A mentee who got a pair since the run was computed stops it: the run no longer shows what would happen.
    """
    run = run_of(session, actor, run_id)
    if run.state != VIEWED:
        raise Conflict("Опубликовать можно только рассчитанный и просмотренный подбор.")
    rows = proposed_rows(session, actor.scopes, run.id)
    busy = open_mentees(session, run.territory, run.kind, [row.mentee_id for row in rows])
    if busy:
        raise Conflict(f"У педагогов из подбора уже появились пары ({len(busy)}). Запустите подбор снова.")
    today = on or date.today()
    run.state, run.published_at = PUBLISHED, datetime.now(UTC)
    session.flush()
    try:
        insert_pairs(session, [_proposal(run, row, today) for row in rows])
    except AlreadyPaired:
        raise Conflict("У педагогов из подбора только что появились пары. Запустите подбор снова.") from None
    audit.record(session, actor, "mentors.publish", "mentor_run", run.id, pairs=len(rows))
    return len(rows)


def _proposal(run: MentorRunRecord, row: RunRowRecord, today: date) -> dict[str, Any]:
    return {
        "territory": run.territory,
        "kind": run.kind,
        "mentee_id": row.mentee_id,
        "mentor_id": row.mentor_id,
        "run_id": run.id,
        "state": PROPOSED,
        "fit": row.fit,
        "parts": row.parts,
        "format": row.format,
        "proposed_on": today,
    }


def drop_run(session: Session, actor: Identity, run_id: int) -> MentorRunRecord:
    """Throw a run away that was not published, or whose computation failed."""
    run = run_of(session, actor, run_id)
    if run.state not in OPEN_RUNS and not failed(session, run):
        raise Conflict("Этот подбор уже опубликован, удалён или ещё считается.")
    run.state = DROPPED
    audit.record(session, actor, "mentors.drop", "mentor_run", run.id)
    return run


def failed(session: Session, run: MentorRunRecord) -> bool:
    """Tell whether a run will never be computed, because its job ended with an error."""
    job = find_job(session, run.job_id) if run.job_id else None
    return run.state == QUEUED and job is not None and job.state == "failed"


def run_of(session: Session, actor: Identity, run_id: int) -> MentorRunRecord:
    """Return a run of a territory that one of the actor's grants reaches as a whole."""
    whole = [
        scope.territory
        for scope in actor.scopes
        if not scope.municipality and not scope.organisation_key and scope.person_id is None
    ]
    run = find_run(session, whole, run_id)
    if run is None:
        raise NotFound("Такого подбора нет.")
    return run


def _checked_rule(territory: str, kind: str) -> tuple[Territory, MentoringRule]:
    found = rule_of(territory, kind)
    if found is None:
        raise InvalidInput(f"Пар вида «{kind}» на этой территории нет.", field="kind")
    return found
