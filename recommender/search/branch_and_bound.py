"""Branch and bound over the activities of a route, depth-first, with a bound and a sifting of candidates at every node.

What is tried and closed spares what is no better. Where everything that holds an activity was closed by bounds alone,
without the calendar refusing anything, then whatever does no more in no fewer hours need not be tried in its place: a
route with the worse one would be worth no more than that with the better one, which the bound was good for. What has
rivals stands in for nothing: the bounds below it were those of routes without these.
"""

from typing import Final

import numpy as np

from recommender.compiled import Array, kernel
from recommender.search.instance import SEATED, Case, PartialRoute, cut_back, take, value_of
from recommender.search.lagrangian import LEFT, NEEDED, Node, Work, fill_child, keep_some, loosest, node_at, tighten
from recommender.search.primal_heuristics import LEAST_GAIN, Best, keep_if_better, overlap, worths
from recommender.tolerance import HOURS_TOLERANCE

NODE_ROUNDS: Final = 6
"""Steps of the prices at a node."""


@kernel
def threshold(best: Best, gap: float) -> float:
    """Return the bound up to which a node need not be looked into."""
    value = best.value[0]
    if value == -np.inf:
        return -np.inf
    return float(max(value / (1.0 - gap) if value > 0.0 else value * (1.0 - gap), value + LEAST_GAIN))


@kernel
def sift(case: Case, route: PartialRoute, node: Node, work: Work, bound: float, limit: float, ceiling: Array) -> None:
    """Drop the candidates that no route worth more than `limit` takes."""
    loosest(route, node, work, bound)
    dropped = 0
    for j in range(node.count[0]):
        work.keep[j] = work.forced[j] > limit
        if not work.keep[j]:
            ceiling[0] = max(ceiling[0], work.forced[j])
            dropped += 1
    if dropped > 0:
        keep_some(route, node, node, work)


@kernel
def explore(
    case: Case, route: PartialRoute, best: Best, nodes: Node, work: Work, gap: float, node_limit: int, ceiling: Array
) -> int:
    """Look through the tree below the node of depth 0; return how many nodes it took, `node_limit` if not closed.

    `ceiling` (1,) becomes the greatest bound of what was closed without being looked into further.
    """
    depth, seen = 0, 0
    while depth >= 0 and seen < node_limit:
        seen += 1
        node = node_at(nodes, depth)
        if _close(case, route, best, node, work, gap, ceiling):
            depth -= 1
            if depth >= 0:
                _go_on(case, route, node_at(nodes, depth), work, node.rejected[0])
            continue
        place = _branching(node, work)
        node.branch[0] = node.index[place]
        if take(case, route, node.branch[0]) != SEATED:
            _go_on(case, route, node, work, True)
            continue
        keep_if_better(case, route, best)
        depth += 1
        fill_child(case, route, node, node_at(nodes, depth), work)
    return seen


@kernel
def _go_on(case: Case, route: PartialRoute, node: Node, work: Work, rejected: bool) -> None:
    """Return to a node: drop what was tried and, where nothing was rejected below, all that is no better."""
    cut_back(case, route, node.steps[0])
    node.rejected[0] = node.rejected[0] or rejected
    tried, a = 0, node.branch[0]
    while node.index[tried] != a:
        tried += 1
    work.keep[: node.count[0]] = True
    bound_to_others = case.needs_first[a] < case.needs_first[a + 1] or case.rivals_first[a] < case.rivals_first[a + 1]
    if not rejected and not bound_to_others:
        _spare(case, route, node, tried, work.keep)
    work.keep[tried] = False
    keep_some(route, node, node, work)


@kernel
def _spare(case: Case, route: PartialRoute, node: Node, better: int, keep: Array) -> None:
    """Flag the candidates for which one cannot stand in: in hours, gains up to the room, open minimums or users."""
    count = node.count[0]
    for j in range(count):
        kind = node.kind[j]
        counts = kind >= 0 and kind != node.kind[better] and route.open[kind] > 0
        keep[j] = node.hours[j] < node.hours[better] or counts or case.users[node.index[j]] > 0
    for c in range(len(route.room)):
        gains = node.gains[c]
        least = gains[better]
        for j in range(count):
            keep[j] |= gains[j] > least


