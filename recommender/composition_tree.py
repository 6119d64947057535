"""Branch and bound over the steps of a route, depth-first, with a bound and a sifting of candidates at every node."""

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, kernel
from recommender.composition_bound import LEFT, NEEDED, Prices, loosest, tighten
from recommender.composition_dominance import dominance
from recommender.composition_greedy import Best, keep_if_better
from recommender.composition_model import Model, ranked
from recommender.composition_state import (
    OPEN_NEEDS,
    STEPS,
    State,
    bundle_of,
    cut_back,
    free_of_clashes,
    lacks_needed,
    take,
    worth,
)

NODE_ROUNDS = 10
"""Steps of the prices at a node."""


@structref.register
class TreeType(types.StructRef):
    """What Tree is to the compiler."""


class Tree(Structure):
    """The open nodes, one per depth: candidates still free, how many, prices, steps taken and the branched one.

    `worse` lists the candidates that need not be taken without the one they are listed under. `nodes` counts all
    nodes, `ceiling` is the greatest bound of what was closed without being looked into further.
    """

    free: Array
    count: Array
    prices: Array
    steps: Array
    branch: Array
    worse: tuple[Array, Array]
    nodes: Array
    ceiling: Array
    gap: float


define(Tree, TreeType)


@kernel
def threshold(best: Best, gap: float) -> float:
    """Return the bound up to which a node need not be looked into."""
    value = best.value[0]
    if value == -np.inf:
        return -np.inf
    return float(max(value / (1.0 - gap) if value > 0.0 else value, value + 1e-9 * (1.0 + abs(value))))


@kernel
def without(m: Model, s: State, free: Array, keep: Array) -> int:
    """Keep the flagged candidates whose requirements are kept or taken, in place; return how many are left."""
    count = len(free)
    usable = np.zeros(len(m.hours) if len(m.edges) > 0 else 0, np.bool_)
    changed = True
    while changed:
        size = 0
        for place in range(count):
            if keep[place]:
                free[size] = free[place]
                size += 1
        count, changed = size, False
        if len(m.edges) == 0:
            return count
        usable[:] = s.inside
        for place in range(count):
            usable[free[place]] = True
        for place in range(count):
            a = free[place]
            keep[place] = True
            for need in range(m.needs[0][a], m.needs[0][a + 1]):
                keep[place] = keep[place] and usable[m.needs[1][need]]
            changed = changed or not keep[place]
    return count


@kernel
def sift(m: Model, s: State, free: Array, p: Prices, bound: float, limit: float, ceiling: Array) -> int:
    """Drop the candidates that no route worth more than `limit` takes; return how many are left."""
    forced = np.empty(len(free))
    loosest(m, s, free, p, bound, forced)
    keep = forced > limit
    for place in range(len(free)):
        if not keep[place]:
            ceiling[0] = max(ceiling[0], forced[place])
    return without(m, s, free, keep)


@kernel
def new_tree(m: Model, s: State, pool: Array, p: Prices, gap: float) -> Tree:
    """Return a tree whose only open node is the root with all of the pool."""
    depth = m.max_steps - s.counts[STEPS] + 2
    free = np.empty((depth, len(pool)), np.int64)
    free[0] = pool
    count = np.zeros(depth, np.int64)
    count[0] = len(pool)
    prices = np.empty((depth, len(p.now)))
    prices[0] = p.best
    steps = np.zeros(depth, np.int64)
    steps[0] = s.counts[STEPS]
    worse = dominance(m, pool)
    return Tree(
        free, count, prices, steps, np.zeros(depth, np.int64), worse, np.zeros(1, np.int64), np.full(1, -np.inf), gap
    )


@kernel
def explore(m: Model, s: State, best: Best, t: Tree, p: Prices, node_limit: int) -> bool:
    """Look through the tree depth-first; tell whether it was closed within the node limit."""
    bundle = np.empty(m.max_steps + 1, np.int64)
    depth = 0
    while depth >= 0:
        if t.nodes[0] >= node_limit:
            return False
        t.nodes[0] += 1
        if _close(m, s, best, t, p, depth):
            depth -= 1
            if depth >= 0:
                cut_back(m, s, t.steps[depth])
                _leave_out(m, s, t, depth)
            continue
        a = t.branch[depth]
        if not take(m, s, bundle, bundle_of(m, s, a, bundle)):
            _leave_out(m, s, t, depth)
            continue
        keep_if_better(m, s, best)
        _open_child(m, s, t, depth)
        depth += 1
    return True


@kernel
def _close(m: Model, s: State, best: Best, t: Tree, p: Prices, depth: int) -> bool:
    """Bound the node at a depth and sift its candidates; tell whether nothing in it can be better than it must."""
    left = m.max_steps - s.counts[STEPS]
    count = t.count[depth]
    if left == 0 or count == 0:
        return True
    free = t.free[depth, :count]
    if left == 1:
        _finish(m, s, best, free)
        return True
    p.now[:] = t.prices[depth]
    limit = threshold(best, t.gap)
    bound = tighten(m, s, free, p, NODE_ROUNDS, limit)
    if bound <= limit:
        t.ceiling[0] = max(t.ceiling[0], bound)
        return True
    t.prices[depth] = p.best
    t.branch[depth] = _branching(free, p)
    t.count[depth] = sift(m, s, free, p, bound, limit, t.ceiling)
    return False


@kernel
def _finish(m: Model, s: State, best: Best, free: Array) -> None:
    """Find the best last step."""
    bundle = np.empty(1, np.int64)
    steps = s.counts[STEPS]
    value = np.empty(len(free))
    for place in range(len(free)):
        value[place] = worth(m, s, free[place]) - m.hour_cost * m.hours[free[place]]
    for place in ranked(value):
        bundle[0] = free[place]
        if not lacks_needed(m, s, bundle[0]) and take(m, s, bundle, 1):
            met = s.counts[OPEN_NEEDS] == 0
            keep_if_better(m, s, best)
            cut_back(m, s, steps)
            if met:
                return


@kernel
def _branching(free: Array, p: Prices) -> int:
    """Return the candidate to branch on: what the bound wants most, an open minimum before all else."""
    chosen, rank = 0, -1
    for place in range(len(free)):
        kind = 2 if p.kept_picked[place] == NEEDED else int(p.kept_picked[place] != LEFT)
        if kind > rank or (kind == rank and p.kept_profit[place] > p.kept_profit[chosen]):
            chosen, rank = place, kind
    return int(free[chosen])


@kernel
def _open_child(m: Model, s: State, t: Tree, depth: int) -> None:
    """Make the node below: what still fits beside the taken activities."""
    count = t.count[depth]
    free = t.free[depth + 1]
    free[:count] = t.free[depth, :count]
    keep = np.empty(count, np.bool_)
    for place in range(count):
        a = free[place]
        keep[place] = not s.inside[a] and m.hours[a] <= s.left[0] and free_of_clashes(m, s, a)
    t.count[depth + 1] = without(m, s, free[:count], keep)
    t.prices[depth + 1] = t.prices[depth]
    t.steps[depth + 1] = s.counts[STEPS]


@kernel
def _leave_out(m: Model, s: State, t: Tree, depth: int) -> None:
    """Drop the branched activity from the node and, with it, what is never needed without it."""
    a = t.branch[depth]
    free = t.free[depth, : t.count[depth]]
    keep = free != a
    for place in range(len(free)):
        for other in range(t.worse[0][a], t.worse[0][a + 1]):
            keep[place] = keep[place] and t.worse[1][other] != free[place]
    t.count[depth] = without(m, s, free, keep)
