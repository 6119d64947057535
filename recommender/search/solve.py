"""Composing a route: which activities close the most of a person's deficits within the limits, with a proven bound."""

from dataclasses import replace

import numpy as np

from recommender.search.driver import NONE, PROVEN, search
from recommender.search.posing import MAX_TERMS, has_circle, pose
from recommender.search.problem import InfeasibleRoute, RouteProblem, RouteSolution, check_problem, route_value

NODE_LIMIT = 200_000
"""Nodes of our own search before what is left goes to HiGHS."""


def solve_route(problem: RouteProblem, *, gap: float = 0.01, node_limit: int | None = None) -> RouteSolution:
    """Return a route whose value is within the relative `gap` of the best possible, with the bound that proves it.

    The search of `recommender/search/` that also finds a person's route, branch and bound with Lagrangian bounds
    (see docs/decisions/0010-route-solver.md). Without `node_limit` HiGHS goes on after NODE_LIMIT nodes; with one, the
    search stops there with what it has: the bound holds all the same, the gap may then be wider than asked.
    Deterministic: the same problem gives the same answer on any machine.

    Raises InfeasibleRoute where no route keeps the rules, ValueError for a problem or a gap without meaning.

    >>> one = RouteProblem(
    ...     np.array([0.5]), csr_array(np.array([[0.6]])), np.array([16.0]), 72.0, np.array([72.0]),
    ...     np.ones((1, 1), bool), 6, (), (), np.zeros(1, np.int8), {}, frozenset(), frozenset(),
    ... )
    >>> solve_route(one).chosen
    (0,)
    """
    check_problem(problem)
    if not 0.0 <= gap < 1.0:
        raise ValueError("gap must be at least 0 and below 1")
    if not _searchable(problem):
        return _by_highs(problem, gap, None)
    found = _searched(problem, gap, NODE_LIMIT if node_limit is None else node_limit)
    if found is None:
        raise _explained(problem)
    if found.method == "search" or (node_limit is not None and found.value > -np.inf):
        return found
    return _by_highs(problem, gap, found)


def _searchable(problem: RouteProblem) -> bool:
    """Tell whether our own search takes a problem: not with very many terms, or a circle that one term can hold."""
    terms = len(problem.term_hours)
    return terms <= MAX_TERMS and not (terms == 1 and problem.requires and has_circle(problem))


def _searched(problem: RouteProblem, gap: float, node_limit: int) -> RouteSolution | None:
    """Return what our own search finds, None without any route; «stopped» as method: the proof is unfinished."""
    posed = pose(problem)
    if posed is None:
        return None
    taken, _, terms, value, bound, nodes, ended = search(posed.case, posed.fixed, float(gap), int(node_limit))
    if ended == NONE:
        return None
    order = np.argsort(taken)
    route = tuple(posed.activities[taken[order]].tolist())
    if value > -np.inf:
        value = route_value(problem, route)
        bound = max(bound, value)
    method = "search" if ended == PROVEN else "stopped"
    return RouteSolution(route, tuple(terms[order].tolist()), value, bound, nodes, method)


def _by_highs(problem: RouteProblem, gap: float, found: RouteSolution | None) -> RouteSolution:
    """Return the better of what was found and what HiGHS finds, with the lower of the two bounds."""
    # SciPy's optimisers take long to import and are seldom needed.
    from recommender.search.highs import solve_exactly

    try:
        other = solve_exactly(problem, gap=gap)
    except InfeasibleRoute:
        if found is not None and found.value > -np.inf:
            return found
        raise _explained(problem) from None
    if found is None:
        return other
    better = other if other.value > found.value else found
    bound = max(better.value, min(found.bound, other.bound))
    return replace(better, bound=bound, nodes=found.nodes + other.nodes, method="highs")


def _explained(problem: RouteProblem) -> InfeasibleRoute:
    """Return why a problem without any route has none: its fixed activities, or the first kind that cannot be met."""
    named = sorted(problem.kind_minimum.items())
    bare = replace(problem, weights=np.zeros(len(problem.weights)), hour_cost=0.0)
    for kept in range(len(named) + 1):
        if not _possible(replace(bare, kind_minimum=dict(named[:kept]))):
            return InfeasibleRoute("kind_minimum", named[kept - 1][0]) if kept else InfeasibleRoute("fixed_rules")
    raise RuntimeError("A problem was found infeasible although a route exists")


def _possible(problem: RouteProblem) -> bool:
    """Tell whether any route keeps the rules."""
    if _searchable(problem):
        found = _searched(problem, 0.5, NODE_LIMIT)
        if found is None or found.method == "search":
            return found is not None
    from recommender.search.highs import solve_exactly

    try:
        solve_exactly(problem, gap=0.5)
    except InfeasibleRoute:
        return False
    return True
