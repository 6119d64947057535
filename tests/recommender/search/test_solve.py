"""Laws of composing: against brute force on small problems, and against HiGHS on larger ones."""

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender import composition
from recommender.composition import (
    InfeasibleRoute,
    RouteProblem,
    RouteSolution,
    problem_faults,
    route_value,
    solve_route,
)
from recommender.search.driver import search
from recommender.search.highs import solve_exactly
from recommender.search.posing import pose

LAWS = settings(deadline=None, max_examples=60, derandomize=True)


@st.composite
def problems(draw: st.DrawFn, terms: int | None = None) -> RouteProblem:
    """A problem of at most five activities with rules of every sort, often tight, sometimes contradictory."""
    count, deficits = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    many = draw(st.sampled_from([1, 1, 2, 3])) if terms is None else terms
    share = st.sampled_from([0.0, 0.0, 0.3, 0.5, 0.8, 1.0, 1.4])
    gains = np.array([[draw(share) for _ in range(deficits)] for _ in range(count)]).reshape(count, deficits)
    pair = st.tuples(st.integers(0, max(0, count - 1)), st.integers(0, max(0, count - 1)))
    pairs = st.lists(pair.filter(lambda both: both[0] != both[1]), max_size=2, unique=True)
    some = st.frozensets(st.integers(0, count - 1), max_size=1) if count else st.just(frozenset())
    groups = st.lists(st.sets(st.integers(0, count - 1), min_size=1, max_size=3), max_size=2) if count else st.just([])
    return RouteProblem(
        weights=np.array([draw(st.sampled_from([0.0, 0.4, 1.0, 1.7])) for _ in range(deficits)]),
        gains=csr_array(gains),
        hours=np.array([draw(st.sampled_from([4.0, 16.0, 18.0, 36.0])) for _ in range(count)]),
        total_hours=draw(st.sampled_from([0.0, 20.0, 40.0, 72.0])),
        term_hours=np.array([draw(st.sampled_from([16.0, 20.0, 40.0])) for _ in range(many)]),
        starts=np.array([[draw(st.sampled_from([True, True, False])) for _ in range(many)] for _ in range(count)])
        .reshape(count, many)
        .astype(bool),
        max_steps=draw(st.integers(0, 4)),
        exclusive=tuple(tuple(sorted(group)) for group in draw(groups)),
        requires=tuple(draw(pairs)) if count > 1 else (),
        kinds=np.array([draw(st.integers(0, 2)) for _ in range(count)], dtype=np.int8),
        kind_minimum=draw(st.dictionaries(st.integers(0, 2), st.integers(0, 2), max_size=2)),
        fixed=draw(some),
        forbidden=draw(some),
        hour_cost=draw(st.sampled_from([0.0, 1e-4, 0.02])),
    )


def best_of_all(problem: RouteProblem) -> float | None:
    """The best value by trying everything, None without any route."""
    best = None
    for choice in product(range(-1, len(problem.term_hours)), repeat=len(problem.hours)):
        chosen = tuple(index for index, term in enumerate(choice) if term >= 0)
        value = route_value(problem, chosen)
        trial = RouteSolution(chosen, tuple(term for term in choice if term >= 0), value, value)
        if (best is None or value > best) and not problem_faults(problem, trial):
            best = value
    return best


def solved(problem: RouteProblem, gap: float = 0.0) -> RouteSolution | None:
    try:
        return solve_route(problem, gap=gap)
    except InfeasibleRoute:
        return None


@LAWS
@given(problem=problems(), gap=st.sampled_from([0.0, 0.01, 0.3]))
def test_a_route_is_sound_and_within_the_gap_of_the_best_of_all(problem: RouteProblem, gap: float) -> None:
    best = best_of_all(problem)
    solution = solved(problem, gap)
    if best is None:
        assert solution is None
        return
    assert solution is not None
    assert problem_faults(problem, solution) == ()
    assert solution.value <= best + 1e-9
    assert solution.bound >= best - 1e-12
    assert solution.value <= 0 or solution.gap <= gap + 1e-6
    assert gap > 0 or solution.value >= best - 1e-6


@LAWS
@given(problem=problems(), seed=st.integers(0, 5))
def test_the_order_of_activities_does_not_matter(problem: RouteProblem, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(problem.hours))
    place = {int(old): new for new, old in enumerate(order)}
    shuffled = replace(
        problem,
        gains=csr_array(problem.gains.toarray()[order]),
        hours=problem.hours[order],
        starts=problem.starts[order],
        kinds=problem.kinds[order],
        exclusive=tuple(tuple(place[index] for index in group) for group in problem.exclusive),
        requires=tuple((place[first], place[second]) for first, second in problem.requires),
        fixed=frozenset(place[index] for index in problem.fixed),
        forbidden=frozenset(place[index] for index in problem.forbidden),
    )
    first, second = solved(problem), solved(shuffled)
    assert (first is None) == (second is None)
    assert first is None or second is None or first.value == pytest.approx(second.value, abs=1e-6)


