"""The composing problem as a mixed-integer programme for HiGHS: the reference, and the help for what is left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from recommender.search.problem import InfeasibleRoute, RouteProblem, RouteSolution, route_value


@dataclass(frozen=True)
class _Columns:
    """One column per activity that may be taken, one per term of it where there are several, one per deficit.

    `activity` (n,) ascending; `owner` (m,) places in it and `term` (m,) of the seats, none of them with a single term.
    """

    activity: NDArray[np.intp]
    owner: NDArray[np.intp]
    term: NDArray[np.intp]
    deficits: int

    @property
    def taken(self) -> NDArray[np.intp]:
        """The columns that say whether an activity is taken."""
        return np.arange(len(self.activity))

    @property
    def seats(self) -> NDArray[np.intp]:
        """The columns that say in which term it is."""
        return len(self.activity) + np.arange(len(self.owner))

    @property
    def closed(self) -> NDArray[np.intp]:
        """The columns of the closed shares of deficits."""
        return len(self.activity) + len(self.owner) + np.arange(self.deficits)

    @property
    def count(self) -> int:
        return len(self.activity) + len(self.owner) + self.deficits

    def place(self, activity: int) -> NDArray[np.intp]:
        """Return the column of an activity, none where it may not be taken."""
        return np.flatnonzero(self.activity == activity)


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

    Variables z[a] ∈ {0, 1}, with several terms x[a, t] ∈ {0, 1} with Σ x[a, t] = z[a], and y[c] ∈ [0, 1] with
    y[c] ≤ Σ gains[a, c]·z[a]. Whether an activity is taken is a variable of its own also with terms: HiGHS branches
    on it, and was up to 60 times faster so than with x alone.
    """
    columns = _columns(problem)
    if len(columns.activity) == 0:
        return _empty(problem)
    cost = np.zeros(columns.count)
    cost[columns.taken] = problem.hour_cost * problem.hours[columns.activity]
    cost[columns.closed] = -problem.weights
    integral = np.ones(columns.count, dtype=np.int64)
    integral[columns.closed] = 0
    answer = milp(
        cost,
        constraints=_rows(problem, columns).constraint(),
        bounds=Bounds(np.zeros(columns.count), np.ones(columns.count)),
        integrality=integral,
        options={"mip_rel_gap": gap},
    )
    if answer.x is None:
        if answer.status == 2:
            raise InfeasibleRoute("rules")
        raise RuntimeError(f"HiGHS ended without an answer: {answer.message}")
    chosen, terms = _read(answer.x > 0.5, columns)
    value = route_value(problem, chosen)
    # HiGHS keeps its rows and its own stopping rule only up to tolerances; the bound is lifted above them.
    proven = -float(answer.mip_dual_bound)
    bound = max(value, proven + 1e-6 * max(1.0, abs(proven)))
    return RouteSolution(chosen, terms, value, bound, int(answer.mip_node_count), "highs")


def _read(on: NDArray[np.bool_], columns: _Columns) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the activities and their terms from the columns that are 1."""
    taken = np.flatnonzero(on[columns.taken])
    term = np.zeros(len(columns.activity), dtype=np.intp)
    seated = np.flatnonzero(on[columns.seats])
    term[columns.owner[seated]] = columns.term[seated]
    return tuple(columns.activity[taken].tolist()), tuple(term[taken].tolist())


def _empty(problem: RouteProblem) -> RouteSolution:
    if problem.fixed or any(least > 0 for least in problem.kind_minimum.values()):
        raise InfeasibleRoute("rules")
    return RouteSolution((), (), 0.0, 0.0, 0, "highs")


def _columns(problem: RouteProblem) -> _Columns:
    allowed = np.array(problem.starts, dtype=bool)
    allowed[sorted(problem.forbidden)] = False
    activity = np.flatnonzero(allowed.any(axis=1))
    owner, term = np.nonzero(allowed[activity]) if allowed.shape[1] > 1 else np.zeros((2, 0), dtype=np.intp)
    return _Columns(activity, owner, term, len(problem.weights))


def _rows(problem: RouteProblem, columns: _Columns) -> _Rows:
    rows = _Rows(columns)
    hours = problem.hours[columns.activity]
    rows.add(columns.taken, hours, -np.inf, problem.total_hours)
    rows.add(columns.taken, 1.0, -np.inf, problem.max_steps)
    if len(problem.term_hours) == 1:
        rows.add(columns.taken, hours, -np.inf, float(problem.term_hours[0]))
    else:
        _add_terms(problem, columns, rows)
    _add_closing(problem, columns, rows)
    _add_relations(problem, columns, rows)
    return rows


def _add_terms(problem: RouteProblem, columns: _Columns, rows: _Rows) -> None:
    """Each activity that is taken stands in one term, and what is required in an earlier one.

    Up to every term the needing activity may be placed at most as often as the needed one was before it.
    """
    hours = problem.hours[columns.activity][columns.owner]
    for term, limit in enumerate(problem.term_hours):
        at = np.flatnonzero(columns.term == term)
        rows.add(columns.seats[at], hours[at], -np.inf, float(limit))
    for place in columns.taken:
        seats = columns.seats[columns.owner == place]
        rows.add(np.append(seats, place), np.append(np.ones(len(seats)), -1.0), 0.0, 0.0)
    for needing, needed in problem.requires:
        users, served = (np.isin(columns.owner, columns.place(one)) for one in (needing, needed))
        for term in range(len(problem.term_hours)):
            first = columns.seats[users & (columns.term <= term)]
            second = columns.seats[served & (columns.term < term)]
            _add_at_most(rows, first, second)


def _add_closing(problem: RouteProblem, columns: _Columns, rows: _Rows) -> None:
    gains = problem.gains.toarray()[columns.activity]
    for deficit, share in enumerate(columns.closed):
        where = np.flatnonzero(gains[:, deficit])
        rows.add(np.append(where, share), np.append(gains[where, deficit], -1.0), 0.0, np.inf)


def _add_relations(problem: RouteProblem, columns: _Columns, rows: _Rows) -> None:
    for activity in sorted(problem.fixed):
        rows.add(columns.place(activity), 1.0, 1.0, 1.0)
    for group in problem.exclusive:
        rows.add(np.flatnonzero(np.isin(columns.activity, group)), 1.0, -np.inf, 1.0)
    for kind, least in sorted(problem.kind_minimum.items()):
        rows.add(np.flatnonzero(problem.kinds[columns.activity] == kind), 1.0, least, np.inf)
    for needing, needed in problem.requires:
        _add_at_most(rows, columns.place(needing), columns.place(needed))


def _add_at_most(rows: _Rows, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
    """The first columns are at most the second ones, in all."""
    rows.add(np.append(first, second), np.append(np.ones(len(first)), -np.ones(len(second))), -np.inf, 0.0)
