"""Composing a route: which activities close the most of a person's deficits within the limits, with a proven bound."""

from recommender.search.problem import InfeasibleRoute, RouteProblem, RouteSolution, relative_gap, route_value
from recommender.search.problem_faults import problem_faults
from recommender.search.solve import NODE_LIMIT, solve_route

__all__ = [
    "NODE_LIMIT",
    "InfeasibleRoute",
    "RouteProblem",
    "RouteSolution",
    "problem_faults",
    "relative_gap",
    "route_value",
    "solve_route",
]
