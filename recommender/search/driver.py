"""The whole way of a choice: a good route, a bound, and the proof that they are close."""

from typing import Final

import numpy as np

from recommender.compiled import Array, entry, kernel
from recommender.search.branch_and_bound import explore, sift, threshold
from recommender.search.instance import SEATED, UNDECIDED, Case, PartialRoute, cut_back, new_partial_route, put, take
from recommender.search.lagrangian import Node, Work, fill_root, new_nodes, new_work, node_at, tighten
from recommender.search.primal_heuristics import Best, greedy, improve, keep_if_better, new_best, pool_of

PROVEN, STOPPED, NONE, UNKNOWN = 0, 1, 2, 3
"""How a search ended: closed; node limit or a seating given up (the bound holds all the same); no route keeps the
rules; none was found before the search stopped."""

ROOT_ROUNDS: Final = 20
POOL: Final = 24
"""At the root prices, candidates and the best route are improved in turn; so many candidates come in by exchanges."""


@entry
def search(case: Case, fixed: Array, gap: float, node_limit: int) -> tuple[Array, Array, Array, float, float, int, int]:
    """Return the chosen activities, their options and terms, value, bound, nodes and how the search ended."""
    route, best, nodes, work = new_partial_route(case), new_best(case), new_nodes(case, case.most + 1), new_work(case)
    ceiling = np.full(1, -np.inf)
    for a in fixed:
        ended = SEATED if route.inside[a] else take(case, route, a)
        if ended != SEATED:
            return fixed[:0], fixed[:0], fixed[:0], -np.inf, np.inf, 0, UNKNOWN if ended == UNDECIDED else NONE
    core, root = route.size[0], node_at(nodes, 0)
    keep_if_better(case, route, best)
    fill_root(case, route, root, work)
    bound = _approach(case, route, best, root, work, gap, core, ceiling)
    seen, ended = 0, PROVEN
    if bound > threshold(best, gap):
        seen = explore(case, route, best, nodes, work, gap, node_limit, ceiling)
        closed = seen < node_limit and route.undecided[0] == 0
        ended = PROVEN if closed else STOPPED
        bound = min(bound, max(ceiling[0], best.value[0])) if closed else bound
    if best.size[0] < 0:
        return fixed[:0], fixed[:0], fixed[:0], -np.inf, bound, seen, NONE if ended == PROVEN else UNKNOWN
    _settle(case, route, best)
    size = route.size[0]
    bound = max(bound, ceiling[0], best.value[0])
    return route.taken[:size], route.option[:size], route.term[:size], best.value[0], bound, seen, ended


@kernel
def _approach(
    case: Case, route: PartialRoute, best: Best, root: Node, work: Work, gap: float, core: int, ceiling: Array
) -> float:
    """Find a good route and a good bound, and drop the candidates that cannot matter; return the bound."""
    worth = np.empty(len(case.hours))
    _try(case, route, best, 0.0, worth, core)
    root.prices[:-1] = 0.6 * case.weights
    root.prices[-1] = 0.5 * max(0.0, best.value[0]) / max(case.total_hours, 1e-9)
    bound = tighten(case, route, root, work, ROOT_ROUNDS, threshold(best, gap))
    if bound > threshold(best, gap):
        _try(case, route, best, root.prices[-1], worth, core)
        _try(case, route, best, 0.5 * root.prices[-1], worth, core)
        if best.size[0] >= 0:
            improve(case, route, best, pool_of(case, _most_profitable(root, work)), core)
            cut_back(case, route, core)
        sift(case, route, root, work, bound, threshold(best, gap), ceiling)
    return bound


@kernel
def _most_profitable(node: Node, work: Work) -> Array:
    """Return the candidates with the highest profits at the best prices."""
    count = node.count[0]
    order = np.argsort(-work.best_profit[:count], kind="mergesort")
    return node.index[:count][order[: min(count, POOL)]]


@kernel
def _try(case: Case, route: PartialRoute, best: Best, price: float, worth: Array, core: int) -> None:
    greedy(case, route, price, worth)
    keep_if_better(case, route, best)
    cut_back(case, route, core)


@kernel
def _settle(case: Case, route: PartialRoute, best: Best) -> None:
    """Seat the best route anew in order of its activities, so that its seats do not depend on how it was found.

    Where that is given up, the seats stand with which it was found.
    """
    cut_back(case, route, 0)
    for a in np.sort(best.taken[: best.size[0]]):
        if not route.inside[a]:
            take(case, route, a)
    if route.size[0] == best.size[0]:
        return
    cut_back(case, route, 0)
    for place in range(best.size[0]):
        put(case, route, best.taken[place])
        route.option[place], route.term[place] = best.option[place], best.term[place]