@kernel
def _close(case: Case, route: PartialRoute, best: Best, node: Node, work: Work, gap: float, ceiling: Array) -> bool:
    """Bound a node and sift its candidates; tell whether nothing in it can be better than it must."""
    slots = min(case.most - route.size[0], _fitting(route, node))
    if slots == 0 or node.count[0] == 0:
        return True
    if slots <= 2 and node.linked[0] == 0:
        _finish(case, route, best, node, work, gap, slots == 2, ceiling)
        ceiling[0] = max(ceiling[0], best.value[0])
        return True
    limit = threshold(best, gap)
    bound = tighten(case, route, node, work, NODE_ROUNDS, limit)
    if bound <= limit:
        ceiling[0] = max(ceiling[0], bound)
        return True
    sift(case, route, node, work, bound, limit, ceiling)
    return bool(node.count[0] == 0)


@kernel
def _fitting(route: PartialRoute, node: Node) -> int:
    """Return how many candidates the hours that are left can hold at most; 3 stands for more than two."""
    least, second, third = np.inf, np.inf, np.inf
    hours = node.hours
    for j in range(node.count[0]):
        if hours[j] < third:
            third = hours[j]
            if third < second:
                second, third = third, second
            if second < least:
                least, second = second, least
    left = route.left[0] + HOURS_TOLERANCE
    return int(least <= left) + int(least + second <= left) + int(least + second + third <= left)


@kernel
def _branching(node: Node, work: Work) -> int:
    """Return the place of what to branch on: what the bound wants most, an open minimum before all else."""
    chosen, rank = 0, -1
    for j in range(node.count[0]):
        kind = 2 if work.best_picked[j] == NEEDED else int(work.best_picked[j] != LEFT)
        if kind > rank or (kind == rank and work.best_profit[j] > work.best_profit[chosen]):
            chosen, rank = j, kind
    return chosen


@kernel
def _finish(
    case: Case, route: PartialRoute, best: Best, node: Node, work: Work, gap: float, pairs: bool, ceiling: Array
) -> None:
    """Find the best last step, or the best last two, by looking at all of them."""
    count, size, hours = node.count[0], route.size[0], node.hours
    base = value_of(case, route)
    worth = work.profit[:count]
    worths(case, route.room, node.gains[:, :count], hours[:count], case.hour_cost, worth)
    count = _worth_trying(worth, best.value[0] + LEAST_GAIN - base, pairs, work.order)
    order = work.order
    for i in range(count):
        one = order[i]
        if base + worth[one] <= best.value[0] + LEAST_GAIN:
            break
        _attempt(case, route, best, node, gap, one, -1, base + worth[one], ceiling)
        cut_back(case, route, size)
    if not pairs:
        return
    for i in range(count):
        for j in range(i + 1, count):
            one, two = order[i], order[j]
            together = base + worth[one] + worth[two]
            if together <= best.value[0] + LEAST_GAIN:
                break
            if hours[one] + hours[two] > route.left[0] + HOURS_TOLERANCE:
                continue
            together -= overlap(case, route.room, node.gains, one, two)
            if together > best.value[0] + LEAST_GAIN:
                _attempt(case, route, best, node, gap, one, two, together, ceiling)
                cut_back(case, route, size)


@kernel
def _worth_trying(worth: Array, least: float, pairs: bool, order: Array) -> int:
    """Write the candidates that alone (or with the best of the others) add more than `least`, the best first."""
    most, count = worth.max() if pairs else 0.0, 0
    for j in range(len(worth)):
        if worth[j] + max(most, 0.0) <= least:
            continue
        at = count
        while at > 0 and worth[order[at - 1]] < worth[j]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = j
        count += 1
    return count


@kernel
def _attempt(
    case: Case,
    route: PartialRoute,
    best: Best,
    node: Node,
    gap: float,
    one: int,
    two: int,
    value: float,
    ceiling: Array,
) -> None:
    """Take one or two candidates, which make a route worth `value`.

    Where the calendar refuses a route worth more than is asked for, the node says so, and nothing is spared for it.
    Otherwise what is spared for it is worth no more than it: the ceiling rises to its value.
    """
    wanted = value > threshold(best, gap)
    seated = take(case, route, node.index[one]) == SEATED
    if seated and two >= 0:
        seated = take(case, route, node.index[two]) == SEATED
    if seated:
        keep_if_better(case, route, best)
    elif wanted:
        node.rejected[0] = True
    else:
        ceiling[0] = max(ceiling[0], value)
