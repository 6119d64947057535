"""Branch and bound over the steps of a route, and the whole way from arrays to a route with its proven bound."""

from typing import cast

import numpy as np
from numba import njit, types
from numba.experimental import structref

from recommender.composition_bound import LEFT, NEEDED, Prices, loosest, new_prices, tighten
from recommender.composition_greedy import (
    EVEN,
    HOURS,
    ROOT,
    Best,
    Taste,
    fill,
    improve,
    keep_if_better,
    shortest_needed,
)
from recommender.composition_model import Array, Model, build_model, hour_limits, kernel, ranked, rows_of
from recommender.composition_state import (
    OPEN_NEEDS,
    STEPS,
    State,
    bundle_of,
    cut_back,
    free_of_clashes,
    new_state,
    take,
    worth,
)

PROVEN, INFEASIBLE, FIXED_INFEASIBLE, UNDECIDED = 0, 1, 2, 3
"""How a search ended; after «undecided» the best route and the bound hold, but the gap may be wider than asked."""

NODE_ROUNDS = 12
ROOT_ROUNDS = 40


@structref.register
class TreeType(types.StructRef):  # type: ignore[misc]
    """What Tree is to the compiler."""


class Tree(structref.StructRefProxy):  # type: ignore[misc]
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

    def __new__(cls, *fields: object) -> "Tree":
        return cast(Tree, structref.StructRefProxy.__new__(cls, *fields))


structref.define_proxy(Tree, TreeType, list(Tree.__annotations__))


@kernel
def threshold(best: Best, gap: float) -> float:
    """Return the bound up to which a node need not be looked into."""
    value = best.value[0]
    if value == -np.inf:
        return value
    return max(value / (1.0 - gap) if value > 0.0 else value, value + 1e-9 * (1.0 + abs(value)))


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
def dominance(m: Model, s: State, free: Array) -> tuple[Array, Array]:
    """List under each candidate those that are never needed without it: it does all that they do for no more hours.

    Where a best route holds the worse and not the better one, exchanging them gives another best route; preferring
    the better one in this way ends, so a best route exists in which nothing worse stands without its better one.
    """
    better = np.empty(len(free) * len(free), np.int64)
    worse = np.empty(len(free) * len(free), np.int64)
    size = 0
    for a in free:
        if m.users[0][a + 1] > m.users[0][a] or m.needs[0][a + 1] > m.needs[0][a]:
            continue
        for b in free:
            if a != b and _does_all(m, a, b) and (a > b or not _does_all(m, b, a)):
                better[size] = b
                worse[size] = a
                size += 1
    return rows_of(better[:size], worse[:size], len(m.hours))


@kernel
def _does_all(m: Model, a: int, b: int) -> bool:
    """Tell whether b can stand in for a anywhere: hours, gains, terms, minimums, groups and requirements."""
    if m.hours[b] > m.hours[a] or m.terms[a] & ~m.terms[b]:
        return False
    if (m.minimum_of[a] >= 0 and m.minimum_of[b] != m.minimum_of[a]) or m.needs[0][b + 1] > m.needs[0][b]:
        return False
    for entry in range(m.start[a], m.start[a + 1]):
        found = m.gain[entry] <= 0.0
        for other in range(m.start[b], m.start[b + 1]):
            found = found or (m.deficit[other] == m.deficit[entry] and m.gain[other] >= m.gain[entry])
        if not found:
            return False
    for place in range(m.groups_of[0][b], m.groups_of[0][b + 1]):
        found = False
        for other in range(m.groups_of[0][a], m.groups_of[0][a + 1]):
            found = found or m.groups_of[1][place] == m.groups_of[1][other]
        if not found:
            return False
    return True


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
    worse = dominance(m, s, pool)
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
        a = _branching(s, t.free[depth, : t.count[depth]], p)
        t.branch[depth] = a
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
        if take(m, s, bundle, 1):
            met = s.counts[OPEN_NEEDS] == 0
            keep_if_better(m, s, best)
            cut_back(m, s, steps)
            if met:
                return


@kernel
def _branching(s: State, free: Array, p: Prices) -> int:
    """Return the candidate to branch on: what the bound wants most, an open minimum before all else."""
    chosen, rank = 0, -1
    for place in range(len(free)):
        kind = 2 if p.kept_picked[place] == NEEDED else int(p.kept_picked[place] != LEFT)
        if kind > rank or (kind == rank and p.kept_profit[place] > p.kept_profit[chosen]):
            chosen, rank = place, kind
    return free[chosen]


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


