"""Each rule with its boundary: one activity, one change, one reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from recommender.activity import Activity, Delivery
from recommender.diagnostics import DiagnosticResult
from recommender.reasons import EXCLUSIONS
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.route import Excluded, Reason
from recommender.verification.route_faults import route_faults

ON = date(2026, 9, 1)
LAST = date(2027, 8, 31)


def dated(starts: date, ends: date | None = None, places: int | None = None) -> dict[str, Any]:
    return {"deliveries": (Delivery(starts, ends or starts, places),)}


def excluded_of(case: Any) -> tuple[Excluded, ...]:
    """Return what a recommendation for a world leaves out, and why."""
    excluded = recommend(case.request, case.knowledge).excluded
    assert excluded is not None
    return excluded


# The change of the activity, the change of the limits or the person, and the rule that forbids it (None: none).
CASES: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {}, None),
    ({}, {"person": {"declined": frozenset({"A"})}}, "declined"),
    ({}, {"person": {"taken": (("A", date(2023, 9, 2)),)}}, "taken"),
    ({}, {"person": {"taken": (("A", date(2023, 9, 1)),)}}, None),
    ({"kind": "masterclass"}, {}, "hours_unknown"),
    ({"kind": "masterclass", "hours": 0.0}, {}, "hours_unknown"),
    ({"kind": "pk", "hours": 15.9}, {}, "hours_below_minimum"),
    ({"kind": "pk", "hours": 16.0}, {}, None),
    ({"kind": "pp", "hours": 249.0}, {"limits": {"hours": 300, "term_hours": 300}}, "hours_below_minimum"),
    ({"kind": "pp", "hours": 250.0}, {"limits": {"hours": 300, "term_hours": 300}}, None),
    ({"kind": "webinar", "hours": 0.5}, {}, "no_gain"),
    ({"kind": "conference", "hours": 8.0}, {}, "no_gain"),
    ({"audience": ("manager",)}, {}, "audience"),
    ({"audience": ("manager", "teacher")}, {}, None),
    ({"audience": ("young",)}, {}, "audience"),
    ({"audience": ("young",)}, {"person": {"young": True}}, None),
    ({"audience": ("team",)}, {"person": {"in_team": True}}, None),
    ({"audience": ("teacher",)}, {"person": {"kind": "manager"}}, "audience"),
    ({"subjects": ("Физика", "Химия")}, {}, "subject"),
    ({"subjects": ("Физика", "математика")}, {}, None),
    ({"subjects": ("Физика",)}, {"person": {"subjects": ()}}, "subject"),
    ({"format": "in_person", "municipality": "Запад"}, {}, "far"),
    ({"format": "in_person", "municipality": "Юг"}, {}, None),
    ({"format": "in_person", "municipality": "север"}, {}, None),
    ({"format": "in_person", "municipality": ""}, {}, None),
    ({"format": "distance", "municipality": "Запад"}, {}, None),
    ({"format": "in_person", "municipality": "Запад"}, {"person": {"municipality": ""}}, None),
    ({"format": "mixed"}, {"limits": {"formats": frozenset({"distance"})}}, "format"),
    ({"hours": 72.1}, {}, "hours_above_limit"),
    ({"hours": 72.0}, {}, None),
    ({"hours": 30.0}, {"limits": {"term_hours": 29.0}}, "hours_above_term"),
    ({"deliveries": (Delivery(places=0),)}, {}, "no_places"),
    ({"deliveries": (Delivery(places=1),)}, {}, None),
    ({"deliveries": (Delivery(places=0), Delivery())}, {}, None),
    (dated(ON - timedelta(days=1), LAST), {}, "already_started"),
    (dated(ON), {}, None),
    (dated(LAST, LAST + timedelta(days=1)), {}, "outside_period"),
    (dated(LAST), {}, None),
    (dated(ON), {"limits": {"start": ON + timedelta(days=1)}}, "outside_period"),
    ({"deliveries": (Delivery(None, ON - timedelta(days=1)),)}, {}, "outside_period"),
    ({"deliveries": (Delivery(None, ON),)}, {}, None),
    ({"format": "in_person", **dated(date(2027, 5, 20), date(2027, 5, 28))}, {}, "busy"),
    ({"format": "in_person", **dated(date(2027, 5, 19), date(2027, 5, 28))}, {}, None),
    ({"format": "distance", **dated(date(2027, 5, 20), date(2027, 5, 28))}, {}, None),
    ({"kind": "pk", "hours": 36.0, "provider_kind": "other"}, {}, "provider"),
    ({"kind": "internship", "provider_kind": "other"}, {}, None),
    ({"register_until": ON - timedelta(days=1)}, {}, "register_expired"),
    ({"register_until": ON}, {}, None),
    ({"register_until": date(2026, 10, 1), **dated(date(2026, 10, 2))}, {}, "register_expired"),
    ({"register_until": date(2026, 10, 1), **dated(date(2026, 10, 1))}, {}, None),
    ({"requires": ("B",)}, {}, "requires"),
    ({"requires": ("B",)}, {"person": {"taken": (("B", date(2010, 1, 1)),)}}, None),
    ({"requires": ("A",)}, {}, "requires"),
]


@pytest.mark.parametrize(("change", "setting", "rule"), CASES)
def test_a_rule_forbids_exactly_from_its_boundary_on(
    world: Any, activity: Callable[..., Activity], change: dict[str, Any], setting: dict[str, Any], rule: str | None
) -> None:
    case = world(activity("A", **change)).but(**setting)
    route = recommend(case.request, case.knowledge).route
    assert [item.reason.code for item in excluded_of(case)] == ([rule] if rule else [])
    assert len(route.steps) == (0 if rule else 1)
    assert route_faults(route, case.request, case.knowledge) == ()


def test_every_rule_brings_the_values_that_it_promises(world: Any, activity: Callable[..., Activity]) -> None:
    for change, setting, rule in CASES:
        case = world(activity("A", **change)).but(**setting)
        for item in excluded_of(case):
            assert item.reason.code == rule
            assert tuple(name for name, _ in item.reason.values) == EXCLUSIONS[item.reason.code]


def test_private_providers_teach_formally_only_before_the_rule(world: Any, activity: Callable[..., Activity]) -> None:
    programme = activity("A", kind="pk", hours=36.0, provider_kind="other", **dated(date(2025, 8, 31)))
    case = world(programme)
    limits = replace(case.request.limits, start=date(2025, 8, 1))
    past = case.but(request=replace(case.request, on=date(2025, 8, 1), limits=limits, results=past_results(case)))
    assert len(recommend(past.request, past.knowledge).route.steps) == 1
    later = replace(programme, deliveries=(Delivery(date(2025, 9, 1), date(2025, 9, 1)),))
    barred = excluded_of(past.but(activities=(later,)))
    assert [item.reason for item in barred] == [Reason("provider", (("since", date(2025, 9, 1)),))]


def past_results(case: Any) -> tuple[DiagnosticResult, ...]:
    return tuple(result._replace(taken_on=date(2025, 7, 1)) for result in case.request.results)


def test_the_rule_of_the_delivery_that_came_furthest_is_named(world: Any, activity: Callable[..., Activity]) -> None:
    deliveries = (Delivery(date(2020, 1, 1), date(2020, 1, 2)), Delivery(date(2027, 5, 25), date(2027, 5, 26)))
    case = world(activity("A", format="mixed", deliveries=deliveries))
    (item,) = excluded_of(case)
    assert item.reason == Reason("busy", (("period", "Экзамены"),))


def test_requirements_are_followed_to_the_end(world: Any, activity: Callable[..., Activity]) -> None:
    chain = [
        activity("A", requires=("B",)),
        activity("B", develops=(), requires=("C",)),
        activity("C", develops=(), deliveries=(Delivery(places=0),)),
    ]
    case = world(*chain)
    excluded = excluded_of(case)
    assert [(item.activity, item.reason.code) for item in excluded] == [
        ("A", "requires"),
        ("B", "requires"),
        ("C", "no_places"),
    ]


def test_a_period_in_the_past_leaves_no_candidates(world: Any, activity: Callable[..., Activity]) -> None:
    case = world(activity("A")).but(limits={"start": date(2025, 1, 1), "end": date(2025, 12, 31)})
    assert [item.reason.code for item in excluded_of(case)] == ["outside_period"]


@pytest.mark.parametrize(
    ("request_change", "code"),
    [
        ({"limits": {"hours": -1.0}}, "limits_hours"),
        ({"limits": {"hours": float("nan")}}, "limits_hours"),
        ({"limits": {"term_hours": -1.0}}, "limits_term_hours"),
        ({"limits": {"steps": -1}}, "limits_steps"),
        ({"limits": {"formats": frozenset({"by_post"})}}, "unknown_format"),
        ({"limits": {"end": date(2020, 1, 1)}}, "limits_period"),
    ],
)
def test_limits_without_meaning_are_refused(
    world: Any, activity: Callable[..., Activity], request_change: dict[str, Any], code: str
) -> None:
    case = world(activity("A")).but(**request_change)
    with pytest.raises(Refused) as refused:
        recommend(case.request, case.knowledge)
    assert refused.value.reason.code == code


@pytest.mark.parametrize(
    ("fixed", "forbidden", "code"),
    [(("X",), (), "unknown_activity"), ((), ("X",), "unknown_activity"), (("A",), ("A",), "fixed_and_forbidden")],
)
def test_edits_that_name_nothing_or_contradict_are_refused(
    world: Any, activity: Callable[..., Activity], fixed: tuple[str, ...], forbidden: tuple[str, ...], code: str
) -> None:
    case = world(activity("A"), fixed=fixed, forbidden=forbidden)
    with pytest.raises(Refused) as refused:
        recommend(case.request, case.knowledge)
    assert refused.value.reason.code == code