@LAWS
@given(problem=problems())
def test_more_hours_never_lower_what_can_be_reached(problem: RouteProblem) -> None:
    tight = solved(problem)
    wide = solved(replace(problem, total_hours=problem.total_hours + 20.0, term_hours=problem.term_hours + 10.0))
    if tight is not None:
        assert wide is not None
        assert wide.bound >= tight.value - 1e-9
        assert wide.value >= tight.value - 1e-6


@LAWS
@given(problem=problems())
def test_an_activity_that_closes_nothing_changes_nothing(problem: RouteProblem) -> None:
    count, deficits = problem.gains.shape
    wider = replace(
        problem,
        gains=csr_array(np.vstack([problem.gains.toarray(), np.zeros((1, deficits))])),
        hours=np.append(problem.hours, 1.0),
        starts=np.vstack([problem.starts, np.ones((1, problem.starts.shape[1]), dtype=bool)]),
        kinds=np.append(problem.kinds, np.int8(9)),
    )
    first, second = solved(problem), solved(wider)
    assert (first is None) == (second is None)
    assert first is None or second is None or first.value == pytest.approx(second.value, abs=1e-6)


@LAWS
@given(problem=problems())
def test_the_same_problem_gives_the_same_answer(problem: RouteProblem) -> None:
    assert solved(problem, 0.01) == solved(problem, 0.01)


@LAWS
@given(problem=problems())
def test_highs_takes_over_after_the_last_node_with_the_same_promise(problem: RouteProblem) -> None:
    best = best_of_all(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "NODE_LIMIT", 0)
        solution = solved(problem)
    assert (solution is None) == (best is None)
    if best is not None and solution is not None:
        assert problem_faults(problem, solution) == ()
        assert solution.value == pytest.approx(best, abs=1e-5)
        assert solution.bound >= best - 1e-12


@LAWS
@given(problem=problems(), limit=st.integers(0, 3))
def test_a_search_that_the_caller_stops_has_a_sound_route_and_a_true_bound(problem: RouteProblem, limit: int) -> None:
    best = best_of_all(problem)
    try:
        solution = solve_route(problem, gap=0.0, node_limit=limit)
    except InfeasibleRoute:
        assert best is None
        return
    assert best is not None
    assert problem_faults(problem, solution) == ()
    assert solution.value <= best + 1e-9
    assert solution.bound >= best - 1e-12


def plain(count: int = 3, deficits: int = 2, terms: int = 1) -> RouteProblem:
    """Activities of 16 hours of which each closes 0.4 of every deficit, without rules."""
    return RouteProblem(
        weights=np.ones(deficits),
        gains=csr_array(np.full((count, deficits), 0.4)),
        hours=np.full(count, 16.0),
        total_hours=72.0,
        term_hours=np.full(terms, 36.0) if terms > 1 else np.array([72.0]),
        starts=np.ones((count, terms), dtype=bool),
        max_steps=6,
        exclusive=(),
        requires=(),
        kinds=np.zeros(count, dtype=np.int8),
        kind_minimum={},
        fixed=frozenset(),
        forbidden=frozenset(),
    )


@pytest.mark.parametrize(("count", "deficits"), [(0, 0), (0, 2), (3, 0)])
def test_without_activities_or_deficits_the_route_is_empty(count: int, deficits: int) -> None:
    solution = solve_route(plain(count, deficits))
    assert (solution.chosen, solution.terms, solution.value, solution.gap) == ((), (), 0.0, 0.0)


def test_without_weights_only_what_must_be_is_taken() -> None:
    problem = replace(plain(), weights=np.zeros(2), fixed=frozenset({2}), kind_minimum={0: 2})
    solution = solve_route(problem)
    assert len(solution.chosen) == 2
    assert 2 in solution.chosen


@pytest.mark.parametrize(
    ("change", "reason", "kind"),
    [
        ({"kind_minimum": {5: 1}}, "kind_minimum", 5),
        ({"kind_minimum": {0: 4}}, "kind_minimum", 0),
        ({"kind_minimum": {0: 1, 7: 1}}, "kind_minimum", 7),
        ({"fixed": frozenset({0, 1}), "exclusive": ((0, 1),)}, "fixed_rules", None),
        ({"fixed": frozenset({0}), "forbidden": frozenset({0})}, "fixed_rules", None),
        ({"fixed": frozenset({0}), "requires": ((0, 1),), "forbidden": frozenset({1})}, "fixed_rules", None),
        ({"fixed": frozenset({0}), "max_steps": 0}, "fixed_rules", None),
        ({"fixed": frozenset({0, 1}), "total_hours": 31.0}, "fixed_rules", None),
    ],
)
def test_rules_that_cannot_be_met_are_named(change: dict[str, Any], reason: str, kind: int | None) -> None:
    with pytest.raises(InfeasibleRoute) as raised:
        solve_route(replace(plain(), **change))
    assert (raised.value.reason, raised.value.kind) == (reason, kind)


