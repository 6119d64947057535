"""What is wrong with the pairs of a region, told pair by pair and without the arrays that they came from."""

from collections.abc import Iterator

from recommender.assignment.faults import assignment_faults
from recommender.mentoring.fit import MILLION, UNPINNABLE, barriers, fit_parts
from recommender.mentoring.pairing import Pairing
from recommender.mentoring.values import Pair
from recommender.route import Reason


def pairing_faults(pairing: Pairing) -> tuple[Reason, ...]:
    """Return every fault of a run; nothing with faults is to be saved. Codes stand in `mentoring.reasons`.

    The assignment is checked as rows, then every pair by its people: rules, contributions, places and bans by key.
    """
    region = pairing.region
    rows = assignment_faults(
        pairing.fit,
        region.table.places,
        pairing.assignment,
        pinned=region.pinned,
        forbidden=region.forbidden,
    )
    return (*rows, *(fault for pair in pairing.pairs for fault in _pair_faults(pairing, pair)))


def _pair_faults(pairing: Pairing, pair: Pair) -> Iterator[Reason]:
    region = pairing.region
    mentee = region.mentees[region.mentee_rows[pair.mentee]]
    mentor = region.mentors[region.mentor_rows[pair.mentor]]
    names = (("mentee", pair.mentee), ("mentor", pair.mentor))
    for rule in barriers(mentee, mentor, region.rules, region.neighbours):
        if not pair.pinned or rule in UNPINNABLE:
            yield Reason("fault_pair_rule", (*names, ("rule", rule)))
    parts = fit_parts(mentee, mentor, region.rules, region.neighbours)
    expected = sum(round(part.value * MILLION) for part in parts)
    built = round(float(pairing.fit[region.mentee_rows[pair.mentee], region.mentor_rows[pair.mentor]]) * MILLION)
    if parts != pair.parts or expected != round(pair.fit * MILLION) or expected != built:
        yield Reason("fault_pair_fit", (*names, ("fit", pair.fit), ("expected", expected / MILLION)))
