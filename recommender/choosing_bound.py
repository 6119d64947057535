"""Upper bounds on what can still be added to a route, by prices of deficits and of hours.

Lagrangian relaxation: every choice of prices gives a valid bound, so rounding or an early stop can loosen it but never
falsify it. Prices move by a deflected subgradient with Polyak's length (Polyak 1969; Camerini, Fratta, Maffioli 1975).
Gains are cut to what a deficit has left at each node, which is tighter than the linear programme of the whole. The
calendar is left out: whoever bounds a route without clashes bounds every route.
"""

from typing import Final

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.choosing_case import Case, Route, lacks, still_open, value_of
from recommender.compiled import Array, Structure, define, kernel

LEFT, PICKED, NEEDED = 0, 1, 2
"""What the relaxation does with a candidate: leaves it, picks it, or picks it for an open minimum."""

SMALLEST_DROP: Final = 1e-3
PATIENCE: Final = 4
"""After so many steps without a drop of the bound by this share the length is halved."""


@structref.register
class NodeType(types.StructRef):
    """What Node is to the compiler."""


class Node(Structure):
    """The candidates of one depth: `index` (n,) activities, `gains` (d, n) cut to the room, `hours`, `kind` (n,).

    `count` (1,) is how many there are, `steps` (1,) how many activities were taken before, `prices` (d + 1,) of
    deficits and of an hour, `branch` (1,) what is being tried, `rejected` (1,) whether the calendar refused anything
    below, `needy` (1,) whether a candidate requires something that is not taken.
    """

    index: Array
    gains: Array
    hours: Array
    kind: Array
    count: Array
    steps: Array
    prices: Array
    branch: Array
    rejected: Array
    needy: Array


define(Node, NodeType)


@structref.register
class WorkType(types.StructRef):
    """What Work is to the compiler."""


class Work(Structure):
    """Workspace of a bound: prices and their headings (d + 1,), profits and picks of candidates (n,), now and best.

    `floor` (1 + q,) is the least profit picked: freely, then for each minimum. `place` (n,) finds a candidate, `keep`
    (n,) flags those that stay, `forced` (n,) are bounds on the routes that take each.
    """

    prices: Array
    slope: Array
    heading: Array
    scale: Array
    profit: Array
    picked: Array
    floor: Array
    best_profit: Array
    best_picked: Array
    best_floor: Array
    top: Array
    place: Array
    keep: Array
    forced: Array


define(Work, WorkType)


@kernel
def new_nodes(case: Case, depths: int) -> Node:
    """Return room for the candidates of several depths, every array with a dimension more in front."""
    d, n = case.gains.shape
    return Node(
        np.empty((depths, n), np.int64),
        np.empty((depths, d, n)),
        np.empty((depths, n)),
        np.empty((depths, n), np.int64),
        np.zeros((depths, 1), np.int64),
        np.zeros((depths, 1), np.int64),
        np.zeros((depths, d + 1)),
        np.zeros((depths, 1), np.int64),
        np.zeros((depths, 1), np.bool_),
        np.zeros((depths, 1), np.bool_),
    )


@kernel
def node_at(nodes: Node, depth: int) -> Node:
    """Return the node of one depth."""
    return Node(
        nodes.index[depth],
        nodes.gains[depth],
        nodes.hours[depth],
        nodes.kind[depth],
        nodes.count[depth],
        nodes.steps[depth],
        nodes.prices[depth],
        nodes.branch[depth],
        nodes.rejected[depth],
        nodes.needy[depth],
    )


@kernel
def new_work(case: Case) -> Work:
    """Return workspace with scales that make a step of each price of like effect."""
    d, n = case.gains.shape
    scale = np.empty(d + 1)
    scale[:d] = case.weights
    per_hour = np.sqrt(d) / max(case.total_hours, 1e-9)
    scale[d] = (np.sum(case.weights) / max(1, d) + 1e-12) * per_hour * per_hour
    kinds = 1 + len(case.minimum)
    return Work(
        np.zeros(d + 1),
        np.zeros(d + 1),
        np.zeros(d + 1),
        scale,
        np.zeros(n),
        np.zeros(n, np.int8),
        np.zeros(kinds),
        np.zeros(n),
        np.zeros(n, np.int8),
        np.zeros(kinds),
        np.zeros(n + 1, np.int64),
        np.full(n, -1, np.int64),
        np.zeros(n, np.bool_),
        np.zeros(n),
    )


