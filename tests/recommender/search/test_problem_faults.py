"""Every rule that a solution can break has its own code."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.composition import RouteProblem, RouteSolution, problem_faults, relative_gap, route_value

PROBLEM = RouteProblem(
    weights=np.array([1.0, 2.0]),
    gains=csr_array(np.array([[0.6, 0.0], [0.6, 0.5], [0.0, 0.5], [0.2, 0.2]])),
    hours=np.array([10.0, 20.0, 30.0, 40.0]),
    total_hours=70.0,
    term_hours=np.array([40.0, 40.0]),
    starts=np.array([[True, True], [True, True], [True, True], [False, True]]),
    max_steps=3,
    exclusive=((0, 3), (1, 3)),
    requires=((2, 0),),
    kinds=np.array([0, 1, 1, 2], dtype=np.int8),
    kind_minimum={1: 1},
    fixed=frozenset({0}),
    forbidden=frozenset(),
)


def trial(chosen: tuple[int, ...], terms: tuple[int, ...], problem: RouteProblem = PROBLEM) -> RouteSolution:
    """A solution whose value is right and whose bound is generous."""
    known = tuple(index for index in chosen if 0 <= index < 4)
    value = route_value(problem, known)
    return RouteSolution(chosen, terms, value, value + 1.0)


def test_a_sound_solution_has_no_faults() -> None:
    assert problem_faults(PROBLEM, trial((0, 1, 2), (0, 0, 1))) == ()


@pytest.mark.parametrize(
    ("chosen", "terms", "faults"),
    [
        ((0, 1, 4), (0, 0, 0), ("index:4",)),
        ((1, 0), (0, 0), ("order",)),
        ((0, 0, 1), (0, 0, 0), ("order",)),
        ((0, 1), (0,), ("terms",)),
        ((0, 1), (0, 2), ("terms",)),
        ((1,), (0,), ("fixed:0",)),
        ((0,), (0,), ("kind_minimum:1",)),
        ((0, 1, 2), (0, 1, 0), ("requires_order:2,0",)),
        ((1, 2), (0, 1), ("fixed:0", "requires:2,0")),
        ((0, 1, 2), (1, 1, 1), ("term_hours:1", "requires_order:2,0")),
        ((0, 1, 3), (0, 0, 0), ("starts:3", "term_hours:0", "exclusive:0", "exclusive:1")),
        (
            (0, 1, 2, 3),
            (0, 0, 1, 1),
            ("max_steps", "total_hours", "term_hours:1", "exclusive:0", "exclusive:1"),
        ),
    ],
)
def test_every_broken_rule_is_named(chosen: tuple[int, ...], terms: tuple[int, ...], faults: tuple[str, ...]) -> None:
    assert problem_faults(PROBLEM, trial(chosen, terms)) == faults


def test_forbidden_activities_are_named() -> None:
    assert problem_faults(replace(PROBLEM, forbidden=frozenset({1})), trial((0, 1), (0, 0))) == ("forbidden:1",)


def test_a_wrong_value_and_a_bound_below_it_are_named() -> None:
    right = trial((0, 1), (0, 0))
    assert problem_faults(PROBLEM, replace(right, value=right.value + 0.01)) == ("value",)
    assert problem_faults(PROBLEM, replace(right, bound=right.value - 0.01)) == ("bound",)
    assert problem_faults(PROBLEM, replace(right, value=float("nan"))) == ("value", "bound")


def test_the_value_saturates_and_pays_for_hours() -> None:
    assert route_value(PROBLEM, (0, 1)) == pytest.approx(1.0 + 2.0 * 0.5 - 30.0 * 1e-4)
    assert route_value(PROBLEM, ()) == 0.0


@pytest.mark.parametrize(
    ("value", "bound", "gap"),
    [(0.9, 1.0, 0.1), (1.0, 1.0, 0.0), (0.0, 0.0, 0.0), (0.0, 1e-12, 0.0), (-1.0, 0.0, 1.0), (-2.0, -1.5, 0.25)],
)
def test_the_gap_is_a_share_of_the_larger_magnitude(value: float, bound: float, gap: float) -> None:
    assert relative_gap(value, bound) == pytest.approx(gap)
