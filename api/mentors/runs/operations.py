"""Verbs of runs: ask for the best pairs of a territory, compute them, look, change by hand, publish or throw away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, cast

from api import audit
from api.access import Access, verb
from api.errors import Conflict, InvalidInput, NotFound
from api.mentors.pair_history import key_of
from api.mentors.region import People, people_for, rule_of
from api.mentors.stored import stored_reason, stored_rows
from api.policy import Action
from data.progress import Progress
from models.jobs import add_job, find_job
from models.mentor_runs import (
    COMPUTED,
    DROPPED,
    PUBLISHED,
    QUEUED,
    VIEWED,
    MentorRunRecord,
    RunRowRecord,
    find_run,
    hold_run,
    insert_run_rows,
    proposed_rows,
)
from models.pairs import PROPOSED, AlreadyPaired, NewPair, PairRecord, close_pairs, insert_pairs, open_pairs
from models.scope import Scope
from models.session import Session
from recommender.assignment.values import PinConflict
from recommender.mentoring.explanations import shortages
from recommender.mentoring.pairing import Pairing, assign
from recommender.mentoring.pairing_faults import pairing_faults
from recommender.mentoring.participants import pair_rules
from recommender.mentoring.values import KeptShortage
from recommender.mentors import OBJECTIVES
from recommender.route import Reason
from recommender.territory import MentoringRule, Territory

COMPUTE_PAIRS: Final = "compute_pairs"
OPEN_RUNS: Final = (COMPUTED, VIEWED)


class PinsClash(Conflict):
    """Pins and bans cannot all hold; `reason` names the people by key, which only a page may turn into names."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(CONFLICTS[reason.code])
        self.reason = reason


class FaultyAssignment(RuntimeError):
    """Computed pairs break a rule: nothing of them is stored. This is an error of the service."""


@verb(Action.MENTORS_RUN)
def request_run(
    session: Session,
    access: Access,
    *,
    territory: str,
    kind: str,
    objective: str = "coverage",
    earlier_id: int | None = None,
    queued: bool = True,
) -> MentorRunRecord:
    """Ask for a run; one made from an earlier run keeps what was pinned and forbidden there by hand."""
    checked_rule(territory, kind)
    access.require(Scope(territory))
    if objective not in OBJECTIVES:
        raise InvalidInput(f"Цели «{objective}» нет; есть {', '.join(OBJECTIVES)}.", field="objective")
    earlier = None if earlier_id is None else run_of(session, access, earlier_id)
    if earlier is not None and (earlier.territory, earlier.kind) != (territory, kind):
        raise InvalidInput("Прошлый подбор был для других пар.", field="earlier")
    now = datetime.now(UTC)
    run = MentorRunRecord(
        territory=territory,
        kind=kind,
        objective=objective,
        earlier_id=earlier_id,
        account_id=access.actor.account_id,
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
        account_id=access.actor.account_id,
        queued=queued,
    )
    run.job_id = job.id
    audit.record(session, access, "mentor_run", run.id, kind=kind, objective=objective)
    return run


@verb(Action.MENTORS_RUN)
def compute_run(
    session: Session, access: Access, run_id: int, *, on: date | None = None, progress: Progress | None = None
) -> MentorRunRecord:
    """Compute a queued run and store its pairs, who is left without one and why, and what the region lacks."""
    run = run_of(session, access, run_id)
    if run.state != QUEUED:
        raise Conflict("Этот подбор уже рассчитан.")
    territory, rule = checked_rule(run.territory, run.kind)
    people = people_for(session, access.within(run.territory), territory, rule, on or date.today(), progress)
    pairing = _pairing(run, people, territory, rule)
    insert_run_rows(session, stored_rows(run.id, pairing))
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
        "shortages": [cast(KeptShortage, shortage._asdict()) for shortage in shortages(pairing)],
        "pins_outside": [[int(mentee), int(mentor)] for mentee, mentor in people.outside],
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
        raise PinsClash(conflict.reason) from conflict
    if faults := pairing_faults(pairing):
        raise FaultyAssignment(", ".join(sorted({fault.code for fault in faults})))
    return pairing


CONFLICTS: Final = {
    "pinned_twice": "За одним педагогом закреплены два наставника. Снимите одно закрепление и запустите подбор снова.",
    "pinned_beyond_places": "За наставником закреплено больше педагогов, чем у него мест.",
    "pinned_and_forbidden": "Одна и та же пара закреплена и запрещена. Уберите одно из двух.",
    "pinned_unknown": "Закреплён человек, которого нет в этом подборе: у него уже есть пара или он исключён.",
    "pinned_barred": "Закреплённая пара невозможна: нет согласия или один из двоих отказался.",
}


@verb(Action.MENTORS_RUN)
def note_clash(session: Session, access: Access, run_id: int, clash: PinsClash) -> None:
    """Keep whose pins cannot hold with the run that failed for them, so that its page can name the people."""
    run_of(session, access, run_id).answer = {"clash": stored_reason(clash.reason)}


