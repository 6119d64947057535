"""Composing a route: which activities close the most of a person's deficits within the limits, with a proven bound."""

from dataclasses import replace

from recommender.composition_exact import solve_exactly
from recommender.composition_faults import problem_faults
from recommender.composition_problem import (
    InfeasibleRoute,
    RouteProblem,
    RouteSolution,
    check_problem,
    relative_gap,
    route_value,
)

__all__ = [
    "InfeasibleRoute",
    "RouteProblem",
    "RouteSolution",
    "problem_faults",
    "relative_gap",
    "route_value",
    "solve_route",
]


def solve_route(problem: RouteProblem, *, gap: float = 0.01, node_limit: int | None = None) -> RouteSolution:
    """Return a route whose value is within the relative `gap` of the best possible, with the bound that proves it.

    Deterministic. Raises InfeasibleRoute where no route keeps the rules, ValueError for a problem without meaning.
    """
    check_problem(problem)
    try:
        return solve_exactly(problem, gap=gap)
    except InfeasibleRoute:
        raise _explained(problem) from None


def _explained(problem: RouteProblem) -> InfeasibleRoute:
    """Return why a problem without any route has none: its fixed activities, or the first kind that cannot be met."""
    met: dict[int, int] = {}
    for kind, least in (None, 0), *sorted(problem.kind_minimum.items()):
        if kind is not None:
            met[kind] = least
        try:
            solve_exactly(replace(problem, kind_minimum=met), gap=1.0)
        except InfeasibleRoute:
            return InfeasibleRoute("fixed_rules") if kind is None else InfeasibleRoute("kind_minimum", kind)
    raise RuntimeError("A problem was found infeasible although a route exists")