@kernel
def fill_node(case: Case, route: Route, node: Node, index: Array) -> None:
    """Make a node of the activities in `index` that can still be added: hours and what they require allow it."""
    node.steps[0] = route.size[0]
    node.rejected[0] = False
    node.needy[0] = False
    count = 0
    for a in index:
        if route.inside[a] or case.hours[a] > route.left[0] + 1e-6:
            continue
        node.index[count] = a
        node.hours[count] = case.hours[a]
        node.kind[count] = case.kind[a]
        count += 1
        node.needy[0] = node.needy[0] or lacks(case, route, a)
    node.count[0] = count
    for c in range(len(case.weights)):
        room = route.room[c]
        for j in range(count):
            node.gains[c, j] = min(case.gains[c, node.index[j]], room)


@kernel
def keep_some(case: Case, route: Route, node: Node, work: Work) -> None:
    """Keep the candidates flagged in `work.keep`, of these again and again those that have what they require."""
    count, keep = node.count[0], work.keep
    changed = node.needy[0]
    while changed:
        changed = False
        for j in range(count):
            work.place[node.index[j]] = j if keep[j] else -1
        for j in range(count):
            a = node.index[j]
            for need in range(case.needs_first[a], case.needs_first[a + 1]):
                b = case.needs[need]
                if keep[j] and not route.inside[b] and work.place[b] < 0:
                    keep[j] = False
                    changed = True
        for j in range(count):
            work.place[node.index[j]] = -1
    kept = 0
    for j in range(count):
        if keep[j]:
            node.index[kept] = node.index[j]
            node.hours[kept] = node.hours[j]
            node.kind[kept] = node.kind[j]
            work.best_profit[kept] = work.best_profit[j]
            work.best_picked[kept] = work.best_picked[j]
            for c in range(node.gains.shape[0]):
                node.gains[c, kept] = node.gains[c, j]
            kept += 1
    node.count[0] = kept


@kernel
def tighten(case: Case, route: Route, node: Node, work: Work, rounds: int, limit: float) -> float:
    """Return the best bound found on all routes with the taken activities and candidates of the node.

    Starts from the node's prices and leaves the best ones there, with profits and picks in `work.best_…`; stops as
    soon as the bound is at most `limit`.
    """
    value = value_of(case, route)
    work.prices[:] = node.prices
    work.heading[:] = 0.0
    best, pace, stuck = np.inf, 1.0, 0
    for _ in range(rounds):
        bound = value + _evaluate(case, route, node, work)
        if bound == -np.inf:
            return bound
        bound += 1e-12 * (1.0 + abs(bound))
        stuck = 0 if bound < best - SMALLEST_DROP * abs(best) else stuck + 1
        if bound < best:
            best = bound
            count = node.count[0]
            node.prices[:] = work.prices
            work.best_profit[:count] = work.profit[:count]
            work.best_picked[:count] = work.picked[:count]
            work.best_floor[:] = work.floor
        if bound <= limit:
            break
        if stuck > PATIENCE:
            pace, stuck = 0.5 * pace, 0
        _step(case, work, pace * (bound - max(limit, 0.9 * bound)))
    return best


