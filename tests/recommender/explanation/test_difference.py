"""What a difference of two routes says: who came, who went, who moved, and what it means for the whole."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.explanation.answer import answer
from recommender.explanation.difference import difference
from recommender.recommendation import recommend


def step(
    code: str,
    *,
    delivery: int = 0,
    starts: date = date(2026, 11, 22),
    ends: date = date(2026, 12, 31),
    dated: bool = False,
    hours: float = 10.0,
) -> dict[str, Any]:
    days = {"starts": starts, "ends": ends, "dated": dated}
    return {"activity": code, "title": f"«{code}»", "term_title": "осень", "delivery": delivery, "hours": hours, **days}


def told(*steps: dict[str, Any], value: float = 1.0, closed: float = 0.5, on: date = date(2026, 11, 22)) -> Any:
    hours = sum(one["hours"] for one in steps)
    return {
        "on": on,
        "route": {"steps": list(steps), "certificate": {"value": value}, "closed": closed, "hours": hours},
    }


def test_steps_come_go_and_move() -> None:
    before = told(step("A"), step("B"), step("C", dated=True))
    after = told(step("B", ends=date(2027, 5, 31)), step("C", dated=True), step("D"), value=0.9, closed=0.4)
    found = difference(before, after)
    assert [one["activity"] for one in found.came] == ["D"]
    assert [one["activity"] for one in found.went] == ["A"]
    [(old, new)] = found.moved
    assert (old["activity"], old["ends"], new["ends"]) == ("B", date(2026, 12, 31), date(2027, 5, 31))
    assert (found.value, found.closed, found.hours, found.count) == ((1.0, 0.9), (0.5, 0.4), (30.0, 30.0), (3, 3))
    assert found.cost == pytest.approx(0.1)
    assert not found.same_steps


@pytest.mark.parametrize(
    "change, moved",
    [
        ({"delivery": 1}, True),
        ({"ends": date(2026, 12, 30)}, True),
        ({"starts": date(2026, 11, 25)}, True),
        ({"starts": date(2026, 11, 23)}, False),
    ],
)
def test_a_step_that_may_begin_any_day_does_not_move_with_the_day_of_the_question(
    change: dict[str, Any], moved: bool
) -> None:
    found = difference(told(step("A")), told(step("A", **change), on=date(2026, 11, 23)))
    assert bool(found.moved) is moved


def test_a_step_of_dates_moves_with_its_dates() -> None:
    later = date(2026, 11, 23)
    found = difference(told(step("A", dated=True)), told(step("A", dated=True, starts=later), on=later))
    assert found.moved


def test_nothing_costs_nothing() -> None:
    assert difference(told(value=0.0), told(step("A"), value=1.0)).cost == 0.0


@settings(max_examples=60)
@given(data=st.data())
def test_a_route_does_not_differ_from_itself(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    mine = answer(recommend(world.request, world.knowledge), world.knowledge)
    found = difference(mine, mine)
    assert found.same_steps
    assert found.cost == 0.0


@settings(max_examples=60)
@given(data=st.data())
def test_what_came_and_went_turns_one_route_into_the_other(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    before = answer(recommend(world.request, world.knowledge), world.knowledge)
    other = world.but(limits={"hours": 40.0})
    after = answer(recommend(other.request, other.knowledge), other.knowledge)
    found, back = difference(before, after), difference(after, before)
    codes = {one["activity"] for one in before["route"]["steps"]} - {one["activity"] for one in found.went}
    assert codes | {one["activity"] for one in found.came} == {one["activity"] for one in after["route"]["steps"]}
    assert (back.came, back.went, len(back.moved)) == (found.went, found.came, len(found.moved))
