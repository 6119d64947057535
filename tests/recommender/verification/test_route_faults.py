"""A sound route has no faults, and each thing done wrong to it by hand is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from recommender.activity import Activity, Delivery
from recommender.diagnostics import DiagnosticResult
from recommender.reasons import FAULTS
from recommender.recommendation import recommend
from recommender.route import Certificate, Placement, Route
from recommender.territory import Term, Territory
from recommender.verification.route_faults import route_faults

Change = Callable[[Route], Route]


@pytest.fixture
def case(
    world: Any,
    activity: Callable[..., Activity],
    territory: Territory,
    halves: tuple[Term, ...],
    result: Callable[..., DiagnosticResult],
) -> Any:
    """A world whose route has a step of each sort: B, then A that requires it, then a dated programme."""
    dated = (Delivery(date(2027, 2, 1), date(2027, 2, 20)), Delivery(date(2027, 4, 1), date(2027, 4, 5)))
    rules = replace(territory.route, practice_minimum=1, formal_minimum=1)
    return world(
        activity("A", requires=("B",), hours=10.0),
        activity("B", develops=(("M2", 1.0),), hours=10.0),
        activity("C", kind="pk", hours=36.0, registers=("federal",), deliveries=dated, format="in_person"),
        activity("D", kind="pk", hours=16.0, format="mixed", deliveries=dated[:1], develops=(("S1", 1.0),)),
        activity("E", audience=("manager",)),
        results=[result("M1", 0.0), result("M2", 10.0)],
    ).but(territory=replace(territory, terms=halves, route=rules))


@pytest.fixture
def faults(case: Any) -> Callable[..., set[str]]:
    """Return the codes of the faults of the case's route after a change of it or of the request."""

    def found(change: Change, **request_changes: Any) -> set[str]:
        route = recommend(case.request, case.knowledge).route
        assert [step.activity for step in route.steps] == ["B", "A", "C"] or [
            step.activity for step in route.steps
        ] == ["B", "C", "A"]
        changed = case.but(**request_changes)
        reasons = route_faults(change(route), changed.request, changed.knowledge)
        for reason in reasons:
            assert tuple(name for name, _ in reason.values) == FAULTS[reason.code]
        return {reason.code for reason in reasons}

    return found


def edited(code: str, **changes: Any) -> Change:
    """Return a change of a route that alters the step of an activity."""

    def change(route: Route) -> Route:
        steps = tuple(step._replace(**changes) if step.activity == code else step for step in route.steps)
        return replace(route, steps=steps)

    return change


def without(code: str) -> Change:
    return lambda route: replace(route, steps=tuple(step for step in route.steps if step.activity != code))


def same(route: Route) -> Route:
    return route


def test_a_composed_route_has_no_faults(faults: Callable[..., set[str]]) -> None:
    assert faults(same) == set()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (edited("A", activity="X"), "fault_unknown_activity"),
        (edited("A", delivery=7), "fault_unknown_delivery"),
        (edited("A", delivery=-1), "fault_unknown_delivery"),
        (edited("A", activity="B"), "fault_repeated"),
        (edited("A", activity="E"), "fault_rule"),
        (edited("C", delivery=1), "fault_dates"),
        (edited("C", ends=date(2026, 1, 1)), "fault_dates"),
        (edited("A", term=1), "fault_term"),
        (edited("A", term=9), "fault_term"),
        (edited("B", term=2, starts=date(2027, 1, 1), ends=date(2027, 1, 3)), "fault_prerequisite"),
        (without("B"), "fault_prerequisite"),
        (edited("A", hours=9.0), "fault_step_hours"),
        (edited("B", closes=()), "fault_share"),
        (edited("B", contributions=()), "fault_contribution"),
        (edited("B", score=9.0), "fault_score"),
        (without("C"), "fault_formal"),
        (lambda route: replace(route, steps=()), "fault_formal"),
        (lambda route: replace(route, steps=tuple(s for s in route.steps if s.activity == "C")), "fault_practice"),
        (lambda route: replace(route, steps=route.steps[::-1]), "fault_order"),
        (lambda route: replace(route, certificate=Certificate(9.0, 9.0, 0.0)), "fault_value"),
        (
            lambda route: replace(route, certificate=replace(route.certificate, bound=route.certificate.value / 2)),
            "fault_certificate",
        ),
        (lambda route: replace(route, certificate=replace(route.certificate, gap=0.5)), "fault_certificate"),
    ],
)
def test_what_is_done_wrong_to_a_route_is_named(faults: Callable[..., set[str]], change: Change, fault: str) -> None:
    assert fault in faults(change)


@pytest.mark.parametrize(
    ("request_changes", "fault"),
    [
        ({"limits": {"hours": 50.0}}, "fault_total_hours"),
        ({"limits": {"term_hours": 40.0}}, "fault_term_hours"),
        ({"limits": {"steps": 2}}, "fault_steps"),
        ({"limits": {"formats": frozenset({"distance"})}}, "fault_rule"),
        ({"person": {"declined": frozenset({"A"})}}, "fault_rule"),
        ({"person": {"taken": (("A", date(2025, 1, 1)),)}}, "fault_rule"),
    ],
)
def test_a_route_is_judged_by_the_limits_of_its_request(
    faults: Callable[..., set[str]], request_changes: dict[str, Any], fault: str
) -> None:
    assert fault in faults(same, **request_changes)


def test_a_fixed_activity_must_be_there(faults: Callable[..., set[str]], case: Any) -> None:
    assert "fault_fixed" in faults(same, request=replace(case.request, fixed=("D",)))


def test_a_placed_activity_must_stand_where_it_was_placed(faults: Callable[..., set[str]], case: Any) -> None:
    assert "fault_placed" in faults(same, request=replace(case.request, placed=(Placement("A", date(2026, 9, 1)),)))


def test_a_forbidden_activity_must_not_be_there(faults: Callable[..., set[str]], case: Any) -> None:
    assert "fault_rule" in faults(same, request=replace(case.request, forbidden=("A",)))


def test_attended_steps_on_one_day_clash(faults: Callable[..., set[str]]) -> None:
    def clash(route: Route) -> Route:
        step = next(step for step in route.steps if step.activity == "C")
        other = step._replace(activity="D", hours=16.0)
        return replace(route, steps=(*route.steps, other))

    assert "fault_clash" in faults(clash)
