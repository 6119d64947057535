"""The whole way of a composition: from arrays to a good route, a bound, and the proof that they are close."""

import numpy as np
from numba import types
from numba.experimental import structref

from recommender.compiled import Array, Structure, define, entry, kernel
from recommender.composition_bound import Prices, new_prices, tighten
from recommender.composition_dominance import needless
from recommender.composition_greedy import (
    EVEN,
    HOURS,
    ROOT,
    Best,
    Taste,
    fill,
    improve,
    keep_if_better,
    new_best,
    shortest_needed,
)
from recommender.composition_model import Model, build_model, hour_limits, ranked
from recommender.composition_state import STEPS, State, bundle_of, clear, cut_back, free_of_clashes, new_state, take
from recommender.composition_tree import explore, new_tree, sift, threshold, without

PROVEN, INFEASIBLE, FIXED_INFEASIBLE, UNDECIDED = 0, 1, 2, 3
"""How a search ended; after «undecided» the best route and the bound hold, but the gap may be wider than asked."""

ROOT_ROUNDS = 40
"""Steps of the prices in each stage at the root."""

STAGES = 2
"""How often the best route is improved between the tightenings of the prices."""


@structref.register
class SearchType(types.StructRef):
    """What Search is to the compiler."""


class Search(Structure):
    """A search between its stages: `pool` are the candidates left, `core` the number of fixed steps.

    `bound` and `ceiling` (1,) are the best bound so far and the greatest one of what was dropped without looking.
    """

    model: Model
    state: State
    best: Best
    prices: Prices
    pool: Array
    fixed: Array
    shortest: Array
    bound: Array
    ceiling: Array


define(Search, SearchType)


@kernel
def start_with(m: Model, s: State, fixed: Array) -> bool:
    """Make the route the fixed activities and all that they require; tell whether the rules allow that."""
    clear(m, s)
    bundle = np.empty(m.max_steps + 1, np.int64)
    for a in fixed:
        if not s.inside[a] and (m.max_steps == 0 or not take(m, s, bundle, bundle_of(m, s, a, bundle))):
            return False
    return True


@kernel
def first_pool(m: Model, s: State) -> Array:
    """Return the activities that can be added to the fixed ones, those of one group side by side."""
    pool = m.order.copy()
    keep = np.empty(len(pool), np.bool_)
    for place in range(len(pool)):
        a = pool[place]
        keep[place] = m.terms[a] != 0 and not s.inside[a] and m.hours[a] <= s.left[0] and free_of_clashes(m, s, a)
    return pool[: without(m, s, pool, keep)]


@entry
def begin(
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
    ranking: Array,
) -> Search:
    """Return a search over a problem given as arrays; `bound` is −inf where the fixed activities break the rules.

    `rows` are indptr, indices and data of the gains, sorted within rows and without duplicates; limits of hours hold
    exactly as given; `groups` are starts and members of the exclusive groups; `edges` (e, 2) the requirements;
    `minimums` the kinds and their least counts. `ranking` sorts the activities by hours, then by gain downwards.
    """
    limits = hour_limits(total_hours, term_hours, hours)
    m = build_model(weights, rows, hours, hour_cost, limits, starts, usable, max_steps, groups, edges, kinds, minimums)
    s, best, p = new_state(m), new_best(m), new_prices(m)
    bound = np.full(1, np.inf)
    if not start_with(m, s, fixed):
        bound[0] = -np.inf
    pool = first_pool(m, s)
    flagged = needless(m, pool, ranking, max_steps - s.counts[STEPS])
    pool = pool[: without(m, s, pool, ~flagged[pool])]
    return Search(m, s, best, p, pool, fixed, shortest_needed(m), bound, np.full(1, -np.inf))


@entry
def approach(search: Search, gap: float) -> None:
    """Find a good route and a good bound, and drop the candidates that cannot matter."""
    m, s, best, p, bound = search.model, search.state, search.best, search.prices, search.bound
    d = len(m.weights)
    core = s.counts[STEPS]
    if bound[0] == -np.inf:
        return
    keep_if_better(m, s, best)
    _try(search, 0.0, HOURS, core)
    _try(search, 0.0, EVEN, core)
    p.now[:d] = 0.6 * m.weights
    p.now[d] = 0.5 * max(0.0, best.value[0]) / max(m.limits[0], 1e-9)
    for stage in range(STAGES + 1):
        bound[0] = min(bound[0], tighten(m, s, search.pool, p, ROOT_ROUNDS, threshold(best, gap)))
        if bound[0] <= threshold(best, gap):
            return
        left = sift(m, s, search.pool, p, bound[0], threshold(best, gap), search.ceiling)
        search.pool = search.pool[:left]
        p.now[:] = p.best
        if stage == STAGES:
            return
        _try(search, p.best[d], EVEN, core)
        _try(search, p.best[d], ROOT, core)
        improve(m, s, best, search.pool, Taste(p.best[d], EVEN), search.shortest, core, stage > 0)
        start_with(m, s, search.fixed)


@kernel
def _try(search: Search, price: float, measure: int, core: int) -> None:
    """Fill the route greedily, remember it if it is the best, and go back to the fixed steps."""
    m, s = search.model, search.state
    barred = np.zeros(len(m.hours), np.bool_)
    fill(m, s, search.pool, Taste(price, measure), search.shortest, barred)
    keep_if_better(m, s, search.best)
    cut_back(m, s, core)


@entry
def finish(search: Search, gap: float, node_limit: int) -> tuple[Array, Array, float, float, int, int]:
    """Close the gap by branch and bound; return activities, terms, value, bound, nodes and how the search ended."""
    m, s, best, bound = search.model, search.state, search.best, search.bound[0]
    ended, nodes = PROVEN, 0
    if bound == -np.inf and best.value[0] == -np.inf:
        ended = UNDECIDED if s.undecided[0] > 0 else INFEASIBLE
    elif bound > threshold(best, gap):
        tree = new_tree(m, s, search.pool, search.prices, gap)
        s.undecided[0] = 0
        if explore(m, s, best, tree, search.prices, node_limit) and s.undecided[0] == 0:
            bound = tree.ceiling[0]
            ended = PROVEN if best.size[0] >= 0 else INFEASIBLE
        else:
            ended = UNDECIDED
        nodes = tree.nodes[0]
    size = max(0, best.size[0])
    order = ranked(-best.chosen[:size])
    bound = max(bound, search.ceiling[0], best.value[0])
    return best.chosen[order], best.terms[order], best.value[0], bound, nodes, ended
