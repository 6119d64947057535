"""Routes and profiles laid out for people."""

from datetime import date
from typing import Any

import pytest

from api.layout import ProfileRow, closed_shares_of, effects_of, expected_after, radar, radar_axes, terms_of


def deficit(code: str, percent: float, gap: float, weight: float) -> dict[str, Any]:
    return {"competency": code, "title": code, "percent": percent, "gap": gap, "weight": weight}


def step(term: int, hours: float, starts: date, **shares: float) -> dict[str, Any]:
    return {
        "term": term,
        "term_title": f"период {term}",
        "hours": hours,
        "starts": starts,
        "ends": starts,
        "closes": [{"competency": code, "title": code, "share": value} for code, value in shares.items()],
        "alternatives": [{"title": "другое", "value_change": -0.1, "hours_change": 10.0}],
    }


ANSWER: Any = {
    "deficits": [deficit("А", 30, 0.4, 2.0), deficit("Б", 60, 0.1, 1.0), deficit("В", 50, 0.1, 1.0)],
    "route": {
        "hour_cost": 0.001,
        "mentoring": [],
        "steps": [step(1, 16, date(2026, 12, 1), А=0.5, Б=1.0), step(2, 36, date(2027, 3, 1), А=0.25)],
    },
}


def test_progress_is_weighted_by_weight_and_gap() -> None:
    progress = closed_shares_of(ANSWER, done={0})
    assert progress.done == pytest.approx((0.8 * 0.5 + 0.1) / 1.0)
    assert progress.planned == pytest.approx((0.8 * 0.75 + 0.1) / 1.0)
    assert (progress.closed_done, progress.closed_planned, progress.moved) == (1, 1, 2)


def test_without_deficits_nothing_is_closed_and_nothing_breaks() -> None:
    nothing: Any = {"deficits": [], "route": {"steps": [], "mentoring": []}}
    progress = closed_shares_of(nothing)
    assert (progress.done, progress.planned, progress.moved) == (0.0, 0.0, 0)


def test_what_is_expected_of_a_step_counts_the_steps_before_it() -> None:
    assert [value for _, *values in expected_after(ANSWER, 1) for value in values] == pytest.approx([50, 60])


def test_steps_stand_by_term_with_their_hours_and_years() -> None:
    assert [(term.title, term.years, term.hours, len(term.steps)) for term in terms_of(ANSWER)] == [
        ("период 1", "2026", 16, 1),
        ("период 2", "2027", 36, 1),
    ]


def test_the_cost_of_hours_is_taken_out_of_what_an_alternative_changes() -> None:
    [effect] = effects_of(ANSWER, ANSWER["route"]["steps"][0])
    assert effect.closed_change == pytest.approx((-0.1 + 0.01) / 1.0)


def row(title: str, area: str, percent: float) -> ProfileRow:
    return ProfileRow(title, title, area, percent, 0.05, 75.0, None, (), False)


def test_many_competencies_of_five_areas_are_drawn_by_area() -> None:
    rows = [row(f"{area}{number}", area, 10.0 * number) for area in "абвгд" for number in (1, 2)]
    axes = radar_axes(rows)
    assert [axis.label for axis in axes] == list("абвгд")
    assert axes[0].value == 15


def test_of_many_competencies_of_few_areas_the_farthest_from_the_target_are_drawn() -> None:
    axes = radar_axes([row(str(number), "одна", float(number)) for number in range(20)])
    assert [axis.label for axis in axes] == [str(number) for number in range(8)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_competencies_draw_no_radar(count: int) -> None:
    assert radar(radar_axes([row(str(number), "а", 50) for number in range(count)])) is None


def test_the_value_of_an_axis_is_its_distance_from_the_middle() -> None:
    drawing = radar(radar_axes([row(str(number), "а", 50) for number in range(4)]))
    assert drawing is not None
    assert drawing.dots[0] == (0.0, -50.0)
    assert drawing.after == ""
