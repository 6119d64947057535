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

from recommender.compiled import Array, Structure, define, kernel
from recommender.search.instance import Case, PartialRoute, still_open, value_of
from recommender.tolerance import HOURS_TOLERANCE

LEFT, PICKED, NEEDED = 0, 1, 2
"""What the relaxation does with a candidate: leaves it, picks it, or picks it for an open minimum."""

SMALLEST_DROP: Final = 1e-3
STRIDE: Final = 0.1
"""A step of the prices aims at most at this share below the bound, counted from the least value that a route can have:
minus the cost of all hours. Counted from 0, steps would come to nothing where a required step costs what all others
bring."""

PATIENCE: Final = 4
"""After so many steps without a drop of the bound by this share the length is halved."""


@structref.register
class NodeType(types.StructRef):
    """What Node is to the compiler."""


class Node(Structure):
    """The candidates of one depth: `index` (n,) activities, `gains` (d, n) cut to the room, `hours`, `kind` (n,).

    `count` (1,) is how many there are, `steps` (1,) how many activities were taken before, `prices` (d + 1,) of
    deficits and of an hour, `branch` (1,) what is being tried, `rejected` (1,) whether the calendar refused anything
    below. `links[:linked[0]]` are pairs of places: a candidate, and another one that it requires.
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
    links: Array
    linked: Array


define(Node, NodeType)


@structref.register
class WorkType(types.StructRef):
    """What Work is to the compiler."""


class Work(Structure):
    """Workspace of a bound: prices and their headings (d + 1,), profits and picks of candidates (n,), now and best.

    `floor` (1 + q,) is the least profit picked: freely, then for each minimum. `top[:size[0]]` are the places of what
    is picked. `keep` (n,) flags the candidates that stay, `order` (n,) are their places of before, `place` (n,) where
    each goes. `forced` (n,) are bounds on the routes that take each.
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
    size: Array
    place: Array
    order: Array
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
        np.zeros((depths, len(case.needs), 2), np.int64),
        np.zeros((depths, 1), np.int64),
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
        nodes.links[depth],
        nodes.linked[depth],
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
        np.zeros(1, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n, np.bool_),
        np.zeros(n),
    )


@kernel
def fill_root(case: Case, route: PartialRoute, node: Node, work: Work) -> None:
    """Make a node of all activities that can still be added to the route."""
    n, linked = len(case.hours), 0
    for a in range(n):
        node.index[a] = a
        work.keep[a] = case.hours[a] <= route.left[0] + HOURS_TOLERANCE and not route.inside[a]
        for need in range(case.needs_first[a], case.needs_first[a + 1]):
            node.links[linked, 0], node.links[linked, 1] = a, case.needs[need]
            linked += 1
    for place in range(route.size[0]):
        _drop_rivals(case, route.taken[place], node.index[:n], work)
    node.hours[:] = case.hours
    node.kind[:] = case.kind
    node.gains[:] = case.gains
    node.count[0], node.linked[0] = n, linked
    _begin(route, node, node, work)


@kernel
def _drop_rivals(case: Case, a: int, index: Array, work: Work) -> None:
    """Take the flags from the rivals of an activity among candidates, which stand in ascending order."""
    for place in range(case.rivals_first[a], case.rivals_first[a + 1]):
        at = np.searchsorted(index, case.rivals[place])
        if at < len(index) and index[at] == case.rivals[place]:
            work.keep[at] = False


@kernel
def fill_child(case: Case, route: PartialRoute, parent: Node, node: Node, work: Work) -> None:
    """Make a node of the candidates of another one that still can be added, beginning at its prices."""
    for j in range(parent.count[0]):
        work.keep[j] = parent.hours[j] <= route.left[0] + HOURS_TOLERANCE and not route.inside[parent.index[j]]
    for place in range(parent.steps[0], route.size[0]):
        _drop_rivals(case, route.taken[place], parent.index[: parent.count[0]], work)
    node.prices[:] = parent.prices
    _begin(route, parent, node, work)


@kernel
def _begin(route: PartialRoute, source: Node, node: Node, work: Work) -> None:
    """Fill a node with the flagged candidates of a source, their gains cut to what the deficits have left."""
    keep_some(route, source, node, work)
    node.steps[0] = route.size[0]
    node.rejected[0] = False
    for c in range(len(route.room)):
        gains, room = node.gains[c], route.room[c]
        for j in range(node.count[0]):
            gains[j] = min(gains[j], room)