@verb(Action.MENTORS_READ)
def look_at(session: Session, access: Access, run_id: int) -> MentorRunRecord:
    """Return a run and note that a person has looked at it: only such a run may be published."""
    run = run_of(session, access, run_id)
    if run.state == COMPUTED:
        run.state = VIEWED
        audit.record(session, access, "mentor_run", run.id, act="view")
    return run


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing a run does: the rows that become proposals and the old pairs that it ends; and what stops it.

    `busy` are pairs that appeared meanwhile, `unheeded` rows against which a mark was set after the run.
    """

    rows: Sequence[RunRowRecord]
    closed: Sequence[PairRecord]
    busy: Sequence[PairRecord]
    unheeded: Sequence[RunRowRecord]


@verb(Action.MENTORS_PUBLISH)
def publication_of(session: Session, access: Access, run: MentorRunRecord) -> Publication:
    """Return what publishing a run would do now.

    An open pair of a mentee that is to be replaced gives way to the new one. Another open pair appeared since the run
    was computed: the run no longer shows what would happen.
    """
    rows = proposed_rows(session, access.scopes, run.id)
    open_ones = open_pairs(session, run.territory, run.kind, [row.mentee_id for row in rows]).values()
    return Publication(
        rows,
        closed=[pair for pair in open_ones if pair.to_replace],
        busy=[pair for pair in open_ones if not pair.to_replace],
        unheeded=[row for row in rows if _against_a_mark(run, row)],
    )


def _against_a_mark(run: MentorRunRecord, row: RunRowRecord) -> bool:
    """Tell whether a row proposes a forbidden pair, or another mentor than the one who was pinned."""
    pair = [row.mentee_id, row.mentor_id]
    return pair in run.forbidden or any(held[0] == row.mentee_id and held != pair for held in run.pinned)


@verb(Action.MENTORS_PUBLISH)
def publish_run(session: Session, access: Access, run_id: int, *, on: date | None = None) -> int:
    """Open the pairs of a run as proposals and end those that they replace, all or none; return how many there are."""
    run = run_of(session, access, run_id)
    hold_run(session, run)
    if run.state != VIEWED:
        raise Conflict("Опубликовать можно только рассчитанный и просмотренный подбор.")
    made, today = publication_of(session, access, run), on or date.today()
    if made.busy:
        raise Conflict(f"У педагогов из подбора уже появились пары ({len(made.busy)}). Запустите подбор снова.")
    if made.unheeded:
        raise Conflict(f"Подбор не учитывает отметки, поставленные после него ({len(made.unheeded)}). Запустите снова.")
    if not made.rows:
        raise Conflict("В этом подборе нет ни одной пары: публиковать нечего.")
    run.state, run.published_at = PUBLISHED, datetime.now(UTC)
    reason = f"Заменена новой парой (подбор № {run.id})."
    close_pairs(session, [pair.id for pair in made.closed], on=today, reason=reason)
    try:
        insert_pairs(session, [_proposal(run, row, today) for row in made.rows])
    except AlreadyPaired:
        raise Conflict("У педагогов из подбора только что появились пары. Запустите подбор снова.") from None
    counts = {"pairs": len(made.rows), "closed": len(made.closed)}
    audit.record(session, access, "mentor_run", run.id, **counts)
    return len(made.rows)


def _proposal(run: MentorRunRecord, row: RunRowRecord, today: date) -> NewPair:
    assert row.mentor_id is not None
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


@verb(Action.MENTORS_RUN)
def drop_run(session: Session, access: Access, run_id: int) -> MentorRunRecord:
    """Throw a run away that was not published, or whose computation failed."""
    run = run_of(session, access, run_id)
    if run.state not in OPEN_RUNS and not failed(session, run):
        raise Conflict("Этот подбор уже опубликован, удалён или ещё считается.")
    run.state = DROPPED
    audit.record(session, access, "mentor_run", run.id, act="drop")
    return run


def failed(session: Session, run: MentorRunRecord) -> bool:
    """Tell whether a run will never be computed, because its job ended with an error."""
    job = find_job(session, run.job_id) if run.job_id else None
    return run.state == QUEUED and job is not None and job.state == "failed"


@verb(Action.MENTORS_READ, Action.MENTORS_RUN, Action.MENTORS_PUBLISH)
def run_of(session: Session, access: Access, run_id: int) -> MentorRunRecord:
    """Return a run of a territory that one of the actor's grants reaches as a whole."""
    run = find_run(session, access.whole, run_id)
    if run is None:
        raise NotFound("Такого подбора нет.")
    return run


def checked_rule(territory: str, kind: str) -> tuple[Territory, MentoringRule]:
    found = rule_of(territory, kind)
    if found is None:
        raise InvalidInput(f"Пар вида «{kind}» на этой территории нет.", field="kind")
    return found
