"""«Почему не …?» for every activity of a catalogue."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recommender.activity import Activity
from recommender.reasons import EXCLUSIONS, WHY_NOT
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.why_not import why_not


@pytest.fixture
def case(world: Any, activity: Callable[..., Activity]) -> Any:
    return world(
        activity("A", kind="pk", hours=36.0),
        activity("B", kind="pk", hours=36.0, develops=(("M1", 0.5),)),
        activity("C", develops=(("S1", 1.0),)),
        activity("D", audience=("manager",)),
        activity("E", kind="pk", hours=36.0),
    ).but(limits={"hours": 36.0})


@pytest.mark.parametrize(
    ("code", "reason"),
    [("A", "in_route"), ("B", "worse"), ("C", "no_deficit_touched"), ("D", "audience"), ("E", "equal")],
)
def test_each_activity_has_its_reason(case: Any, code: str, reason: str) -> None:
    told = why_not(case.request, case.knowledge, code)
    assert told.code == reason
    assert tuple(name for name, _ in told.values) == {**EXCLUSIONS, **WHY_NOT}[reason]


def test_worse_says_by_how_much(case: Any) -> None:
    forced = replace(case.request, fixed=("B",))
    knowledge = case.knowledge
    before, after = (recommend(r, knowledge).route.certificate.value for r in (case.request, forced))
    told = dict(why_not(case.request, knowledge, "B").values)
    assert told["value_change"] == after - before < 0
    assert told["percent_change"] == pytest.approx((after - before) / before * 100)
    assert told["hours_change"] == 0.0


def test_what_does_not_fit_beside_the_fixed_steps_is_infeasible(case: Any) -> None:
    assert why_not(replace(case.request, fixed=("A",)), case.knowledge, "B").code == "infeasible"


def test_a_forbidden_activity_says_so(case: Any) -> None:
    for code in ("B", "C"):
        assert why_not(replace(case.request, forbidden=(code,)), case.knowledge, code).code == "forbidden"


def test_an_unknown_activity_is_refused(case: Any) -> None:
    with pytest.raises(Refused, match="unknown_activity: activity = X"):
        why_not(case.request, case.knowledge, "X")