@kernel
def keep_some(route: PartialRoute, source: Node, node: Node, work: Work) -> None:
    """Fill a node with the candidates of a source (it may be the node) that are flagged in `work.keep`.

    Those that require something that is neither taken nor kept are left out, and so is what requires them.
    """
    _drop_unserved(route, source, work)
    kept = 0
    for j in range(source.count[0]):
        work.place[j] = kept
        if work.keep[j]:
            work.order[kept] = j
            kept += 1
    node.count[0] = kept
    for place in range(kept):
        j = work.order[place]
        node.index[place] = source.index[j]
        node.hours[place] = source.hours[j]
        node.kind[place] = source.kind[j]
        work.best_profit[place] = work.best_profit[j]
        work.best_picked[place] = work.best_picked[j]
    for c in range(len(route.room)):
        gains, from_ = node.gains[c], source.gains[c]
        for place in range(kept):
            gains[place] = from_[work.order[place]]
    linked = 0
    for link in range(source.linked[0]):
        user, needed = source.links[link]
        if work.keep[user] and work.keep[needed]:
            node.links[linked, 0], node.links[linked, 1] = work.place[user], work.place[needed]
            linked += 1
    node.linked[0] = linked


@kernel
def _drop_unserved(route: PartialRoute, source: Node, work: Work) -> None:
    changed = True
    while changed:
        changed = False
        for link in range(source.linked[0]):
            user, needed = source.links[link]
            if work.keep[user] and not work.keep[needed] and not route.inside[source.index[needed]]:
                work.keep[user] = False
                changed = True


@kernel
def tighten(case: Case, route: PartialRoute, node: Node, work: Work, rounds: int, limit: float) -> float:
    """Return the best bound found on all routes with the taken activities and candidates of the node.

    Starts from the node's prices and leaves the best ones there, with profits and picks in `work.best_…`; stops as
    soon as the bound is at most `limit`.
    """
    value, least = value_of(case, route), case.hour_cost * case.total_hours
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
        _step(case, work, pace * min(bound - limit, STRIDE * (bound + least)))
    return best


@kernel
def _evaluate(case: Case, route: PartialRoute, node: Node, work: Work) -> float:
    """Return the bound at `work.prices` on what can be added; fills profits, picks and the slope."""
    d, count = len(case.weights), node.count[0]
    hour = case.hour_cost + work.prices[d]
    profit, gains, hours = work.profit, node.gains, node.hours
    for j in range(count):
        profit[j] = -hour * hours[j]
    left = route.left[0] + HOURS_TOLERANCE
    bound = work.prices[d] * left
    work.slope[d] = left
    for c in range(d):
        price = work.prices[c]
        bound += (case.weights[c] - price) * route.room[c]
        work.slope[c] = -route.room[c]
        if price > 0.0 and route.room[c] > 0.0:
            for j in range(count):
                profit[j] += price * gains[c, j]
    for link in range(node.linked[0]):
        _price_requirement(node.links[link, 0], node.links[link, 1], profit)
    bound += _pick(case, route, node, work)
    for at in range(work.size[0]):
        j = work.top[at]
        work.slope[d] -= hours[j]
        for c in range(d):
            work.slope[c] += gains[c, j]
    return float(bound)


@kernel
def _price_requirement(user: int, needed: int, profit: Array) -> None:
    """Charge a candidate with the loss on what it requires: any price of a requirement from 0 on leaves a bound."""
    if profit[needed] < 0.0:
        profit[user] += profit[needed]
        profit[needed] = 0.0


@kernel
def _pick(case: Case, route: PartialRoute, node: Node, work: Work) -> float:
    """Pick the best candidates: as many of each kind as open minimums say, then the most profitable ones."""
    count, kinds = node.count[0], node.kind
    profit, picked, top = work.profit, work.picked, work.top
    spare = case.most - route.size[0] - still_open(route)
    if spare < 0:
        return -np.inf
    picked[:count] = LEFT
    total, size = 0.0, 0
    for kind in range(len(route.open)):
        work.floor[1 + kind] = np.inf
        for _ in range(route.open[kind]):
            best = -1
            for j in range(count):
                if kinds[j] == kind and picked[j] == LEFT and (best < 0 or profit[j] > profit[best]):
                    best = j
            if best < 0:
                return -np.inf
            picked[best] = NEEDED
            top[size] = best
            size += 1
            work.floor[1 + kind] = profit[best]
            total += profit[best]
    needed, full, least = size, size + spare, 0.0
    for j in range(count):
        if profit[j] <= least or picked[j] != LEFT or spare == 0:
            continue
        at = min(size, full - 1)
        size = min(size + 1, full)
        while at > needed and profit[top[at - 1]] < profit[j]:
            top[at] = top[at - 1]
            at -= 1
        top[at] = j
        least = profit[top[size - 1]] if size == full else 0.0
    for at in range(needed, size):
        picked[top[at]] = PICKED
        total += profit[top[at]]
    work.size[0] = size
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
def loosest(route: PartialRoute, node: Node, work: Work, bound: float) -> None:
    """Write into `work.forced` for each candidate a bound on all routes that take it, from the best prices."""
    for j in range(node.count[0]):
        floor = work.best_floor[0]
        kind = node.kind[j]
        if kind >= 0 and route.open[kind] > 0:
            floor = min(floor, work.best_floor[1 + kind])
        work.forced[j] = bound if work.best_picked[j] != LEFT else bound - floor + work.best_profit[j]
