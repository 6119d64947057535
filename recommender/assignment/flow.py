"""Assignment as a min-cost flow: feasible pairs become arcs with whole costs, and OR-tools finds the best flow."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.sparse import csr_array

from recommender.assignment.values import PinConflict

Ints = NDArray[np.int64]
Nodes = NDArray[np.int32]
Pairs = Iterable[tuple[int, int]]

FINEST: Final = 12
"""A fit is kept to at most twelve decimal places; finer ones are the noise of binary fractions."""

MILLIONTHS: Final = 6
LARGEST_COST: Final = 2**60
"""OR-tools multiplies costs by the number of nodes inside 64 bits, and the prices of places add costs up."""


@dataclass(frozen=True)
class Network:
    """Feasible pairs that are still free to choose, in the order of rows, with whole costs.

    `rows`, `columns`, `units` (a,) describe an arc each: mentee, mentor, and fit × `scale` as a whole number > 0;
    `exact` says that no fit was rounded. `places` (m,) is what pinned pairs leave; `pinned` (n,) is the mentor of a
    pinned mentee, −1 for all others.
    """

    mentees: int
    mentors: int
    rows: Nodes
    columns: Nodes
    units: Ints
    scale: int
    exact: bool
    places: Ints
    pinned: Ints

    def only(self, keep: NDArray[np.bool_]) -> "Network":
        """Return the network of the arcs marked in `keep` (a,) alone."""
        if keep.all():
            return self
        return replace(self, rows=self.rows[keep], columns=self.columns[keep], units=self.units[keep])

    def above(self, least: int) -> "Network":
        """Return the network of those arcs alone that have at least `least` units."""
        return self.only(self.units >= least)


def build_network(
    fit: csr_array, places: NDArray[np.integer], pinned: Pairs, forbidden: Pairs, *, full: bool = False
) -> Network:
    """Return the network of a problem, with the pinned mentees and all arcs that cannot be used taken out.

    `full` keeps the arcs of mentors who have no place left, for questions about one more place.
    Raises ValueError for input without meaning, PinConflict for pinned pairs that cannot all hold.
    """
    fit = checked_fit(fit)
    mentees, mentors = fit.shape
    places = checked_places(places, mentors)
    banned = pair_keys(forbidden, fit.shape, "forbidden")
    held, left = _pin(pair_keys(pinned, fit.shape, "pinned"), banned, mentees, places)
    rows = np.repeat(np.arange(mentees, dtype=np.int32), np.diff(fit.indptr))
    columns = fit.indices.astype(np.int32, copy=False)
    scale, exact = cost_scale(fit)
    # A fit below half a unit would round to "nothing", yet the pair is feasible and must cover its mentee.
    units = np.maximum(np.rint(fit.data * scale).astype(np.int64), 1)
    network = Network(mentees, mentors, rows, columns, units, scale, exact, left, held)
    keep = np.ones(len(rows), dtype=np.bool_)
    if np.any(held >= 0):
        keep &= held[rows] < 0
    if not full and not np.all(left > 0):
        keep &= left[columns] > 0
    if len(banned):
        keep &= ~np.isin(rows.astype(np.int64) * mentors + columns, banned)
    return network.only(keep)


def checked_fit(fit: csr_array) -> csr_array:
    """Return the fit with sorted columns in every row; raises ValueError unless every stored fit is finite and > 0."""
    fit = csr_array(fit).astype(np.float64, copy=False)
    if not fit.has_canonical_format:
        stored = fit.nnz
        fit = fit.copy()
        fit.sum_duplicates()
        if fit.nnz != stored:
            raise ValueError("A pair of mentee and mentor stands more than once in the fit")
    if not np.all(np.isfinite(fit.data) & (fit.data > 0)):
        raise ValueError("The fit holds feasible pairs only, and each of them is a finite number > 0")
    return fit


def checked_places(places: NDArray[np.integer], mentors: int) -> Ints:
    """Return the places as whole numbers; raises ValueError unless there is one number ≥ 0 for each mentor."""
    places = np.asarray(places)
    if places.shape != (mentors,):
        raise ValueError(f"There are {mentors} mentors, but places have the shape {places.shape}")
    whole = places.astype(np.int64)
    if np.any(whole != places) or np.any(whole < 0):
        raise ValueError("Places are whole numbers of at least 0")
    return whole


def pair_keys(pairs: Pairs, shape: tuple[int, ...], name: str) -> Ints:
    """Return pairs (mentee, mentor) as sorted keys mentee · m + mentor; raises ValueError for an unknown row."""
    listed = np.array(sorted({(int(mentee), int(mentor)) for mentee, mentor in pairs}), dtype=np.int64).reshape(-1, 2)
    if np.any(listed < 0) or np.any(listed >= np.array(shape[:2])):
        raise ValueError(f"A {name} pair names a mentee or mentor outside the {shape[0]} × {shape[1]} fit")
    return listed[:, 0] * shape[1] + listed[:, 1]


def _pin(pins: Ints, banned: Ints, mentees: int, places: Ints) -> tuple[Ints, Ints]:
    """Return the mentor of each pinned mentee and the places that are left."""
    rows, columns = pins // max(len(places), 1), pins % max(len(places), 1)
    for key in np.intersect1d(pins, banned)[:1]:
        raise PinConflict("pinned_and_forbidden", mentee=int(key // len(places)), mentor=int(key % len(places)))
    for mentee in rows[1:][rows[1:] == rows[:-1]][:1]:
        raise PinConflict("pinned_twice", mentee=int(mentee))
    left = places - np.bincount(columns, minlength=len(places))
    for mentor in np.flatnonzero(left < 0)[:1]:
        raise PinConflict("pinned_beyond_places", mentor=int(mentor), places=int(places[mentor]))
    held = np.full(mentees, -1, dtype=np.int64)
    held[rows] = columns
    return held, left


def cost_scale(fit: csr_array) -> tuple[int, bool]:
    """Return the power of ten that makes fits whole, and whether it does so without rounding.

    1 for whole fits and 10⁶ for millionths are exact. Otherwise the finest that fits: a fit is rounded by at most half
    a unit, so that the sum of an assignment is within n/scale of the best. The bound keeps costs × (nodes + 4) and
    prices of places inside 64 bits.
    """
    if fit.nnz == 0:
        return 1, True
    largest = float(fit.data.max()) * 4 * (sum(fit.shape) + 4)
    if largest > LARGEST_COST:
        raise ValueError("Fits are too large for whole costs of 64 bits")
    if np.array_equal(np.rint(fit.data), fit.data):
        return 1, True
    finest = max(power for power in range(FINEST + 1) if largest * 10**power <= LARGEST_COST)
    if finest >= MILLIONTHS and np.array_equal(np.rint(fit.data * 10**MILLIONTHS) / 10**MILLIONTHS, fit.data):
        return 10**MILLIONTHS, True
    return 10**finest, False


def widest_flow(network: Network) -> Ints:
    """Return the mentor of each mentee (−1 without one) of the widest coverage with the largest sum of units."""
    return _min_cost_flow(network, widest=True)


def richest_flow(network: Network) -> Ints:
    """Return the mentor of each mentee (−1 without one) of the largest sum of units, whatever its coverage."""
    return _min_cost_flow(network, widest=False)


def fairest_flow(network: Network) -> Ints:
    """Return the mentor of each mentee: widest coverage, then the highest lowest fit, then the largest sum."""
    return widest_flow(network.above(fairest_level(network)))


def _min_cost_flow(network: Network, widest: bool) -> Ints:
    mentor_of = network.pinned.copy()
    if len(network.rows) == 0:
        return mentor_of
    # Its stubs want other whole numbers than it takes.
    flow: Any = SimpleMinCostFlow()
    ends = _add_arcs(flow, network)
    flow.set_nodes_supplies(np.arange(network.mentees), (network.pinned < 0).astype(np.int64))
    flow.set_node_supply(ends, -int(np.sum(network.pinned < 0)))
    if not widest:
        # Staying without a mentor is an arc of no cost, so nobody is covered at the expense of the sum.
        every = np.arange(network.mentees, dtype=np.int32)
        flow.add_arcs_with_capacity_and_unit_cost(
            every, np.full_like(every, ends), np.ones(len(every), np.int64), np.zeros(len(every), np.int64)
        )
    status = flow.solve_max_flow_with_min_cost() if widest else flow.solve()
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"The min-cost flow ended with {status}")
    chosen = flow.flows(np.arange(len(network.rows), dtype=np.int32)) > 0
    mentor_of[network.rows[chosen]] = network.columns[chosen]
    return mentor_of


def _add_arcs(flow: Any, network: Network) -> int:
    """Add an arc for each pair (numbered as in the network) and one for each mentor's places; return the sink."""
    mentors = np.arange(network.mentees, network.mentees + network.mentors, dtype=np.int32)
    sink = network.mentees + network.mentors
    flow.add_arcs_with_capacity_and_unit_cost(
        network.rows, network.columns + np.int32(network.mentees), np.ones_like(network.units), -network.units
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        mentors, np.full_like(mentors, sink), usable_places(network), np.zeros(network.mentors, np.int64)
    )
    return sink


