"""The array-level problem of composing one route, its solution, and the exception for problems without any route."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True)
class RouteProblem:
    """Which activities to take, and when.

    Arrays: `weights` (d,) weight × gap of each deficit, ≥ 0; `gains` (n, d) share of a deficit that an activity closes,
    ≥ 0 (the closing of a deficit saturates at 1); `hours` (n,) > 0; `term_hours` (t,) hours in each term, `starts` (n,
    t) terms in which an activity may be taken (with t = 1 there is no order in time, but `starts` still says whether an
    activity may be taken at all); `kinds` (n,). At most `max_steps` activities of at most `total_hours` hours; at most
    one of each group of `exclusive` (the search lists the pairs of a group: thousands in one group cost seconds);
    `requires` pairs (a, b): a only with b, and b in a strictly earlier term when t > 1; at least `kind_minimum[kind]`
    activities of a kind; all of `fixed`, none of `forbidden`. The value of a route is Σ weights·min(1, Σ gains) −
    hour_cost·Σ hours.
    """

    weights: NDArray[np.float64]
    gains: csr_array
    hours: NDArray[np.float64]
    total_hours: float
    term_hours: NDArray[np.float64]
    starts: NDArray[np.bool_]
    max_steps: int
    exclusive: tuple[tuple[int, ...], ...]
    requires: tuple[tuple[int, int], ...]
    kinds: NDArray[np.int8]
    kind_minimum: Mapping[int, int]
    fixed: frozenset[int]
    forbidden: frozenset[int]
    hour_cost: float = 1e-4


@dataclass(frozen=True)
class RouteSolution:
    """The chosen activities (ascending), the term of each, the value, and a bound that no route can exceed.

    `nodes` is how many nodes the search looked at; `method` is «search» when our own search proved the bound within
    the asked gap, «highs» when what was left went to HiGHS, «stopped» when the caller's node limit ended it.
    """

    chosen: tuple[int, ...]
    terms: tuple[int, ...]
    value: float
    bound: float
    nodes: int = 0
    method: str = "search"

    @property
    def gap(self) -> float:
        """Return how far the value may be below the best possible (`relative_gap`)."""
        return relative_gap(self.value, self.bound)


class InfeasibleRoute(Exception):
    """No route keeps the rules; `reason` is a code, `kind` the kind whose minimum cannot be met, where it is one.

    Codes: «fixed_rules» (the fixed activities cannot be in a route together), «kind_minimum» (`kind` is the first
    kind, in ascending order, whose minimum cannot be met together with the minimums of the kinds before it).
    """

    def __init__(self, reason: str, kind: int | None = None) -> None:
        super().__init__(reason if kind is None else f"{reason}:{kind}")
        self.reason = reason
        self.kind = kind


def relative_gap(value: float, bound: float) -> float:
    """Return (bound − value) / max(|bound|, |value|), and 0 where the two differ only by rounding (1e-9).

    The larger magnitude of the two, since a required step may cost more hours than all of them bring, so that a value
    can be below zero.
    """
    return 0.0 if bound - value <= 1e-9 else (bound - value) / max(abs(bound), abs(value))


def route_value(problem: RouteProblem, chosen: tuple[int, ...]) -> float:
    """Return Σ weights·min(1, Σ gains) − hour_cost·Σ hours of the chosen activities."""
    rows = np.asarray(chosen, dtype=np.intp)
    gains = problem.gains
    covered = np.zeros(len(problem.weights))
    for row in rows:
        part = slice(gains.indptr[row], gains.indptr[row + 1])
        np.add.at(covered, gains.indices[part], gains.data[part])
    hours = float(np.sum(problem.hours[rows]))
    return float(problem.weights @ np.minimum(covered, 1.0)) - problem.hour_cost * hours


def check_problem(problem: RouteProblem) -> None:
    """Raise ValueError with a sentence for a problem whose shapes or values have no meaning."""
    count, deficits = problem.gains.shape
    terms = len(problem.term_hours)
    _require(problem.weights.shape == (deficits,), f"weights must have shape ({deficits},)")
    _require(problem.hours.shape == (count,), f"hours must have shape ({count},)")
    _require(problem.kinds.shape == (count,), f"kinds must have shape ({count},)")
    _require(terms >= 1 and problem.term_hours.ndim == 1, "term_hours must have shape (t,) with t of at least 1")
    _require(problem.starts.shape == (count, terms), f"starts must have shape ({count}, {terms})")
    _check_values(problem)
    _check_indices(problem, count)


def _check_values(problem: RouteProblem) -> None:
    for name, values in (("weights", problem.weights), ("gains", problem.gains.data)):
        _require(bool(np.all(np.isfinite(values)) and np.all(values >= 0)), f"{name} must be finite and not negative")
    hours = problem.hours
    _require(bool(np.all(np.isfinite(hours)) and np.all(hours > 0)), "hours must be finite and above zero")
    _require(not np.any(np.isnan(problem.term_hours)), "term_hours must be numbers")
    _require(not np.isnan(problem.total_hours), "total_hours must be a number")
    _require(np.isfinite(problem.hour_cost) and problem.hour_cost >= 0, "hour_cost must be finite and not negative")
    _require(problem.total_hours >= 0 and bool(np.all(problem.term_hours >= 0)), "limits of hours must not be negative")
    _require(problem.max_steps >= 0, "max_steps must not be negative")
    _require(all(least >= 0 for least in problem.kind_minimum.values()), "kind_minimum must not be negative")


def _check_indices(problem: RouteProblem, count: int) -> None:
    for name, groups in (
        ("exclusive", problem.exclusive),
        ("requires", problem.requires),
        ("fixed", (problem.fixed,)),
        ("forbidden", (problem.forbidden,)),
    ):
        for group in groups:
            _require(all(0 <= index < count for index in group), f"{name} names an activity outside 0…{count - 1}")
    pairs = problem.requires
    _require(all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs), "requires must hold pairs of two activities")
    _require(all(len(set(group)) == len(group) for group in problem.exclusive), "exclusive names an activity twice")


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise ValueError(sentence)
