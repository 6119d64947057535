"""Assignments against brute force on small instances, and what must hold for every one of them."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from recommender.assignment.values import Assignment
from recommender.mentoring.reasons import ASSIGNMENT_FAULTS, CONFLICTS
from recommender.mentors import OBJECTIVES, PinConflict, assignment_faults, optimality_gap, solve

LEVELS = st.one_of(st.integers(1, 4).map(float), st.sampled_from([0.000001, 0.5, 1.25, 2.500001, 3.0]))

Rows = tuple[tuple[int, int], ...]
Instance = tuple[NDArray[np.float64], NDArray[np.int64], Rows, Rows]
"""A fit, places, pins and bans."""


@st.composite
def instances(draw: st.DrawFn, pins: bool = True) -> Instance:
    """A small fit, places, and pins and bans that do not contradict each other."""
    mentees, mentors = draw(st.integers(0, 5)), draw(st.integers(0, 4))
    cells = draw(st.lists(st.one_of(st.just(0.0), LEVELS), min_size=mentees * mentors, max_size=mentees * mentors))
    places = np.array(draw(st.lists(st.integers(0, 3), min_size=mentors, max_size=mentors)))
    fit = np.array(cells).reshape(mentees, mentors)
    every = [(mentee, mentor) for mentee in range(mentees) for mentor in range(mentors)]
    if not pins or not every:
        return fit, places, (), ()
    forbidden = draw(st.lists(st.sampled_from(every), max_size=3))
    pinned: dict[int, int] = {}
    for mentee, mentor in draw(st.lists(st.sampled_from(every), max_size=2)):
        used = sum(other == mentor for other in pinned.values())
        if (mentee, mentor) not in forbidden and mentee not in pinned and used < places[mentor]:
            pinned[mentee] = mentor
    return fit, places, tuple(pinned.items()), tuple(forbidden)


def all_assignments(fit: np.ndarray, places: np.ndarray, pinned: Rows, forbidden: Rows) -> Iterator[tuple[int, ...]]:
    held = dict(pinned)
    choices = [
        [held[mentee]]
        if mentee in held
        else [-1, *(k for k in range(fit.shape[1]) if fit[mentee, k] > 0 and (mentee, k) not in forbidden)]
        for mentee in range(fit.shape[0])
    ]
    for chosen in itertools.product(*choices):
        if all(chosen.count(mentor) <= places[mentor] for mentor in range(fit.shape[1])):
            yield chosen


def merit(fit: np.ndarray, chosen: tuple[int, ...], pinned: Rows, objective: str) -> tuple[float, ...]:
    """The objective as a tuple that Python compares from the left, in millionths."""
    held = dict(pinned)
    millionths = {mentee: round(fit[mentee, mentor] * 10**6) for mentee, mentor in enumerate(chosen) if mentor >= 0}
    total = sum(millionths.values())
    covered = len(millionths)
    worst = min((value for mentee, value in millionths.items() if mentee not in held), default=0)
    return {"total": (total,), "coverage": (covered, total), "fairest": (covered, worst, total)}[objective]


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(instance=instances())
@settings(max_examples=100, deadline=None)
def test_no_assignment_is_better_than_the_solved_one(objective: str, instance: Instance) -> None:
    fit, places, pinned, forbidden = instance
    solved = solve(csr_array(fit), places, objective=objective, pinned=pinned, forbidden=forbidden)
    best = max(merit(fit, chosen, pinned, objective) for chosen in all_assignments(fit, places, pinned, forbidden))
    assert merit(fit, tuple(solved.mentor_of.tolist()), pinned, objective) == best
    assert assignment_faults(csr_array(fit), places, solved, pinned=pinned, forbidden=forbidden) == ()


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(instance=instances())
@settings(max_examples=100, deadline=None)
def test_the_certificate_proves_the_solved_assignment(objective: str, instance: Instance) -> None:
    fit, places, pinned, forbidden = instance
    certificate = solve(csr_array(fit), places, objective=objective, pinned=pinned, forbidden=forbidden).certificate
    assert certificate.gap == 0
    assert certificate.value == certificate.bound
    if objective != "total":
        assert certificate.coverage == certificate.coverage_bound
    if objective == "fairest":
        assert certificate.worst == certificate.worst_bound


@pytest.mark.parametrize("objective", OBJECTIVES)
@given(instance=instances(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_bounds_are_true_and_hold_a_worse_assignment_away(
    objective: str, instance: Instance, data: st.DataObject
) -> None:
    fit, places, pinned, forbidden = instance
    every = list(all_assignments(fit, places, pinned, forbidden))
    chosen = data.draw(st.sampled_from(every))
    best = max(merit(fit, other, pinned, objective) for other in every)
    rules: dict[str, Any] = {"objective": objective, "pinned": pinned, "forbidden": forbidden}
    shown = optimality_gap(csr_array(fit), places, np.array(chosen, dtype=np.int64), **rules)
    proven = (
        shown.gap == 0
        and (objective == "total" or shown.coverage == shown.coverage_bound)
        and (objective != "fairest" or shown.worst == shown.worst_bound)
    )
    assert proven == (merit(fit, chosen, pinned, objective) == best)


@given(instance=instances(), objective=st.sampled_from(OBJECTIVES), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_and_columns_does_not_matter(instance: Instance, objective: str, seed: int) -> None:
    fit, places, pinned, forbidden = instance
    random = np.random.default_rng(seed)
    rows, columns = random.permutation(fit.shape[0]), random.permutation(fit.shape[1])
    place_of = {
        "row": {int(old): new for new, old in enumerate(rows)},
        "column": {int(o): n for n, o in enumerate(columns)},
    }
    moved = [[(place_of["row"][a], place_of["column"][b]) for a, b in pairs] for pairs in (pinned, forbidden)]
    straight = solve(csr_array(fit), places, objective=objective, pinned=pinned, forbidden=forbidden)
    shuffled = solve(
        csr_array(fit[rows][:, columns]), places[columns], objective=objective, pinned=moved[0], forbidden=moved[1]
    )
    assert shuffled.total == straight.total
    assert shuffled.certificate == straight.certificate


@given(instance=instances())
@settings(max_examples=100, deadline=None)
def test_the_same_question_has_the_same_answer(instance: Instance) -> None:
    fit, places, pinned, forbidden = instance
    one, other = (solve(csr_array(fit), places, pinned=pinned, forbidden=forbidden[::-1]) for _ in range(2))
    assert np.array_equal(one.mentor_of, other.mentor_of)


def with_copies(fit: np.ndarray, places: np.ndarray) -> float:
    copies = np.repeat(np.arange(len(places)), places)
    rows, columns = linear_sum_assignment(fit[:, copies], maximize=True)
    return float(fit[rows, copies[columns]].sum())


@pytest.mark.parametrize("decimals", [0, 6, 17])
def test_totals_equal_those_of_dense_assignment_with_copied_places(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    fit = np.round(random.random((120, 50)) * 10 + 1, decimals)
    places = random.integers(0, 5, 50)
    solved = solve(csr_array(fit), places)
    assert solved.total == pytest.approx(with_copies(fit, places), rel=1e-9 if decimals > 6 else 1e-13)
    assert solved.certificate.coverage == min(120, places.sum())
    assert 0 <= solved.certificate.gap <= 1e-9


def test_widest_coverage_leaves_nobody_alone_for_a_better_sum() -> None:
    fit = csr_array([[10.0, 1.0], [5.0, 0.0]])
    assert solve(fit, np.array([1, 1])).mentor_of.tolist() == [1, 0]
    assert solve(fit, np.array([1, 1]), objective="total").mentor_of.tolist() == [0, -1]


def test_the_fairest_assignment_lifts_the_worst_pair_at_the_cost_of_the_sum() -> None:
    fit = csr_array([[9.0, 5.0], [5.0, 0.5]])
    assert solve(fit, np.array([1, 1])).mentor_of.tolist() == [1, 0]
    fit = csr_array([[9.0, 4.0], [5.0, 0.5]])
    assert solve(fit, np.array([1, 1])).total == 9.5
    fairest = solve(fit, np.array([1, 1]), objective="fairest")
    assert (fairest.total, fairest.certificate.worst) == (9.0, 4.0)


def test_a_pinned_pair_outside_the_fit_holds_and_counts_nothing() -> None:
    solved = solve(csr_array(np.array([[0.0, 2.0], [3.0, 2.0]])), np.array([1, 1]), pinned=[(0, 0)])
    assert solved.mentor_of.tolist() == [0, 1]
    assert solved.total == 2.0


@pytest.mark.parametrize(
    ("pinned", "forbidden", "code"),
    [
        ([(0, 0), (0, 1)], [], "pinned_twice"),
        ([(0, 0), (1, 0)], [], "pinned_beyond_places"),
        ([(0, 0)], [(0, 0)], "pinned_and_forbidden"),
    ],
)
def test_pins_that_contradict_are_refused_by_name(
    pinned: list[tuple[int, int]], forbidden: list[tuple[int, int]], code: str
) -> None:
    with pytest.raises(PinConflict) as refused:
        solve(csr_array(np.array([[1.0, 2.0], [2.0, 1.0]])), np.array([1, 1]), pinned=pinned, forbidden=forbidden)
    assert refused.value.reason.code == code
    assert tuple(name for name, _ in refused.value.reason.values) == CONFLICTS[code]


@pytest.mark.parametrize(
    ("fit", "places", "options"),
    [
        ([[1.0, -2.0]], [1, 1], {}),
        ([[1.0, np.nan]], [1, 1], {}),
        ([[1.0, np.inf]], [1, 1], {}),
        ([[1.0, 2.0]], [1], {}),
        ([[1.0, 2.0]], [1, -1], {}),
        ([[1.0, 2.0]], [1, 0.5], {}),
        ([[1.0, 1e18]], [1, 1], {}),
        ([[1.0, 2.0]], [1, 1], {"objective": "best"}),
        ([[1.0, 2.0]], [1, 1], {"pinned": [(1, 0)]}),
        ([[1.0, 2.0]], [1, 1], {"forbidden": [(0, -1)]}),
    ],
)
def test_input_without_meaning_is_refused(fit: list[list[float]], places: list[float], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        solve(csr_array(np.array(fit)), np.array(places), **options)


def test_every_fault_has_its_name() -> None:
    fit, places = csr_array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [2.0, 0.0, 1.0]]), np.array([1, 1, 1])
    good = solve(fit, places)

    def codes(mentor_of: list[int], total: float, **rules: list[tuple[int, int]]) -> list[str]:
        faulty = Assignment(np.array(mentor_of), total, good.certificate)
        faults = assignment_faults(fit, places, faulty, **rules)
        for fault in faults:
            assert tuple(name for name, _ in fault.values) == ASSIGNMENT_FAULTS[fault.code]
        return [fault.code for fault in faults]

    assert codes([1, 0, 2], 5.0) == []
    assert codes([1, 0], 4.0) == ["fault_size"]
    assert codes([1, 0, 3], 4.0) == ["fault_unknown_mentor"]
    assert codes([1, 0, -1], 4.0) == ["fault_left_alone"]
    assert codes([2, 0, -1], 2.0) == ["fault_infeasible"]
    assert codes([0, 0, 2], 4.0) == ["fault_places"]
    assert codes([1, 0, 2], 6.0) == ["fault_total"]
    assert codes([1, 0, 2], 5.0, forbidden=[(0, 1)]) == ["fault_forbidden"]
    assert codes([1, 0, 2], 5.0, pinned=[(0, 0)]) == ["fault_pin_broken"]