@pytest.mark.parametrize(
    "change",
    [
        {"weights": np.ones(3)},
        {"weights": np.array([1.0, -1.0])},
        {"weights": np.array([1.0, np.nan])},
        {"hours": np.zeros(3)},
        {"hours": np.ones(2)},
        {"total_hours": -1.0},
        {"term_hours": np.zeros(0)},
        {"starts": np.ones((3, 2), dtype=bool)},
        {"gains": csr_array(np.full((3, 2), -0.1))},
        {"exclusive": ((0, 3),)},
        {"exclusive": ((0, 0),)},
        {"requires": ((0, -1),)},
        {"requires": ((1, 1),)},
        {"fixed": frozenset({3})},
        {"kind_minimum": {0: -1}},
        {"max_steps": -1},
        {"hour_cost": -1.0},
    ],
)
def test_problems_without_meaning_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must|names"):
        solve_route(replace(plain(), **change))


@pytest.mark.parametrize("gap", [-0.1, 1.0, float("nan")])
def test_gaps_without_meaning_are_refused(gap: float) -> None:
    with pytest.raises(ValueError, match="gap"):
        solve_route(plain(), gap=gap)


def test_what_is_required_stands_in_an_earlier_term() -> None:
    problem = replace(plain(3, 2, 2), requires=((0, 1),), fixed=frozenset({0}))
    solution = solve_route(problem)
    term = dict(zip(solution.chosen, solution.terms, strict=True))
    assert term[1] < term[0]


def test_activities_that_require_each_other_come_together_or_never() -> None:
    both = ((0, 1), (1, 0))
    assert solve_route(replace(plain(2), requires=both)).chosen == (0, 1)
    assert solve_route(replace(plain(2, 2, 2), requires=both)).chosen == ()


def test_the_solution_names_the_method_that_proved_it() -> None:
    assert solve_route(plain()).method == "search"
    assert solve_route(replace(plain(), starts=np.ones((3, 63), bool), term_hours=np.full(63, 36.0))).method == "highs"


def random_problem(seed: int, terms: int, count: int = 60, deficits: int = 8) -> RouteProblem:
    """A problem with all rules that is too large for brute force."""
    random = np.random.default_rng(seed)
    gains = random.uniform(0.1, 0.9, (count, deficits)) * (random.random((count, deficits)) < 0.4)
    order = [int(index) for index in random.permutation(count)]
    starts = random.random((count, terms)) < 0.6
    starts[:, 0] |= ~starts.any(axis=1)
    return RouteProblem(
        weights=random.uniform(0.1, 1.0, deficits),
        gains=csr_array(gains),
        hours=random.choice([8.0, 16.0, 18.5, 36.0, 72.0], count),
        total_hours=100.0,
        term_hours=np.full(terms, 100.0 if terms == 1 else 40.0),
        starts=starts,
        max_steps=5,
        exclusive=tuple(tuple(sorted(order[3 * group : 3 * group + 4])) for group in range(8)),
        requires=tuple((order[30 + place], order[place]) for place in range(8)),
        kinds=random.integers(0, 4, count).astype(np.int8),
        kind_minimum={3: 1},
        fixed=frozenset(),
        forbidden=frozenset(order[50:53]),
    )


@pytest.mark.parametrize("terms", [1, 4])
@pytest.mark.parametrize("seed", range(6))
def test_highs_finds_nothing_better_than_the_bound(seed: int, terms: int) -> None:
    problem = random_problem(seed, terms)
    best = solve_exactly(problem)
    for gap in (0.01, 0.0):
        solution = solve_route(problem, gap=gap)
        assert problem_faults(problem, solution) == ()
        assert solution.value <= best.value + 1e-6
        assert solution.bound >= best.value - 1e-9
        assert solution.gap <= gap + 1e-6
        assert solution.method == "search"


