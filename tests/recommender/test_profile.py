"""Several results of a competency become one mastery, by formulas that anyone can check by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pytest

from recommender.diagnostics import DiagnosticResult
from recommender.profile import SELF_CONFIDENCE, Mastery, build_profile, precision
from recommender.refusals import Refused
from recommender.territory import Territory


def mastery_of(
    results: Sequence[DiagnosticResult],
    territory: Territory,
    today: date,
    combine: str = "weighted",
    group_means: Mapping[str, float] | None = None,
) -> Mastery:
    policy = replace(territory.policy, combine=combine)
    return build_profile(results, policy, group_means or {}, today).masteries[0]


def test_one_result_is_shrunk_to_the_group_mean_by_its_reliability(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    mastery = mastery_of([result("M1", 20.0)], territory, today)
    assert mastery.percent == pytest.approx(0.8 * 20 + 0.2 * 60)
    assert mastery.uncertainty == pytest.approx(0.2 * sqrt(1 - 0.8))
    assert mastery.confidence == pytest.approx(0.8)
    assert mastery.mastery == mastery.percent / 100


def test_the_mean_of_the_group_stands_before_that_of_the_policy(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    assert mastery_of([result("M1", 20.0)], territory, today, group_means={"M1": 0.3}).percent == pytest.approx(22.0)


def test_precisions_add_up_and_the_per_cent_is_their_mean(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    results = [result("M1", 20.0), result("M1", 60.0, "case")]
    mastery = mastery_of(results, territory, today)
    prior, test, case = 1 / 0.04, 0.8 / 0.2 / 0.04, 0.7 / 0.3 / 0.04
    assert mastery.percent == pytest.approx((prior * 60 + test * 20 + case * 60) / (prior + test + case))
    shown = sum(weight * r.percent for weight, r in zip(mastery.weights, mastery.results, strict=True))
    assert shown + mastery.group_mean_weight * mastery.group_mean == pytest.approx(mastery.percent)
    assert mastery.uncertainty == pytest.approx(1 / sqrt(prior + test + case))


def test_a_result_loses_half_of_its_precision_in_a_half_life(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    old = result("M1", 20.0, taken_on=today - timedelta(days=365))
    fresh = precision(result("M1", 20.0), territory.policy, today)
    assert precision(old, territory.policy, today) == pytest.approx(fresh / 2)


@pytest.mark.parametrize(("tasks", "reliability"), [(10, 0.8), (5, 2 / 3), (20, 8 / 9), (None, 0.8)])
def test_reliability_is_carried_to_the_number_of_tasks(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date, tasks: int | None, reliability: float
) -> None:
    mastery = mastery_of([result("M1", 20.0, tasks=tasks)], territory, today)
    assert mastery.confidence == pytest.approx(reliability)


def test_the_latest_result_counts_alone(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    results = [result("M1", 90.0, taken_on=today - timedelta(days=30)), result("M1", 49.9)]
    mastery = mastery_of(results, territory, today, "latest")
    assert (mastery.percent, mastery.weights) == (49.9, (1.0, 0.0))


def test_the_final_stage_is_later_than_the_entry_of_the_same_day(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    results = [result("M1", 30.0, stage="entry"), result("M1", 80.0, stage="final")]
    assert mastery_of(results, territory, today, "latest").percent == 80.0


def test_the_best_result_counts_alone(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    results = [result("M1", 90.0, taken_on=today - timedelta(days=30)), result("M1", 49.9)]
    mastery = mastery_of(results, territory, today, "best")
    assert (mastery.percent, mastery.weights) == (90.0, (0.0, 1.0))


def test_a_self_assessment_is_shown_apart_when_anything_else_is_known(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    stated = result("M1", 95.0, "self")
    alone = mastery_of([result("M1", 20.0)], territory, today)
    both = mastery_of([stated, result("M1", 20.0)], territory, today)
    assert (both.percent, both.uncertainty, both.self_only) == (alone.percent, alone.uncertainty, False)
    assert both.self_assessments == (stated,)


def test_a_self_assessment_alone_is_little_trusted(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    mastery = mastery_of([result("M1", 20.0, "self", tasks=200)], territory, today)
    assert mastery.self_only
    assert mastery.confidence == SELF_CONFIDENCE


def test_what_is_taken_later_is_not_known_yet(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    profile = build_profile([result("M1", 20.0, taken_on=today + timedelta(days=1))], territory.policy, {}, today)
    assert profile.masteries == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"percent": 100.1}, "percent_outside"),
        ({"percent": float("nan")}, "percent_outside"),
        ({"form": "guess"}, "unknown_form"),
        ({"stage": "later"}, "unknown_stage"),
    ],
)
def test_a_result_without_meaning_is_refused(
    result: Callable[..., DiagnosticResult], territory: Territory, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        build_profile([result("M1", 20.0)._replace(**change)], territory.policy, {}, date(2026, 9, 1))
    assert refused.value.reason.code == code


def test_an_unknown_policy_is_refused(
    result: Callable[..., DiagnosticResult], territory: Territory, today: date
) -> None:
    with pytest.raises(Refused, match="unknown_combination"):
        mastery_of([result("M1", 20.0)], territory, today, "median")