def usable_places(network: Network) -> Ints:
    """Return the places that can be filled at all, so that sums of capacities stay small."""
    return np.minimum(network.places, network.mentees)


def fairest_level(network: Network) -> int:
    """Return the highest number of units such that arcs of at least that many still reach the widest coverage.

    Bisection over the distinct units with a maximum flow each (bottleneck assignment by thresholds; Burkard,
    Dell'Amico, Martello, «Assignment Problems», 6.2).
    """
    levels = np.unique(network.units)
    if len(levels) == 0:
        return 1
    most = coverage(network)
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if coverage(network.above(int(levels[middle]))) == most:
            low = middle
        else:
            high = middle - 1
    return int(levels[low])


def coverage(network: Network) -> int:
    """Return how many free mentees can have a mentor at once."""
    return int(np.count_nonzero(covering_flow(network) >= 0) - np.count_nonzero(network.pinned >= 0))


def covering_flow(network: Network) -> Ints:
    """Return the mentor of each mentee (−1 without one) of some widest coverage; the fits are of no consequence."""
    mentor_of = network.pinned.copy()
    rows, columns = network.rows, network.columns
    if len(rows) == 0:
        return mentor_of
    flow: Any = SimpleMaxFlow()
    seekers = np.unique(rows)
    mentors = np.arange(network.mentors)
    source, sink = network.mentees + network.mentors, network.mentees + network.mentors + 1
    flow.add_arcs_with_capacity(rows, columns + network.mentees, np.ones_like(rows))
    flow.add_arcs_with_capacity(np.full_like(seekers, source), seekers, np.ones_like(seekers))
    flow.add_arcs_with_capacity(mentors + network.mentees, np.full_like(mentors, sink), usable_places(network))
    status = flow.solve(source, sink)
    if status != SimpleMaxFlow.OPTIMAL:
        raise RuntimeError(f"The maximum flow ended with {status}")
    chosen = flow.flows(np.arange(len(rows), dtype=np.int32)) > 0
    mentor_of[rows[chosen]] = columns[chosen]
    return mentor_of
