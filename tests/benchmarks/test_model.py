"""The benchmark of the model: its truth is what it says, the same twice, and a model that errs shows in its figures."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.model import closed_more, comparison, played_world, worst
from benchmarks.model_worlds import HIGHEST_GAIN, TEST_ERROR, TruePerson, TrueWorld, true_gains, true_world

SIZE: dict[str, Any] = {"territory": "kamchatka", "people": 8, "activities": 120, "seed": 3}
Worlds = dict[str, TrueWorld]


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return {name: true_world(name, **SIZE) for name in ("what-is-left", "additive", "threshold", "skewed")}


def some(world: TrueWorld, least: float, most: float) -> tuple[TruePerson, str, list[str], list[float]]:
    """Return activities with a true gain between two bounds for one competency that a person truly lacks."""
    for person in world.people:
        for competency, mastery in person.truth.items():
            gains = {
                one.code: true_gains(one, world.territory, world.seed).get(competency, 0.0) for one in world.activities
            }
            codes = [code for code, gain in gains.items() if least <= gain < most]
            if mastery < world.target(person, competency) and len(codes) >= 2:
                return person, competency, codes[:2], [gains[code] for code in codes[:2]]
    raise AssertionError("The world has no such activities")


def closed(world: TrueWorld, person: TruePerson, competency: str, codes: list[str]) -> float:
    gap = world.target(person, competency) - person.truth[competency]
    return (world.after(person, codes)[competency] - person.truth[competency]) / gap


def test_gains_take_what_is_left_add_up_or_need_a_great_one(worlds: Worlds) -> None:
    left, additive, threshold = (worlds[name] for name in ("what-is-left", "additive", "threshold"))
    person, competency, codes, (one, other) = some(left, 0.05, 0.15)
    assert closed(left, person, competency, codes) == pytest.approx(1 - (1 - one) * (1 - other))
    assert closed(additive, person, competency, codes) == pytest.approx(one + other)
    assert closed(threshold, person, competency, codes) == 0.0
    person, competency, codes, (one, other) = some(left, 0.25, 0.9)
    assert closed(threshold, person, competency, codes) == pytest.approx(1 - (1 - one) * (1 - other))


def test_true_gains_lie_around_the_priors_and_never_above_the_highest(worlds: Worlds) -> None:
    world = worlds["what-is-left"]
    gains = [true_gains(activity, world.territory, world.seed) for activity in world.activities]
    assert max(value for each in gains for value in each.values()) <= HIGHEST_GAIN
    assert min(value for each in gains for value in each.values()) >= 0.0
    assert gains == [true_gains(activity, world.territory, world.seed) for activity in world.activities]


def test_a_second_test_differs_by_error_alone(worlds: Worlds) -> None:
    for person in worlds["what-is-left"].people:
        pairs = list(zip(person.results, person.retest, strict=True))
        assert all(one._replace(percent=0) == other._replace(percent=0) for one, other in pairs)
        assert any(one.percent != other.percent for one, other in pairs)
    errors = [
        (one.percent - other.percent) / 100
        for person in worlds["what-is-left"].people
        for one, other in zip(person.results, person.retest, strict=True)
    ]
    assert (sum(error**2 for error in errors) / len(errors) / 2) ** 0.5 == pytest.approx(TEST_ERROR, rel=0.25)


def test_the_loss_is_the_area_under_the_steps(worlds: Worlds) -> None:
    world = worlds["what-is-left"]
    person = next(one for one in world.people if "МЕТ-1" in one.truth and one.person.kind == "teacher")
    slices = [
        world.loss(person, "МЕТ-1", low / 100) - world.loss(person, "МЕТ-1", (low + 1) / 100) for low in range(80)
    ]
    assert slices[:50] == pytest.approx([0.02] * 50)
    assert slices[50:] == pytest.approx([0.01] * 25 + [0.0] * 5)


def test_figures_are_the_same_twice_and_equal_hours_are_kept(worlds: Worlds) -> None:
    world = worlds["what-is-left"]
    first = played_world(world, 4, None)
    second = played_world(world, 4, [20.0, 0.0, 40.0, 16.0])
    assert {key: second[key] for key in first} == first
    assert second["equal"]["hours"] <= (20 + 0 + 40 + 16) / 4
    assert 0 <= first["jaccard"] <= 1


def test_one_that_closes_less_or_says_what_is_not_so_shows(worlds: Worlds) -> None:
    good: dict[str, Any] = {
        **{str(hours): figures(hours, hours / 200) for hours in (18.0, 36.0, 72.0, 108.0)},
        "equal": figures(108.0, 0.54),
        "calibration": [{"bin": 0, "count": 500, "said": 0.05, "true": 0.05}],
        "jaccard": 0.5,
    }
    bad = {**good, "108.0": figures(72.0, 0.3), "calibration": [{**good["calibration"][0], "true": 0.12}]}
    assert list(closed_more(good, bad)) == pytest.approx([0.3 / 0.54 - 1, 0.3 / 0.36 - 1])
    assert worst(bad["calibration"]) == pytest.approx(7.0)
    assert "0.0 → 7.0" in "\n".join(comparison({"k w": good}, {"k w": bad}))


def figures(hours: float, closed: float) -> dict[str, Any]:
    return {"hours": hours, "steps": 3.0, "closed": closed, "closed_share": 0.5, "promised": 0.6, "kept": 0.5}


def test_people_are_the_same_in_all_worlds_but_the_skewed_one(worlds: Worlds) -> None:
    assert worlds["additive"].people == worlds["threshold"].people == worlds["what-is-left"].people
    assert worlds["skewed"].people != worlds["additive"].people
    assert replace(worlds["additive"], name="threshold") == worlds["threshold"]
