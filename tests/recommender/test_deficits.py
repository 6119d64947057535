"""Gaps against targets, their weights, and the part that levels and wishes have in them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import prod

import pytest

from recommender.deficits import find_deficits
from recommender.diagnostics import DiagnosticResult, Person
from recommender.framework import Framework
from recommender.profile import build_profile
from recommender.refusals import Refused
from recommender.route import Deficit
from recommender.territory import Territory

TEACHER = Person("teacher")


@pytest.fixture
def deficits(territory: Territory, framework: Framework, today: date) -> Callable[..., tuple[Deficit, ...]]:
    """Return the deficits of results under the policy «latest», so that a per cent is what was measured."""

    def found(
        *results: DiagnosticResult, wishes: tuple[str, ...] = (), person: Person = TEACHER
    ) -> tuple[Deficit, ...]:
        policy = replace(territory.policy, combine="latest")
        return find_deficits(build_profile(results, policy, {}, today), person, wishes, territory, framework)

    return found


@pytest.mark.parametrize(
    ("percent", "level", "step"),
    [(0.0, "critical", 1.0), (49.9, "critical", 1.0), (50.0, "basic", 0.5), (74.9, "basic", 0.5), (75.0, "above", 0.1)],
)
def test_levels_begin_at_their_boundary_unrounded(
    deficits: Callable[..., tuple[Deficit, ...]],
    result: Callable[..., DiagnosticResult],
    percent: float,
    level: str,
    step: float,
) -> None:
    (deficit,) = deficits(result("M1", percent))
    assert (deficit.level, dict(deficit.factors)["step"]) == (level, step)
    assert deficit.percent == percent


def test_a_gap_is_what_is_missing_to_the_target_of_the_position_and_area(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    (methodical, digital) = deficits(result("M1", 30.0), result("D1", 30.0))
    assert (methodical.competency, digital.competency) == ("M1", "D1")
    assert [methodical.gap, digital.gap] == pytest.approx([0.5, 0.4])
    (manager,) = deficits(result("M1", 30.0), person=Person("manager"))
    assert manager.gap == pytest.approx(0.3)


@pytest.mark.parametrize("percent", [80.0, 80.1, 100.0])
def test_a_reached_target_is_no_deficit(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult], percent: float
) -> None:
    assert deficits(result("M1", percent)) == ()


def test_the_weight_is_the_product_of_its_factors(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    (deficit,) = deficits(result("M1", 30.0), wishes=["M1"])
    assert dict(deficit.factors) == {"step": 1.0, "priority": 1.2, "confidence": pytest.approx(0.8), "request": 2.0}
    assert deficit.weight == prod(value for _, value in deficit.factors)


def test_a_priority_of_the_competency_stands_before_that_of_its_area(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    assert dict(deficits(result("D2", 30.0))[0].factors)["priority"] == 2.0
    assert dict(deficits(result("D1", 30.0))[0].factors)["priority"] == 1.0


def test_the_heaviest_deficit_comes_first(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    found = deficits(result("D1", 69.0), result("M1", 20.0), result("M2", 60.0))
    assert [deficit.competency for deficit in found] == ["M1", "M2", "D1"]


def test_a_self_assessment_alone_makes_no_critical_deficit(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    (deficit,) = deficits(result("M1", 0.0, "self"))
    assert (deficit.level, deficit.self_only) == ("basic", True)
    assert deficit.confidence <= 0.3


def test_a_self_assessment_does_not_close_what_a_test_found(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult], today: date
) -> None:
    test = result("M1", 20.0, taken_on=today.replace(year=2025))
    (deficit,) = deficits(test, result("M1", 100.0, "self"))
    assert (deficit.percent, deficit.evidence) == (20.0, (test,))


def test_an_unknown_competency_is_refused(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    with pytest.raises(Refused, match="unknown_competency: competency = X1"):
        deficits(result("X1", 20.0))


def test_a_kind_of_person_without_targets_is_refused(
    deficits: Callable[..., tuple[Deficit, ...]], result: Callable[..., DiagnosticResult]
) -> None:
    with pytest.raises(Refused, match="unknown_person_kind"):
        deficits(result("M1", 20.0), person=Person("pupil"))
