"""Verbs by hand: hold a pair, keep it out, or give a mentee another mentor at once, with the price told before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api import audit
from api.access import Access, verb
from api.errors import Conflict, NotFound
from api.mentors.pair_history import key_of
from api.mentors.region import TEAM, People, heads_of, people_for, team_mates
from api.mentors.runs.operations import OPEN_RUNS, checked_rule, run_of
from api.mentors.stored import NO_PAIR, stored_pair
from api.policy import Action
from models.mentor_runs import (
    NO_CHANGES,
    MentorRunRecord,
    PairColumns,
    RunFindings,
    RunRowRecord,
    appears_as_mentor,
    hold_run,
    rows_about,
    run_row,
)
from models.mentors import mentor_records
from models.session import Session
from recommender.mentoring.fit import mentor_places
from recommender.mentoring.participants import pair_rules
from recommender.mentoring.reasons import KeptReason
from recommender.mentoring.swaps import HandChange, Holder, changes_by_hand
from recommender.mentoring.values import Mentee, Mentor


@verb(Action.MENTORS_RUN)
def pin(session: Session, access: Access, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Hold a pair in the next run made from this one; another pin of the mentee gives way."""
    run = _changeable(session, access, run_id, mentee_id)
    named = mentor_records(session, access.within(run.territory), [mentor_id])
    if not named and not appears_as_mentor(session, run.id, mentor_id):
        raise NotFound("Такого наставника на этой территории нет.")
    _mark(run, mentee_id, mentor_id, pinned=True)
    audit.record(session, access, "mentor_run", run.id, act="pin", mentee=mentee_id, mentor=mentor_id)
    return run


