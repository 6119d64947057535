"""Why these pairs: the next best mentors and what they cost, why someone has none, and what a region is short of."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from recommender.assignment.flow import Ints
from recommender.assignment.sensitivity import Exchanges, next_best, prepare_exchanges
from recommender.mentoring.pairing import Pairing, Region
from recommender.mentoring.pricing import STAGES, blocks
from recommender.mentoring.remedies import remedies_of
from recommender.mentoring.table import Bools
from recommender.mentoring.values import Mentee, Mentor, NextBest, Shortage, Uncovered
from recommender.route import Reason

P = TypeVar("P", Mentee, Mentor)


def exchanges_of(pairing: Pairing) -> Exchanges:
    """Return a run ready for questions on other choices."""
    return prepare_exchanges(
        pairing.fit,
        pairing.region.table.places,
        pairing.assignment.mentor_of,
        objective=pairing.objective,
        pinned=pairing.region.pinned,
    )


def next_mentors(pairing: Pairing, exchanges: Exchanges, mentee: str, count: int = 2) -> tuple[NextBest, ...]:
    """Return the cheapest other mentors of a mentee and what each would cost the whole, among the pairs looked at.

    Raises KeyError for an unknown mentee.
    """
    row = pairing.region.mentee_rows[mentee]
    return tuple(
        NextBest(pairing.region.mentors[column].key, float(pairing.fit[row, column]), lost, loss)
        for column, lost, loss in next_best(exchanges, row, count)
    )


def uncovered(pairing: Pairing, exchanges: Exchanges) -> tuple[Uncovered, ...]:
    """Return every mentee without a mentor, by key, with the reason and the cheapest remedy.

    Codes stand in `mentoring.reasons.UNCOVERED` and `REMEDIES`; a remedy is cheapest by the order of that table. Each
    is for its mentee alone: two may name the same place.
    """
    region = pairing.region
    alone = np.flatnonzero(pairing.assignment.mentor_of < 0)
    reasons = _reasons(region, alone)
    remedies = remedies_of(pairing, exchanges, reasons)
    return tuple(Uncovered(region.mentees[row].key, reasons[row], remedies[row]) for row in alone.tolist())


def _reasons(region: Region, alone: Ints) -> dict[int, Reason]:
    reasons = {row: reason for row in alone.tolist() if (reason := _own_reason(region, region.mentees[row]))}
    taking_part = int(region.table.mentors.taking_part.sum())
    marked = np.zeros(len(region.mentees), dtype=np.bool_)
    marked[alone] = True
    for block in blocks(region.table, marked):
        for at, row in enumerate(block.rows.tolist()):
            left = [taking_part, *(int(block.left[stage][at]) for stage in STAGES)]
            reasons[row] = _stage_reason(region, row, left)
    return reasons


def _own_reason(region: Region, mentee: Mentee) -> Reason | None:
    if not mentee.groups & region.rules.mentee_groups:
        return Reason("mentee_group")
    return None if mentee.consent else Reason("mentee_consent")


def _stage_reason(region: Region, row: int, left: list[int]) -> Reason:
    """Return the rule that took the last mentors away; `left` counts mentors before the first rule and after each."""
    if left[0] == 0:
        return Reason("no_mentors")
    if left[-1] > 0:
        return Reason("places_taken", (("mentors", left[-1]),))
    empty = left.index(0)
    before = ("mentors", left[empty - 1])
    mentee = region.mentees[row]
    match STAGES[empty - 1]:
        case "reach":
            return Reason("no_reach", (("municipality", mentee.municipality), before))
        case "experience":
            return Reason("no_experience", (("years", region.rules.experience_years), before))
        case "subject":
            return Reason("no_subject", (("subjects", ",".join(sorted(mentee.subjects))), before))
        case "strength":
            return Reason("no_strength", (("competency", mentee.heaviest_need), before))
    by_hand = any(banned == row for banned, _ in region.forbidden)
    return Reason("all_forbidden" if by_hand else "all_declined", (before,))


def shortages(pairing: Pairing) -> tuple[Shortage, ...]:
    """Return the competencies, municipalities and subjects with uncovered mentees, the worst of each kind first.

    Counted are people who take part in this kind of pairs; a mentor counts for a competency from the mastery at which
    the rules call him strong. People with several competencies count in each.
    """
    strong_at = pairing.region.rules.strong_at
    return (
        *_shortages(
            pairing,
            "competency",
            lambda mentee: {need.competency for need in mentee.needs},
            lambda mentor: {one.competency for one in mentor.strengths if one.mastery >= strong_at},
        ),
        *_shortages(pairing, "municipality", lambda one: {one.municipality}, lambda one: {one.municipality}),
        *_shortages(pairing, "subject", lambda one: set(one.subjects), lambda one: set(one.subjects)),
    )


def _shortages(
    pairing: Pairing, what: str, asked: Callable[[Mentee], set[str]], given: Callable[[Mentor], set[str]]
) -> Iterator[Shortage]:
    region, mentor_of = pairing.region, pairing.assignment.mentor_of
    used = np.bincount(mentor_of[mentor_of >= 0], minlength=len(region.mentors))
    free = np.maximum(region.table.places - used, 0)
    everyone = _tally(region.mentees, asked, region.table.mentees.taking_part, np.ones_like(mentor_of))
    alone = _tally(region.mentees, asked, region.table.mentees.taking_part & (mentor_of < 0), np.ones_like(mentor_of))
    helping = region.table.mentors.taking_part
    mentors = _tally(region.mentors, given, helping, np.ones_like(used))
    places = _tally(region.mentors, given, helping, region.table.places)
    left = _tally(region.mentors, given, helping, free)
    for code in sorted(alone, key=lambda code: (-alone[code], code)):
        yield Shortage(
            what, code, everyone[code], alone[code], mentors.get(code, 0), places.get(code, 0), left.get(code, 0)
        )


def _tally(people: Sequence[P], codes: Callable[[P], set[str]], marked: Bools, amounts: Ints) -> dict[str, int]:
    """Return for each code the sum of amounts over the marked people who have it."""
    sums: dict[str, int] = {}
    for row in np.flatnonzero(marked).tolist():
        for code in codes(people[row]):
            sums[code] = sums.get(code, 0) + int(amounts[row])
    return sums