@kernel
def start_with(m: Model, s: State, fixed: Array) -> bool:
    """Take the fixed activities and all that they require."""
    bundle = np.empty(m.max_steps + 1, np.int64)
    for a in fixed:
        if not s.inside[a]:
            size = bundle_of(m, s, a, bundle) if m.max_steps > 0 else 1
            if m.max_steps == 0 or not take(m, s, bundle, size):
                return False
    return True


@njit(cache=True, nogil=True)
def compose(
    weights: Array,
    rows: tuple[Array, Array, Array],
    hours: Array,
    hour_cost: float,
    total_hours: float,
    term_hours: Array,
    starts: Array,
    usable: Array,
    max_steps: int,
    groups: tuple[Array, Array],
    edges: Array,
    kinds: Array,
    minimums: tuple[Array, Array],
    fixed: Array,
    gap: float,
    node_limit: int,
) -> tuple[Array, Array, float, float, int, int]:
    """Return chosen activities, their terms, value, bound, nodes and how the search ended."""
    limits = hour_limits(total_hours, term_hours, hours)
    m = build_model(weights, rows, hours, hour_cost, limits, starts, usable, max_steps, groups, edges, kinds, minimums)
    return compose_model(m, fixed, gap, node_limit)


@kernel
def compose_model(m: Model, fixed: Array, gap: float, node_limit: int) -> tuple[Array, Array, float, float, int, int]:
    """Return chosen activities, their terms, value, bound, nodes and how the search ended."""
    s = new_state(m)
    best = Best(
        np.zeros(m.max_steps + 1, np.int64),
        np.zeros(m.max_steps + 1, np.int64),
        np.zeros(1, np.int64),
        np.full(1, -np.inf),
    )
    if not start_with(m, s, fixed):
        ended = FIXED_INFEASIBLE if s.undecided[0] == 0 else UNDECIDED
        return best.chosen[:0], best.terms[:0], -np.inf, np.inf, 0, ended
    core = s.counts[STEPS]
    shortest = shortest_needed(m)
    keep_if_better(m, s, best)
    usable = (m.terms != 0)[m.order] & ~s.inside[m.order]
    pool = m.order[usable]
    for place in range(len(pool)):
        usable[place] = m.hours[pool[place]] <= s.left[0] and free_of_clashes(m, s, pool[place])
    pool = pool[: without(m, s, pool, usable[: len(pool)])]
    barred = np.zeros(len(m.hours), np.bool_)
    for measure in (HOURS, EVEN):
        fill(m, s, pool, Taste(0.0, measure), shortest, barred)
        keep_if_better(m, s, best)
        cut_back(m, s, core)
    p = new_prices(m)
    d = len(m.weights)
    p.now[:d] = 0.6 * m.weights
    p.now[d] = 0.5 * max(0.0, best.value[0]) / max(m.limits[0], 1e-9)
    ceiling = np.full(1, -np.inf)
    bound = np.inf
    for stage in range(3):
        bound = min(bound, tighten(m, s, pool, p, ROOT_ROUNDS, threshold(best, gap)))
        if bound <= threshold(best, gap):
            break
        pool = pool[: sift(m, s, pool, p, bound, threshold(best, gap), ceiling)]
        p.now[:] = p.best
        price = p.best[d]
        for measure in (EVEN, ROOT):
            fill(m, s, pool, Taste(price, measure), shortest, barred)
            keep_if_better(m, s, best)
            cut_back(m, s, core)
        improve(m, s, best, pool, Taste(price, EVEN), shortest, core, stage > 0)
        s_clear(m, s, fixed)
    ended = PROVEN
    nodes = 0
    if bound > threshold(best, gap):
        t = new_tree(m, s, pool, p, gap)
        s.undecided[0] = 0
        if explore(m, s, best, t, p, node_limit) and s.undecided[0] == 0:
            bound = max(ceiling[0], t.ceiling[0])
        else:
            ended = UNDECIDED
        nodes = t.nodes[0]
    if best.value[0] == -np.inf and ended == PROVEN:
        ended = INFEASIBLE
    bound = max(bound, ceiling[0], best.value[0])
    size = best.size[0]
    order = ranked(-best.chosen[:size])
    return best.chosen[:size][order], best.terms[:size][order], best.value[0], bound, nodes, ended


@kernel
def s_clear(m: Model, s: State, fixed: Array) -> None:
    cut_back(m, s, 0)
    start_with(m, s, fixed)