def test_gains_in_any_storage_order_mean_the_same() -> None:
    problem = random_problem(3, 1)
    rows, columns = problem.gains.nonzero()
    order = np.lexsort((-columns, rows))
    halves = np.repeat(problem.gains.toarray()[rows, columns][order] / 2, 2)
    starts = np.concatenate([[0], np.cumsum(2 * np.bincount(rows, minlength=60))])
    doubled = csr_array((halves, np.repeat(columns[order], 2), starts), shape=problem.gains.shape)
    assert not doubled.has_canonical_format
    assert solve_route(replace(problem, gains=doubled)) == solve_route(problem)


def test_what_the_calendar_refuses_within_the_gap_lifts_the_bound() -> None:
    gains = [
        [0.3, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.5], [0.5, 0.2, 0.0, 0.0], [0.3, 0.2, 0.5, 0.2], [0.0, 0.0, 0.0, 0.3],
        [0.8, 0.0, 0.8, 0.0], [0.5, 0.0, 0.0, 0.3], [0.0, 0.5, 0.5, 0.0], [0.5, 0.5, 0.0, 0.8], [0.0, 0.2, 0.0, 0.3],
        [0.0, 0.5, 0.3, 0.8], [0.3, 0.8, 0.5, 0.0], [0.5, 0.0, 0.0, 0.8],
    ]  # fmt: skip
    terms = [(0,), (3,), (0, 3), (2,), (0, 3), (2, 3), (2,), (2,), (2,), (1, 3), (3,), (0,), (2,)]
    problem = RouteProblem(
        weights=np.array([1.7, 0.4, 1.0, 1.0]),
        gains=csr_array(np.array(gains)),
        hours=np.array([8, 8, 8, 16, 8, 16, 16, 16, 8, 8, 8, 8, 8], dtype=np.float64),
        total_hours=np.inf,
        term_hours=np.full(4, 8.0),
        starts=np.array([[term in of_one for term in range(4)] for of_one in terms]),
        max_steps=4,
        exclusive=(),
        requires=(),
        kinds=np.zeros(13, dtype=np.int8),
        kind_minimum={},
        fixed=frozenset(),
        forbidden=frozenset(),
    )
    assert solve_route(problem, gap=0.1).bound >= solve_route(problem, gap=0.0).value


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_route_hard_to_seat_has_all_its_steps(seed: int) -> None:
    """Terms are filled to the last hour; whoever seats the found route anew may not find how."""
    random = np.random.default_rng(seed)
    terms, per_term = int(random.integers(4, 8)), int(random.integers(3, 5))
    hours = np.sort(np.concatenate([_parts_of_a_hundred(random, per_term) for _ in range(terms)]))
    count = len(hours)
    problem = replace(
        plain(),
        weights=hours / 100.0,
        gains=csr_array(np.eye(count)),
        hours=hours,
        total_hours=np.inf,
        term_hours=np.full(terms, 100.0),
        starts=np.ones((count, terms), dtype=bool),
        max_steps=count,
        kinds=np.zeros(count, dtype=np.int8),
    )
    posed = pose(problem)
    assert posed is not None
    taken, _, _, value, *_ = search(posed.case, posed.fixed, 0.01, 2_000)
    assert value == pytest.approx(route_value(problem, tuple(sorted(posed.activities[taken].tolist()))))
    assert problem_faults(problem, solve_route(problem, node_limit=2_000)) == ()


def _parts_of_a_hundred(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    while True:
        parts = np.round(random.dirichlet(np.full(count, 2.0)) * 100.0)
        if parts.min() >= 4:
            return np.append(parts[:-1], 100.0 - parts[:-1].sum())


def test_a_bound_pays_for_the_tolerance_of_hours() -> None:
    """Hours so short that the tolerance of a limit is a good part of one of them."""
    random = np.random.default_rng(1744)
    unit = float(random.choice([1e-6, 1e-4, 1e-2, 1.0]))
    hours = random.choice([4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0], 16) * unit
    some = random.choice(16, int(random.integers(2, 5)), replace=False)
    deficits = int(random.integers(1, 5))
    gains = random.random((16, deficits)) * 0.5 * (random.random((16, deficits)) < 0.6)
    problem = replace(
        plain(),
        weights=random.random(deficits),
        gains=csr_array(gains),
        hours=hours,
        total_hours=float(hours[some].sum() - 9.9e-7),
        starts=np.ones((16, 1), dtype=bool),
        max_steps=4,
        kinds=np.zeros(16, dtype=np.int8),
        hour_cost=0.0,
    )
    sets = (list(chosen) for size in range(5) for chosen in combinations(range(16), size))
    allowed = (chosen for chosen in sets if hours[chosen].sum() <= problem.total_hours + 1e-6)
    best = max(float(problem.weights @ np.minimum(gains[chosen].sum(axis=0), 1.0)) for chosen in allowed)
    for gap in (0.0, 0.01, 0.1):
        assert solve_route(problem, gap=gap).bound >= best - 1e-12
