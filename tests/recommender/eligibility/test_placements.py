"""Steps moved by hand: they stand where they were placed, or the route says why not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.activity import Activity, Delivery
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.route import Placement, Reason, Route, Step
from recommender.schedule import period_of, term_spans
from recommender.territory import Term, Territory
from recommender.verification.route_faults import route_faults

AUTUMN, SPRING = date(2026, 10, 1), date(2027, 2, 1)
GROUPS = (Delivery(AUTUMN, date(2026, 10, 5)), Delivery(SPRING, date(2027, 2, 5)), Delivery(date(2027, 3, 1)))


@pytest.fixture
def year(world: Any, activity: Callable[..., Activity], territory: Territory, halves: tuple[Term, ...]) -> Any:
    """A year of two terms with one activity in three groups, one without dates, and one that requires the first."""
    return world(
        activity("A", deliveries=GROUPS, format="in_person"),
        activity("B"),
        activity("C", requires=("A",), develops=(("M1", 0.3),)),
        territory=replace(territory, terms=halves),
    )


def placed(world: Any, *placements: Placement) -> tuple[dict[str, Step], Route]:
    case = world.but(request=replace(world.request, placed=placements))
    route = recommend(case.request, case.knowledge).route
    assert route_faults(route, case.request, case.knowledge) == ()
    return {step.activity: step for step in route.steps}, route


@pytest.mark.parametrize("day, term, starts", [(AUTUMN, 1, AUTUMN), (SPRING, 2, SPRING)])
def test_a_placed_step_begins_in_the_term_of_the_day(year: Any, day: date, term: int, starts: date) -> None:
    steps, _ = placed(year, Placement("A", day))
    assert (steps["A"].term, steps["A"].starts) == (term, starts)
    assert steps["A"].reasons[-1] == Reason("placed")


def test_a_placed_step_without_dates_runs_in_the_term_of_the_day(year: Any) -> None:
    steps, _ = placed(year, Placement("B", SPRING))
    assert (steps["B"].term, steps["B"].starts) == (2, date(2027, 1, 1))


def test_an_exactly_placed_step_takes_the_group_of_that_day(year: Any) -> None:
    steps, _ = placed(year, Placement("A", date(2027, 3, 1), exact=True))
    assert steps["A"].delivery == 2


def test_what_requires_a_placed_step_stands_behind_it_or_goes(year: Any) -> None:
    steps, _ = placed(year, Placement("A", SPRING))
    assert "C" not in steps
    steps, _ = placed(year, Placement("A", AUTUMN), Placement("C", SPRING))
    assert steps["A"].term < steps["C"].term


@pytest.mark.parametrize("placement", [Placement("A", date(2026, 10, 2), exact=True), Placement("B", date(2030, 1, 1))])
def test_a_step_that_cannot_stand_where_it_was_placed_is_named_and_free_again(year: Any, placement: Placement) -> None:
    steps, route = placed(year, placement)
    [note] = [note for note in route.notes if note.code == "placed_missing"]
    assert (dict(note.values)["activity"], dict(note.values)["day"]) == (placement.activity, placement.day)
    assert placement.activity in steps


def test_placed_steps_that_do_not_fit_together_are_given_up_from_the_last(year: Any) -> None:
    short = year.but(limits={"hours": 20.0})
    steps, route = placed(short, Placement("A", AUTUMN), Placement("B", SPRING))
    assert set(steps) == {"A"}
    assert [dict(note.values)["activity"] for note in route.notes if note.code == "fixed_dropped"] == ["B"]


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"placed": (Placement("X", AUTUMN),)}, "unknown_activity"),
        ({"placed": (Placement("A", AUTUMN),), "forbidden": ("A",)}, "fixed_and_forbidden"),
        ({"placed": (Placement("A", AUTUMN), Placement("A", SPRING))}, "placed_twice"),
    ],
)
def test_placements_without_meaning_are_refused(year: Any, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        recommend(replace(year.request, **changes), year.knowledge)
    assert refused.value.reason.code == code


def test_the_check_finds_a_step_that_does_not_stand_where_it_was_placed(year: Any) -> None:
    _, route = placed(year, Placement("A", AUTUMN))
    for placement in (Placement("A", SPRING), Placement("A", SPRING, exact=True)):
        asked = replace(year.request, placed=(placement,))
        assert [fault.code for fault in route_faults(route, asked, year.knowledge)] == ["fault_placed"]
    gone = replace(year.request, placed=(Placement("A", AUTUMN),))
    _, other = placed(year.but(request=replace(year.request, forbidden=("A",))))
    assert "fault_fixed" in {fault.code for fault in route_faults(other, gone, year.knowledge)}


@settings(max_examples=60)
@given(data=st.data())
def test_every_placed_activity_is_in_its_term_or_is_named(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    known = [activity.code for activity in world.activities if activity.code not in world.request.forbidden]
    if not known:
        return
    code, day = data.draw(st.sampled_from(known)), data.draw(st.dates(date(2026, 9, 1), date(2027, 8, 31)))
    case = world.but(request=replace(world.request, placed=(Placement(code, day),)))
    route = recommend(case.request, case.knowledge).route
    assert route_faults(route, case.request, case.knowledge) == ()
    named = {dict(note.values).get("activity") for note in route.notes}
    spans = term_spans(case.territory.terms, *period_of(case.request.limits, case.request.on))
    step = next((step for step in route.steps if step.activity == code), None)
    if step is None or "placed_missing" in {note.code for note in route.notes}:
        assert code in named
    else:
        assert spans[step.term - 1].starts <= day <= spans[step.term - 1].ends