@kernel
def _evaluate(case: Case, route: Route, node: Node, work: Work) -> float:
    """Return the bound at `work.prices` on what can be added; fills profits, picks and the slope."""
    d, count = len(case.weights), node.count[0]
    hour = case.hour_cost + work.prices[d]
    profit = work.profit
    for j in range(count):
        profit[j] = -hour * node.hours[j]
    bound = work.prices[d] * route.left[0]
    work.slope[d] = route.left[0]
    for c in range(d):
        price = work.prices[c]
        bound += (case.weights[c] - price) * route.room[c]
        work.slope[c] = -route.room[c]
        if price > 0.0 and route.room[c] > 0.0:
            gains = node.gains[c]
            for j in range(count):
                profit[j] += price * gains[j]
    if node.needy[0]:
        _price_requirements(case, route, node, work)
    bound += _pick(case, route, node, work)
    for j in range(count):
        if work.picked[j] != LEFT:
            work.slope[d] -= node.hours[j]
            for c in range(d):
                work.slope[c] += node.gains[c, j]
    return float(bound)


@kernel
def _price_requirements(case: Case, route: Route, node: Node, work: Work) -> None:
    """Charge a candidate with the loss on what it requires: any price of a requirement from 0 on leaves a bound."""
    count = node.count[0]
    for j in range(count):
        work.place[node.index[j]] = j
    for j in range(count):
        a = node.index[j]
        for need in range(case.needs_first[a], case.needs_first[a + 1]):
            other = work.place[case.needs[need]]
            if other >= 0 and work.profit[other] < 0.0:
                work.profit[j] += work.profit[other]
                work.profit[other] = 0.0
    for j in range(count):
        work.place[node.index[j]] = -1


@kernel
def _pick(case: Case, route: Route, node: Node, work: Work) -> float:
    """Pick the best candidates: as many of each kind as open minimums say, then the most profitable ones."""
    count, profit, picked = node.count[0], work.profit, work.picked
    spare = case.most - route.size[0] - still_open(route)
    if spare < 0:
        return -np.inf
    picked[:count] = LEFT
    total = 0.0
    for kind in range(len(route.open)):
        work.floor[1 + kind] = np.inf
        for _ in range(route.open[kind]):
            best = -1
            for j in range(count):
                if node.kind[j] == kind and picked[j] == LEFT and (best < 0 or profit[j] > profit[best]):
                    best = j
            if best < 0:
                return -np.inf
            picked[best] = NEEDED
            work.floor[1 + kind] = profit[best]
            total += profit[best]
    size, least = 0, 0.0
    for j in range(count):
        if profit[j] <= least or picked[j] != LEFT or spare == 0:
            continue
        at = min(size, spare - 1)
        size = min(size + 1, spare)
        while at > 0 and profit[work.top[at - 1]] < profit[j]:
            work.top[at] = work.top[at - 1]
            at -= 1
        work.top[at] = j
        least = profit[work.top[size - 1]] if size == spare else 0.0
    for at in range(size):
        picked[work.top[at]] = PICKED
        total += profit[work.top[at]]
    work.floor[0] = least if spare > 0 else np.inf
    return total


@kernel
def _step(case: Case, work: Work, excess: float) -> None:
    """Move the prices against the slope by Polyak's length, keeping part of the last heading, and into their range."""
    d = len(case.weights)
    along, size = 0.0, 0.0
    for i in range(d + 1):
        along += work.scale[i] * work.slope[i] * work.heading[i]
        size += work.scale[i] * work.heading[i] * work.heading[i]
    keep = min(1.0, -along / size) if along < 0.0 and size > 0.0 else 0.0
    size = 0.0
    for i in range(d + 1):
        work.heading[i] = work.slope[i] + keep * work.heading[i]
        size += work.scale[i] * work.heading[i] * work.heading[i]
    if size <= 0.0:
        return
    for i in range(d + 1):
        work.prices[i] = max(0.0, work.prices[i] - excess / size * work.scale[i] * work.heading[i])
    for c in range(d):
        work.prices[c] = min(work.prices[c], case.weights[c])


@kernel
def loosest(route: Route, node: Node, work: Work, bound: float) -> None:
    """Write into `work.forced` for each candidate a bound on all routes that take it, from the best prices."""
    for j in range(node.count[0]):
        floor = work.best_floor[0]
        kind = node.kind[j]
        if kind >= 0 and route.open[kind] > 0:
            floor = min(floor, work.best_floor[1 + kind])
        work.forced[j] = bound if work.best_picked[j] != LEFT else bound - floor + work.best_profit[j]