@verb(Action.MENTORS_RUN)
def forbid(session: Session, access: Access, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Keep a pair out of the next run made from this one."""
    run = _changeable(session, access, run_id, mentee_id)
    _mark(run, mentee_id, mentor_id, forbidden=True)
    audit.record(session, access, "mentor_run", run.id, act="forbid", mentee=mentee_id, mentor=mentor_id)
    return run


@verb(Action.MENTORS_RUN)
def release(session: Session, access: Access, run_id: int, mentee_id: int, mentor_id: int) -> MentorRunRecord:
    """Take a pin or a ban by hand back."""
    run = _changeable(session, access, run_id, mentee_id, named=False)
    _mark(run, mentee_id, mentor_id)
    audit.record(session, access, "mentor_run", run.id, act="release", mentee=mentee_id, mentor=mentor_id)
    return run


def _mark(
    run: MentorRunRecord, mentee_id: int, mentor_id: int, *, pinned: bool = False, forbidden: bool = False
) -> None:
    """Set what holds for a pair from now on; a mentee has at most one pin."""
    pair = [mentee_id, mentor_id]
    held = [one for one in run.pinned if one != pair and not (pinned and one[0] == mentee_id)]
    banned = [one for one in run.forbidden if one != pair]
    run.pinned = sorted([*held, pair]) if pinned else held
    run.forbidden = sorted([*banned, pair]) if forbidden else banned


def _changeable(
    session: Session, access: Access, run_id: int, mentee_id: int, *, named: bool = True
) -> MentorRunRecord:
    """Return a run that may still be changed, held for this transaction; the mentee has to be in it."""
    run = run_of(session, access, run_id)
    hold_run(session, run)
    if run.state not in OPEN_RUNS:
        raise Conflict("Этот подбор уже опубликован, удалён или ещё считается: менять в нём нечего.")
    if named:
        row_of(session, access, run_id, mentee_id)
    return run


@verb(Action.MENTORS_RUN)
def row_of(session: Session, access: Access, run_id: int, mentee_id: int) -> RunRowRecord:
    """Return the row of a mentee in a run that the actor reaches."""
    row = run_row(session, access.scopes, run_id, mentee_id)
    if row is None:
        raise NotFound("Такого педагога нет в этом подборе.")
    return row


@dataclass(frozen=True)
class _Excerpt:
    """The part of a run that a change by hand looks at: its rows and the people in them, by id; bans by key."""

    rows: Mapping[int, RunRowRecord]
    mentees: Mapping[int, Mentee]
    mentors: Mapping[int, Mentor]
    forbidden: frozenset[tuple[str, str]]


@verb(Action.MENTORS_RUN)
def offers(
    session: Session, access: Access, run: MentorRunRecord, mentee_id: int, mentors: Iterable[int]
) -> dict[int, tuple[HandChange, ...]]:
    """Return for each of these mentors the ways to give him to a mentee at once, the best for the whole first.

    Fits are those of the day of the run, so that they compare with its rows. Teams go by who stands for them.
    """
    row, named = row_of(session, access, run.id, mentee_id), set(mentors)
    wanted = sorted(heads_of(session, access.within(run.territory), named) if run.kind == TEAM else named)
    table = _excerpt(session, access, run, row, wanted)
    return {mentor: _ways(run, table, row, mentor) for mentor in wanted if mentor != row.mentor_id}


def _excerpt(
    session: Session, access: Access, run: MentorRunRecord, row: RunRowRecord, wanted: Sequence[int]
) -> _Excerpt:
    territory, rule = checked_rule(run.territory, run.kind)
    scopes = access.within(run.territory)
    rows = {one.mentee_id: one for one in rows_about(session, scopes, run.id, mentors=wanted)}
    ids = {row.mentee_id, *rows, *wanted} | ({row.mentor_id} if row.mentor_id else set())
    if rule.kind == TEAM:
        ids |= {person.id for person in team_mates(session, scopes, ids)}
    day = run.computed_at.date() if run.computed_at else date.today()
    people: People = people_for(session, scopes, territory, rule, day, ids=ids)
    return _Excerpt(
        rows | {row.mentee_id: row},
        {int(mentee.key): mentee for mentee in people.mentees},
        {int(mentor.key): mentor for mentor in people.mentors},
        frozenset(people.forbidden) | {(key_of(mentee), key_of(mentor)) for mentee, mentor in run.forbidden},
    )


def _ways(run: MentorRunRecord, table: _Excerpt, row: RunRowRecord, mentor_id: int) -> tuple[HandChange, ...]:
    """Return the ways for one mentor, but those with a forbidden pair; who is no mentee or mentor any more has none."""
    territory, rule = checked_rule(run.territory, run.kind)
    rules = pair_rules(rule)
    mentee, wanted = table.mentees.get(row.mentee_id), table.mentors.get(mentor_id)
    former = None if row.mentor_id is None else table.mentors.get(row.mentor_id)
    if mentee is None or wanted is None or (row.mentor_id and former is None):
        return ()
    theirs = [one for one in table.rows.values() if one.mentor_id == mentor_id]
    holders = [Holder(table.mentees[one.mentee_id], one.fit) for one in theirs if one.mentee_id in table.mentees]
    ways = changes_by_hand(
        mentee,
        (former, row.fit) if former else None,
        wanted,
        holders,
        free=len(theirs) < mentor_places(wanted, rules),
        rules=rules,
        neighbours=territory.neighbours,
    )
    return tuple(way for way in ways if table.forbidden.isdisjoint((pair.mentee, pair.mentor) for pair in way.pairs))


@verb(Action.MENTORS_RUN)
def give(
    session: Session,
    access: Access,
    run_id: int,
    mentee_id: int,
    mentor_id: int,
    *,
    other_id: int | None = None,
    former_id: int | None = None,
) -> HandChange:
    """Give a mentee this mentor at once, in exchange with the other mentee if one is named, and pin the new pairs.

    `former_id` is the mentor that the person who decides has seen: where the board has changed since, nothing is done.
    """
    run = _changeable(session, access, run_id, mentee_id)
    row = row_of(session, access, run_id, mentee_id)
    session.refresh(row)
    ways = offers(session, access, run, mentee_id, [mentor_id]).get(mentor_id, ())
    other = "" if other_id is None else key_of(other_id)
    change = next((way for way in ways if way.other == other), None)
    if change is None or row.mentor_id != former_id:
        raise Conflict("Так поменять уже нельзя: пары изменились, пока вы выбирали. Посмотрите варианты снова.")
    _apply(session, access, run, change)
    audit.record(session, access, "mentor_run", run.id, act="give", mentee=mentee_id, mentor=mentor_id, other=other_id)
    return change


def _apply(session: Session, access: Access, run: MentorRunRecord, change: HandChange) -> None:
    """Write the new pairs into their rows, pin them, and count the run anew."""
    for pair in change.pairs:
        row = row_of(session, access, run.id, int(pair.mentee))
        _write(row, stored_pair(pair))
        _mark(run, int(pair.mentee), int(pair.mentor), pinned=True)
    if change.other and len(change.pairs) == 1:
        left = row_of(session, access, run.id, int(change.other))
        mentor = change.pairs[0].mentor
        _mark(run, int(change.other), int(mentor))
        remedy: KeptReason = {"code": "add_place", "mentor": mentor, "gain": left.fit}
        _write(left, {**NO_PAIR, "reason": {"code": "displaced"}, "remedy": remedy})
    run.covered, run.total = run.covered + change.coverage, run.total + change.total
    by_hand = run.answer.get("by_hand", NO_CHANGES)
    found: RunFindings = {
        **run.answer,
        # A bound holds for assignments within the rules; what lifts them may be better than it.
        "gap": max(0.0, 1 - run.total / run.bound) if run.bound > 0 else 0.0,
        "by_hand": {
            "changes": by_hand["changes"] + 1,
            "total": by_hand["total"] + change.total,
            "coverage": by_hand["coverage"] + change.coverage,
        },
    }
    run.answer = found


def _write(row: RunRowRecord, columns: PairColumns) -> None:
    """Change a row; without the next best, whose cost was counted for the pairs as they were."""
    for name, value in columns.items():
        setattr(row, name, value)
