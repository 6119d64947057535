"""What another choice would cost the whole: exchanges along the cheapest chain, without solving again."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.assignment.duals import Prices, coverage_bonus, place_prices
from recommender.assignment.flow import Ints, Network, build_network, checked_fit

NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Exchanges:
    """An optimal assignment ready for questions: its network, values and prices, and the steps of chains.

    Nodes are mentors and, last, the outside: free places and mentees without a mentor. Into node x lead the steps
    from `starts`[x] to `starts`[x + 1]: from which node (`sources`), at which reduced cost ≥ 0 (`steps`).
    """

    network: Network
    values: Ints
    bonus: int
    mentor_of: Ints
    prices: Prices
    starts: Ints
    sources: Ints
    steps: Ints


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
    sources, targets, steps = _steps(network, values, mentor_of, prices)
    order = np.lexsort((steps, sources, targets))
    sources, targets, steps = sources[order], targets[order], steps[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (sources[1:] != sources[:-1]) | (targets[1:] != targets[:-1])
    starts = np.searchsorted(targets[first], np.arange(network.mentors + 2))
    return Exchanges(network, values, bonus, mentor_of, prices, starts, sources[first], steps[first])


def _steps(network: Network, values: Ints, mentor_of: Ints, prices: Prices) -> tuple[Ints, Ints, Ints]:
    """Return all steps of chains as (source, target, reduced cost).

    Someone moves from his mentor to another; someone without a mentor takes a place; someone gives his place up; a
    place that is free, or becomes free, ends a chain or begins one.
    """
    outside = network.mentors
    holders = mentor_of[network.rows]
    moves = holders != network.columns
    free = np.flatnonzero((mentor_of >= 0) & (network.pinned < 0))
    used = np.bincount(mentor_of[free], minlength=network.mentors)
    empty, filled = np.flatnonzero(used < network.places), np.flatnonzero(used > 0)
    dearer = prices.mentee[network.rows] - values + prices.place[network.columns]
    sources = (np.where(holders >= 0, holders, outside)[moves], mentor_of[free], empty, np.full_like(filled, outside))
    targets = (network.columns[moves], np.full_like(free, outside), np.full_like(empty, outside), filled)
    steps = (dearer[moves], prices.mentee[free], np.zeros_like(empty), prices.place[filled])
    return np.concatenate(sources), np.concatenate(targets), np.concatenate(steps)


def next_best(exchanges: Exchanges, mentee: int, count: int = 2) -> tuple[tuple[int, int, float], ...]:
    """Return the cheapest other mentors of a mentee as (mentor, coverage loss, loss of the sum), cheapest first.

    The loss is exact: the best assignment of all that gives the mentee this mentor is worth that much less. It is the
    reduced cost of the pair plus the shortest chain of exchanges that gives back what the pair takes (a shortest path
    in the residual network with prices as potentials; Dijkstra from its end). The mentee's own pairs lead away from
    that end, so no chain uses them. A loss of the sum may be negative where coverage is lost. Pinned mentees have
    none. Ties: the lower row of the mentor.
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
    costs = _chains(exchanges, own if own >= 0 else network.mentors, wanted, count)
    best = sorted((cost, mentor) for mentor, cost in costs.items())[:count]
    return tuple((mentor, *split_loss(exchanges, cost)) for cost, mentor in best)


def split_loss(exchanges: Exchanges, cost: int) -> tuple[int, float]:
    """Return a cost in units as lost coverage and lost sum of fits."""
    lost = (2 * cost + exchanges.bonus) // (2 * exchanges.bonus) if exchanges.bonus else 0
    return lost, (cost - lost * exchanges.bonus) / exchanges.network.scale


def _chains(exchanges: Exchanges, end: int, wanted: dict[int, int], count: int) -> dict[int, int]:
    """Return for the cheapest wanted mentors their reduced cost plus that of the shortest chain to the end."""
    distance = np.full(exchanges.network.mentors + 1, NEVER)
    ahead = distance.copy()
    distance[end] = ahead[end] = 0
    costs: dict[int, int] = {}
    enough = NEVER
    # Nodes are few and steps are many, so that looking for the nearest one costs less than keeping a queue.
    while (reached := int(ahead[node := int(np.argmin(ahead))])) < enough:
        ahead[node] = NEVER
        if node in wanted:
            costs[node] = wanted[node] + reached
            enough = sorted(costs.values())[count - 1] + 1 if len(costs) >= count else NEVER
        into = slice(exchanges.starts[node], exchanges.starts[node + 1])
        sources, costs_there = exchanges.sources[into], exchanges.steps[into] + reached
        nearer = costs_there < distance[sources]
        distance[sources[nearer]] = ahead[sources[nearer]] = costs_there[nearer]
    return costs


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
