"""What is wrong with the pairs of a region, told pair by pair and without the arrays that they came from."""

from collections.abc import Iterator

import numpy as np

from recommender.assignment.faults import assignment_faults
from recommender.mentoring.fit import MILLION, UNPINNABLE, barriers, fit_parts, meeting_format
from recommender.mentoring.pairing import Pairing, Region
from recommender.mentoring.values import Mentee, Mentor, Pair
from recommender.route import Reason


def pairing_faults(pairing: Pairing) -> tuple[Reason, ...]:
    """Return every fault of a run; nothing with faults is to be saved. Codes stand in `mentoring.reasons`.

    The assignment is checked as rows, then that the pairs are those of the assignment, then every pair by its people:
    rules, contributions, form of meeting.
    """
    region = pairing.region
    rows = assignment_faults(
        pairing.fit,
        region.table.places,
        pairing.assignment,
        pinned=region.pinned,
        forbidden=region.forbidden,
    )
    return rows or tuple(_row_faults(pairing)) or tuple(_people_faults(pairing))


def _row_faults(pairing: Pairing) -> Iterator[Reason]:
    """Yield where the pairs that are told and the assignment, which alone was proven, differ."""
    region = pairing.region
    chosen = [(row, column) for row, column in enumerate(pairing.assignment.mentor_of.tolist()) if column >= 0]
    held = set(region.pinned)
    expected = {(region.mentees[row].key, region.mentors[column].key, (row, column) in held) for row, column in chosen}
    found = [(pair.mentee, pair.mentor, pair.pinned) for pair in pairing.pairs]
    twice = {pair for pair, other in zip(found, found[1:], strict=False) if pair == other}
    for mentee, mentor, _ in sorted(expected.symmetric_difference(found) | twice):
        yield Reason("fault_pair_row", (("mentee", mentee), ("mentor", mentor)))


def _people_faults(pairing: Pairing) -> Iterator[Reason]:
    region = pairing.region
    rows = np.array([region.mentee_rows[pair.mentee] for pair in pairing.pairs], dtype=np.int64)
    columns = np.array([region.mentor_rows[pair.mentor] for pair in pairing.pairs], dtype=np.int64)
    # One look-up for all pairs: cell by cell it takes as long as everything else together.
    built = np.rint(np.asarray(pairing.fit[rows, columns]) * MILLION).tolist() if len(rows) else []
    for pair, row, column, fit in zip(pairing.pairs, rows.tolist(), columns.tolist(), built, strict=True):
        yield from _pair_faults(region, pair, region.mentees[row], region.mentors[column], fit)


def _pair_faults(region: Region, pair: Pair, mentee: Mentee, mentor: Mentor, built: float) -> Iterator[Reason]:
    """Yield the faults of a pair by its people; `built` is the fit in millionths that the search reckoned with."""
    names = (("mentee", pair.mentee), ("mentor", pair.mentor))
    for rule in barriers(mentee, mentor, region.rules, region.neighbours):
        if not pair.pinned or rule in UNPINNABLE:
            yield Reason("fault_pair_rule", (*names, ("rule", rule)))
    parts = fit_parts(mentee, mentor, region.rules, region.neighbours)
    expected = sum(round(part.value * MILLION) for part in parts)
    if parts != pair.parts or expected != round(pair.fit * MILLION) or expected != built:
        yield Reason("fault_pair_fit", (*names, ("fit", pair.fit), ("expected", expected / MILLION)))
    if pair.format != (meeting_format(mentee, mentor, region.rules, region.neighbours) or "distance"):
        yield Reason("fault_pair_format", (*names, ("format", pair.format)))
