"""Prices of places: the dual of an assignment, which bounds every other one and so proves that it is the best."""

from dataclasses import dataclass
from math import fsum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.assignment.flow import Ints, Network, covering_flow, usable_places
from recommender.assignment.values import AssignmentCertificate

OBJECTIVES: Final = ("coverage", "total", "fairest")


@dataclass(frozen=True)
class Prices:
    """The dual of an assignment in units: `place` (m,) ≥ 0 is what one more place of a mentor is worth at most,
    `mentee` (n,) ≥ 0 what a mentee has beyond the price of the best place; `bound` ≥ the value of any assignment."""

    place: Ints
    mentee: Ints
    bound: int


def coverage_bonus(network: Network) -> int:
    """Return a number of units that no change of fits along a chain of exchanges can outweigh.

    A chain visits a mentor at most once, so that it changes at most m + 1 fits in each direction; twice that keeps
    a loss of coverage apart from any change of the sum.
    """
    largest = int(network.units.max()) if len(network.units) else 0
    return 2 * (network.mentors + 1) * largest + 1


def place_prices(network: Network, values: Ints, mentor_of: Ints) -> Prices:
    """Return prices that prove `mentor_of` to be the best in the sum of `values` (a,) > 0, if it is.

    The least prices p ≥ 0 with p_k ≥ value_ik − (value_ia − p_a) for each mentee i at a and each mentor k, and
    p_k ≥ value_ik for each uncovered i, are longest paths in the residual network; they are raised from 0 in the
    manner of Bellman and Ford, each time only along the arcs of mentees whose own mentor became dearer. By weak duality
    Σ max(0, max_k value_ik − p_k) + Σ places·p bounds every assignment whatever the prices are, so nothing here rests
    on the solver. Method: Bertsekas, «Network Optimization», 2.
    """
    prices = np.zeros(network.mentors, dtype=np.int64)
    own = _own_values(network, values, mentor_of)
    first = np.searchsorted(network.rows, np.arange(network.mentees + 1))
    ceiling = 2 * int(values.max(initial=0))
    moving = np.flatnonzero(network.pinned < 0)
    while len(moving):
        arcs, counts = _arcs_of(first, moving)
        # Being without a mentor is row −1, the last one, and has no price.
        kept = own[moving] - np.append(prices, 0)[mentor_of[moving]]
        raised = prices.copy()
        np.maximum.at(raised, network.columns[arcs], values[arcs] - np.repeat(kept, counts))
        dearer = raised > prices
        # Beyond the ceiling there is a circle of exchanges that gains: the assignment is not the best one.
        if raised.max(initial=0) > ceiling:
            break
        prices = raised
        moving = np.flatnonzero((network.pinned < 0) & np.append(dearer, False)[mentor_of])
    return _bounded(network, values, prices, first)


def _own_values(network: Network, values: Ints, mentor_of: Ints) -> Ints:
    own = np.zeros(network.mentees, dtype=np.int64)
    chosen = mentor_of[network.rows] == network.columns
    own[network.rows[chosen]] = values[chosen]
    return own


def _arcs_of(first: Ints, rows: Ints) -> tuple[NDArray[np.intp] | slice, Ints]:
    """Return the arcs of the rows (ascending) one after another, and how many each row has."""
    counts = first[rows + 1] - first[rows]
    if counts.sum() == first[-1]:
        # All arcs, as in the first round: a view of the arrays is enough.
        return slice(None), counts
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first[rows] - ends + counts, counts), counts


def _bounded(network: Network, values: Ints, prices: Ints, first: Ints) -> Prices:
    mentees = np.zeros(network.mentees, dtype=np.int64)
    filled = np.flatnonzero(first[1:] > first[:-1])
    if len(filled):
        best = np.maximum.reduceat(values - prices[network.columns], first[filled])
        mentees[filled] = np.maximum(best, 0)
    # Whole numbers of Python do not overflow where the sum of many large prices would.
    paid = sum(int(price) * int(places) for price, places in zip(prices, network.places, strict=True) if price)
    return Prices(prices, mentees, sum(mentees.tolist()) + paid)


def certify(network: Network, fit: csr_array, mentor_of: Ints, objective: str) -> AssignmentCertificate:
    """Return the certificate of an assignment that uses arcs of the network and pinned pairs alone."""
    chosen = mentor_of[network.rows] == network.columns
    covered, pinned = int(chosen.sum()), int(np.sum(network.pinned >= 0))
    level = int(network.units[chosen].min()) if covered else 0
    coverage_bound, worst_bound = _outer_bounds(network, mentor_of, objective, covered, level)
    reached = sum(network.units[chosen].tolist())
    slack, sum_bound = _sum_bound(network, mentor_of, objective, level, reached, covered)
    if objective == "coverage":
        coverage_bound = min(coverage_bound, sum_bound // max(coverage_bonus(network), 1))
    value = total_fit(fit, mentor_of)
    bound = value + slack / network.scale
    worst = level / network.scale
    return AssignmentCertificate(
        coverage=covered + pinned,
        coverage_bound=coverage_bound + pinned,
        worst=worst,
        worst_bound=worst_bound / network.scale,
        value=value,
        bound=bound,
        gap=(bound - value) / bound if bound > 0 else 0.0,
    )


def total_fit(fit: csr_array, mentor_of: Ints) -> float:
    """Return the sum of the fits of an assignment, the same whatever the order of rows; unknown pairs count 0."""
    rows = np.repeat(np.arange(fit.shape[0]), np.diff(fit.indptr))
    return fsum(fit.data[mentor_of[rows] == fit.indices])


def _outer_bounds(network: Network, mentor_of: Ints, objective: str, covered: int, level: int) -> tuple[int, int]:
    """Return bounds of the coverage by free pairs and of their lowest units."""
    seekers = int(np.count_nonzero(np.bincount(network.rows, minlength=network.mentees)))
    trivial = min(seekers, int(usable_places(network).sum()))
    highest = int(network.units.max(initial=0))
    if objective != "fairest":
        return trivial, highest
    coverage_bound = min(trivial, place_prices(network, np.ones_like(network.units), mentor_of).bound)
    above = network.above(level + 1)
    proof = place_prices(above, np.ones_like(above.units), covering_flow(above))
    return coverage_bound, level if proof.bound < covered or not covered else highest


def _sum_bound(
    network: Network, mentor_of: Ints, objective: str, level: int, reached: int, covered: int
) -> tuple[int, int]:
    """Return by how many units the sum may at most be better than the one reached, and the bound with the bonus."""
    allowed = network.above(level) if objective == "fairest" else network
    bonus = 0 if objective == "total" else coverage_bonus(network)
    prices = place_prices(allowed, allowed.units + bonus, mentor_of)
    rounding = 0 if network.exact else int(np.sum(network.pinned < 0))
    return prices.bound - reached - bonus * covered + rounding, prices.bound
