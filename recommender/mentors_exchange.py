"""What another choice would cost the whole: exchanges along the cheapest chain, without solving again."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.mentors_flow import Ints, Network, build_network, checked_fit
from recommender.mentors_prices import Prices, coverage_bonus, place_prices

NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Exchanges:
    """An optimal assignment ready for questions: its network, values, prices, and arcs sorted by mentor.

    `by_mentor` lists arcs by mentor from `starts` (m + 1,); `leaving` (m,) is the least cost of freeing a place by
    leaving someone without a mentor (0 where a place is free); `filled` (m,) marks mentors with a free pair.
    """

    network: Network
    values: Ints
    bonus: int
    mentor_of: Ints
    prices: Prices
    by_mentor: NDArray[np.intp]
    starts: Ints
    leaving: Ints
    filled: NDArray[np.bool_]


def prepare_exchanges(
    fit: csr_array,
    places: NDArray[np.integer],
    mentor_of: Ints,
    *,
    objective: str = "coverage",
    pinned: Iterable[tuple[int, int]] = (),
    forbidden: Iterable[tuple[int, int]] = (),
) -> Exchanges:
    """Return an assignment that `solve` found for these arguments, ready for `next_best` and `one_more_place`.

    Under «fairest» only pairs that are not worse than the worst one take part, so that it stays as it is.
    """
    network = build_network(checked_fit(fit), places, pinned, forbidden, full=True)
    chosen = mentor_of[network.rows] == network.columns
    if objective == "fairest" and chosen.any():
        network = network.above(int(network.units[chosen].min()))
    bonus = 0 if objective == "total" else coverage_bonus(network)
    values = network.units + bonus
    prices = place_prices(network, values, mentor_of)
    by_mentor = np.argsort(network.columns, kind="stable")
    free = np.flatnonzero((mentor_of >= 0) & (network.pinned < 0))
    used = np.bincount(mentor_of[free], minlength=network.mentors)
    leaving = np.full(network.mentors, NEVER)
    np.minimum.at(leaving, mentor_of[free], prices.mentee[free])
    leaving[used < network.places] = 0
    starts = np.searchsorted(network.columns[by_mentor], np.arange(network.mentors + 1))
    return Exchanges(network, values, bonus, mentor_of, prices, by_mentor, starts, leaving, used > 0)


def next_best(exchanges: Exchanges, mentee: int, count: int = 2) -> tuple[tuple[int, int, float], ...]:
    """Return the cheapest other mentors of a mentee as (mentor, coverage loss, loss of the sum), cheapest first.

    The loss is exact: the best assignment of all that gives the mentee this mentor is worth that much less. It is the
    reduced cost of the pair plus the shortest chain of exchanges that gives back what the pair takes (a shortest path
    in the residual network with prices as potentials; Dijkstra from its end). A loss of the sum may be negative
    where coverage is lost. Pinned mentees have none. Ties: the lower row of the mentor.
    """
    network = exchanges.network
    first, last = np.searchsorted(network.rows, [mentee, mentee + 1])
    own = int(exchanges.mentor_of[mentee])
    wanted = {
        int(network.columns[at]): int(
            exchanges.prices.mentee[mentee] - exchanges.values[at] + exchanges.prices.place[network.columns[at]]
        )
        for at in range(first, last)
        if network.columns[at] != own
    }
    costs = _chains(exchanges, mentee, own if own >= 0 else network.mentors, wanted, count)
    best = sorted((cost, mentor) for mentor, cost in costs.items())[:count]
    return tuple((mentor, *split_loss(exchanges, cost)) for cost, mentor in best)


def split_loss(exchanges: Exchanges, cost: int) -> tuple[int, float]:
    """Return a cost in units as lost coverage and lost sum of fits."""
    lost = (2 * cost + exchanges.bonus) // (2 * exchanges.bonus) if exchanges.bonus else 0
    return lost, (cost - lost * exchanges.bonus) / exchanges.network.scale


def _chains(exchanges: Exchanges, mentee: int, end: int, wanted: dict[int, int], count: int) -> dict[int, int]:
    """Return for the cheapest wanted mentors their reduced cost plus that of the shortest chain to the end."""
    nodes = exchanges.network.mentors + 1
    distance = np.full(nodes, NEVER)
    distance[end] = 0
    queue, done, costs = [(0, end)], np.zeros(nodes, dtype=np.bool_), dict[int, int]()
    enough = NEVER
    while queue:
        reached, node = heappop(queue)
        if reached > enough:
            break
        if done[node]:
            continue
        done[node] = True
        if node in wanted:
            costs[node] = wanted[node] + reached
            enough = sorted(costs.values())[count - 1] if len(costs) >= count else NEVER
        sources, steps = _steps_into(exchanges, node, mentee)
        better = steps + reached < distance[sources]
        np.minimum.at(distance, sources[better], steps[better] + reached)
        for source in np.unique(sources[better]).tolist():
            heappush(queue, (int(distance[source]), source))
    return costs


def _steps_into(exchanges: Exchanges, node: int, mentee: int) -> tuple[Ints, Ints]:
    """Return where a chain may come from into a node, and the reduced cost of each step.

    Nodes are mentors and, last, the outside: free places and mentees without a mentor.
    """
    outside = exchanges.network.mentors
    if node == outside:
        sources = np.flatnonzero(exchanges.leaving < NEVER)
        return sources, exchanges.leaving[sources]
    arcs = exchanges.by_mentor[exchanges.starts[node] : exchanges.starts[node + 1]]
    rows = exchanges.network.rows[arcs]
    arcs, rows = arcs[rows != mentee], rows[rows != mentee]
    holders = exchanges.mentor_of[rows]
    price = exchanges.prices.place[node]
    steps = exchanges.prices.mentee[rows] - exchanges.values[arcs] + price
    moved = holders != node
    sources = np.where(holders >= 0, holders, outside)[moved]
    if not exchanges.filled[node]:
        return sources, steps[moved]
    return np.append(sources, outside), np.append(steps[moved], price)


def one_more_place(exchanges: Exchanges, mentees: Iterable[int]) -> dict[int, tuple[int, float]]:
    """Return for uncovered mentees the mentor with whom one more place helps most, and the gain in the sum of fits.

    The gain is that of covering this mentee with all that may move up: the most that a chain of exchanges ending in
    one new place can bring. Found for all mentors at once by longest paths (Bellman and Ford); exact for each mentee
    alone. Mentees without any feasible pair are left out.
    """
    worth, giver = _places_worth(exchanges)
    network = exchanges.network
    answers: dict[int, tuple[int, float]] = {}
    for mentee in mentees:
        first, last = np.searchsorted(network.rows, [mentee, mentee + 1])
        if first < last:
            columns = network.columns[first:last]
            gains = network.units[first:last] + worth[columns]
            best = int(np.argmax(gains))
            answers[int(mentee)] = (int(giver[columns[best]]), int(gains[best]) / network.scale)
    return answers


def _places_worth(exchanges: Exchanges) -> tuple[Ints, Ints]:
    """Return for each mentor what someone more in his list is worth at best (≥ 0: he gets the place), and whose
    place that takes."""
    network, mentor_of = exchanges.network, exchanges.mentor_of
    moving = (mentor_of[network.rows] >= 0) & (mentor_of[network.rows] != network.columns)
    rows, columns, units = network.rows[moving], network.columns[moving], network.units[moving]
    holders = mentor_of[rows]
    own = np.zeros(network.mentees, dtype=np.int64)
    chosen = mentor_of[network.rows] == network.columns
    own[network.rows[chosen]] = network.units[chosen]
    worth, giver = np.zeros(network.mentors, dtype=np.int64), np.arange(network.mentors)
    for _ in range(network.mentors + 1):
        gains = units - own[rows] + worth[columns]
        better = np.flatnonzero(gains > worth[holders])
        if len(better) == 0:
            break
        raised = worth.copy()
        np.maximum.at(raised, holders[better], gains[better])
        winners = better[gains[better] == raised[holders[better]]][::-1]
        worth, giver[holders[winners]] = raised, giver[columns[winners]]
    return worth, giver
