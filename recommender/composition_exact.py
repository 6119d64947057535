"""The composing problem as a mixed-integer programme for HiGHS: the reference, and the help for what is left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from recommender.composition_problem import InfeasibleRoute, RouteProblem, RouteSolution, route_value


@dataclass(frozen=True)
class _Columns:
    """One column per activity and term in which it may be taken, then one per deficit (its closed share)."""

    activity: NDArray[np.intp]
    term: NDArray[np.intp]
    deficits: int

    @property
    def count(self) -> int:
        return len(self.activity) + self.deficits


class _Rows:
    """Collects the rows of the constraint matrix."""

    def __init__(self, columns: _Columns) -> None:
        self.columns = columns
        self.entries: list[tuple[NDArray[np.intp], NDArray[np.float64]]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, where: NDArray[np.intp], values: NDArray[np.float64] | float, low: float, high: float) -> None:
        self.entries.append((where, np.broadcast_to(np.asarray(values, dtype=np.float64), where.shape)))
        self.low.append(low)
        self.high.append(high)

    def constraint(self) -> LinearConstraint:
        indptr = np.cumsum([0, *(len(where) for where, _ in self.entries)])
        indices = np.concatenate([where for where, _ in self.entries])
        data = np.concatenate([values for _, values in self.entries])
        matrix = csr_array((data, indices, indptr), shape=(len(self.entries), self.columns.count))
        return LinearConstraint(matrix, self.low, self.high)


def solve_exactly(problem: RouteProblem, *, gap: float = 0.0) -> RouteSolution:
    """Return the route that HiGHS finds with its proven bound, within the relative `gap`; raises InfeasibleRoute.

    Variables x[a, t] ∈ {0, 1} and y[c] ∈ [0, 1] with y[c] ≤ Σ gains[a, c]·x[a, t].
    """
    columns = _columns(problem)
    if columns.count == 0 or len(columns.activity) == 0:
        return _empty(problem)
    cost = np.concatenate([problem.hour_cost * problem.hours[columns.activity], -problem.weights])
    low = np.zeros(columns.count)
    integral = np.concatenate([np.ones(len(columns.activity)), np.zeros(columns.deficits)])
    answer = milp(
        cost,
        constraints=_rows(problem, columns).constraint(),
        bounds=Bounds(low, np.ones(columns.count)),
        integrality=integral,
        options={"mip_rel_gap": gap},
    )
    if answer.x is None:
        if answer.status == 2:
            raise InfeasibleRoute("rules")
        raise RuntimeError(f"HiGHS ended without an answer: {answer.message}")
    taken = np.flatnonzero(answer.x[: len(columns.activity)] > 0.5)
    order = np.argsort(columns.activity[taken], kind="stable")
    chosen = tuple(int(index) for index in columns.activity[taken][order])
    terms = tuple(int(term) for term in columns.term[taken][order])
    value = route_value(problem, chosen)
    # HiGHS keeps its rows and its own stopping rule only up to tolerances; the bound is lifted above them.
    proven = -float(answer.mip_dual_bound)
    bound = max(value, proven + 1e-6 * max(1.0, abs(proven)))
    return RouteSolution(chosen, terms, value, bound, int(answer.mip_node_count), "highs")


def _empty(problem: RouteProblem) -> RouteSolution:
    if problem.fixed or any(least > 0 for least in problem.kind_minimum.values()):
        raise InfeasibleRoute("rules")
    return RouteSolution((), (), 0.0, 0.0, 0, "highs")


def _columns(problem: RouteProblem) -> _Columns:
    allowed = np.array(problem.starts, dtype=bool)
    allowed[sorted(problem.forbidden)] = False
    activity, term = np.nonzero(allowed)
    return _Columns(activity, term, len(problem.weights))


def _rows(problem: RouteProblem, columns: _Columns) -> _Rows:
    rows = _Rows(columns)
    everything = np.arange(len(columns.activity))
    hours = problem.hours[columns.activity]
    rows.add(everything, hours, -np.inf, problem.total_hours)
    rows.add(everything, 1.0, -np.inf, problem.max_steps)
    for term, limit in enumerate(problem.term_hours):
        at = np.flatnonzero(columns.term == term)
        rows.add(at, hours[at], -np.inf, float(limit))
    _add_closing(problem, columns, rows)
    _add_relations(problem, columns, rows)
    return rows


def _add_closing(problem: RouteProblem, columns: _Columns, rows: _Rows) -> None:
    gains = problem.gains.toarray()[columns.activity]
    for deficit in range(columns.deficits):
        where = np.flatnonzero(gains[:, deficit])
        share = len(columns.activity) + deficit
        rows.add(np.append(where, share), np.append(gains[where, deficit], -1.0), 0.0, np.inf)


def _add_relations(problem: RouteProblem, columns: _Columns, rows: _Rows) -> None:
    terms = len(problem.term_hours)
    for activity in range(problem.gains.shape[0]):
        where = np.flatnonzero(columns.activity == activity)
        if activity in problem.fixed:
            rows.add(where, 1.0, 1.0, 1.0)
        elif terms > 1:
            rows.add(where, 1.0, -np.inf, 1.0)
    for group in problem.exclusive:
        rows.add(np.flatnonzero(np.isin(columns.activity, group)), 1.0, -np.inf, 1.0)
    for kind, least in sorted(problem.kind_minimum.items()):
        rows.add(np.flatnonzero(problem.kinds[columns.activity] == kind), 1.0, least, np.inf)
    for needing, needed in problem.requires:
        _add_requirement(columns, rows, (needing, needed), terms)


def _add_requirement(columns: _Columns, rows: _Rows, pair: tuple[int, int], terms: int) -> None:
    """Up to every term the needing activity may be placed at most as often as the needed one was before it."""
    for term in range(terms):
        first = np.flatnonzero((columns.activity == pair[0]) & (columns.term <= term))
        second = np.flatnonzero((columns.activity == pair[1]) & (columns.term < max(term, terms == 1)))
        values = np.concatenate([np.ones(len(first)), -np.ones(len(second))])
        rows.add(np.concatenate([first, second]), values, -np.inf, 0.0)
