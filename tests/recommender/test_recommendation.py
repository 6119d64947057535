"""What a recommendation says: steps, notes, what stays open, edits, and the answer as a whole."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from math import prod
from typing import Any

import numpy as np
import pytest

from recommender.activity import Activity, Delivery
from recommender.batch import recommend_many
from recommender.catalogue import Catalogue, Floats, Indices
from recommender.diagnostics import DiagnosticResult
from recommender.explanation.answer import answer
from recommender.explanation.values import Recommendation
from recommender.reasons import NOTES, OPEN_REASONS, STEP_REASONS
from recommender.recommendation import recommend
from recommender.route import Reason, Request, Step
from recommender.territory import Term, Territory
from recommender.verification.route_faults import route_faults


def run(case: Any, **options: Any) -> Recommendation:
    return recommend(case.request, case.knowledge, **options)


def codes(steps: Iterable[Step]) -> list[str]:
    return [step.activity for step in steps]


def test_a_step_says_what_it_closes_and_by_which_result(
    world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult], today: date
) -> None:
    case = world(activity("A"), results=[result("M1", 20.0)], wishes=("M1",))
    (step,) = run(case).route.steps
    (closing,) = step.closes
    assert (closing.gain, closing.share) == (0.5, 0.5)
    assert dict(closing.factors) == {"prior": 0.5, "relevance": 1.0, "confirmed": 1.0, "chance": 1.0}
    closes, request, practice = step.reasons
    assert dict(closes.values) == {
        "competency": "M1",
        "title": "Критериальное оценивание",
        "share": 50.0,
        "percent": pytest.approx(28.0),
        "target": 80.0,
        "form": "test",
        "date": today,
    }
    assert (request.code, practice.code) == ("request", "practice")


def test_proposed_tags_count_half_and_say_so(world: Any, activity: Callable[..., Activity]) -> None:
    (step,) = run(world(activity("A", develops=(), proposed=(("M1", 1.0),)))).route.steps
    assert step.closes[0].gain == 0.25
    assert "proposed_tags" in [reason.code for reason in step.reasons]


def test_a_confirmed_tag_stands_before_a_proposal_of_the_same(world: Any, activity: Callable[..., Activity]) -> None:
    (step,) = run(world(activity("A", proposed=(("M1", 1.0),)))).route.steps
    assert [closing.gain for closing in step.closes] == [0.5]


def test_hours_of_the_kind_stand_in_where_none_are_given(world: Any, activity: Callable[..., Activity]) -> None:
    assert run(world(activity("A"))).route.steps[0].hours == 18.0


def test_later_steps_close_only_what_is_left(world: Any, activity: Callable[..., Activity]) -> None:
    programme = activity("A", kind="pk", hours=36.0)
    (first, second) = run(world(programme, activity("B"))).route.steps
    assert [first.closes[0].share, second.closes[0].share] == [0.7, pytest.approx(0.3)]


def test_two_deliveries_of_one_programme_are_never_taken_both(world: Any, activity: Callable[..., Activity]) -> None:
    both = (Delivery(date(2026, 10, 1), date(2026, 10, 2)), Delivery(date(2027, 3, 1), date(2027, 3, 2)))
    for form in ("distance", "in_person"):
        (step,) = run(world(activity("A", deliveries=both, format=form))).route.steps
        assert step.delivery == 0


def test_attended_deliveries_on_one_day_clash_and_distant_ones_do_not(
    world: Any, activity: Callable[..., Activity]
) -> None:
    same = {"deliveries": (Delivery(date(2026, 10, 1), date(2026, 10, 5)),)}
    attended = world(activity("A", format="in_person", **same), activity("B", format="mixed", **same))
    recommendation = run(attended)
    assert len(recommendation.route.steps) == 1
    assert recommendation.open[0].reason.code == "conflict"
    assert len(run(world(activity("A", **same), activity("B", format="mixed", **same))).route.steps) == 2


def test_what_is_required_comes_in_an_earlier_term(
    world: Any, activity: Callable[..., Activity], territory: Territory, halves: tuple[Term, ...]
) -> None:
    case = world(activity("A", requires=("B",)), activity("B", develops=(), hours=1.0))
    case = case.but(territory=replace(territory, terms=halves))
    first, second = run(case).route.steps
    assert (first.activity, first.term, second.activity, second.term) == ("B", 1, "A", 2)
    assert [reason.code for reason in first.reasons] == ["practice", "prerequisite"]


def test_one_of_several_deliveries_of_what_is_required_is_enough(
    world: Any, activity: Callable[..., Activity], territory: Territory, halves: tuple[Term, ...]
) -> None:
    groups = tuple(Delivery(day, day + timedelta(days=4)) for day in (date(2026, 10, 1), date(2026, 12, 1)))
    early = Delivery(date(2026, 10, 3), date(2026, 10, 6))
    case = world(
        activity("A", requires=("B",), deliveries=(Delivery(date(2027, 3, 1), date(2027, 3, 2)),)),
        activity("B", develops=(), hours=1.0, deliveries=groups, format="in_person"),
        activity("C", develops=(("M1", 1.0),), deliveries=(early,), format="in_person"),
    ).but(territory=replace(territory, terms=halves))
    # The first group of B clashes with C, so the second one must be taken for all three to stand together.
    steps = run(case).route.steps
    assert [(step.activity, step.delivery) for step in steps] == [("C", 0), ("B", 1), ("A", 0)]


def test_in_a_single_term_what_is_required_ends_before(world: Any, activity: Callable[..., Activity]) -> None:
    dated = (Delivery(date(2026, 11, 1), date(2026, 11, 9)),)
    case = world(activity("A", requires=("B",), deliveries=dated), activity("B", develops=(), hours=1.0))
    first, second = run(case).route.steps
    assert (first.activity, first.ends, second.starts) == ("B", date(2026, 10, 31), date(2026, 11, 1))
    case = world(activity("A", requires=("B",)), activity("B", develops=(), hours=1.0, deliveries=dated))
    first, second = run(case).route.steps
    assert (first.ends, second.starts) == (date(2026, 11, 9), date(2026, 11, 10))


def test_a_step_of_practice_is_taken_where_one_exists(
    world: Any, activity: Callable[..., Activity], territory: Territory
) -> None:
    rules = replace(territory.route, practice_minimum=1, steps=1)
    strong, weak = activity("A", kind="pk", hours=36.0), activity("B", kind="masterclass", hours=4.0)
    case = world(strong, weak).but(territory=replace(territory, route=rules), limits={"steps": 1})
    assert codes(run(case).route.steps) == ["B"]
    without = run(case.but(activities=(strong,)))
    assert codes(without.route.steps) == ["A"]
    assert without.route.notes == (Reason("practice_dropped", (("asked", 1.0), ("kept", 0.0))),)


def test_formal_steps_are_given_up_before_practice(
    world: Any, activity: Callable[..., Activity], territory: Territory
) -> None:
    rules = replace(territory.route, practice_minimum=1, formal_minimum=1)
    formal = activity("A", kind="pk", hours=36.0, registers=("federal",))
    case = world(formal, activity("B", kind="masterclass", hours=4.0))
    case = case.but(territory=replace(territory, route=rules), limits={"steps": 1})
    recommendation = run(case)
    assert codes(recommendation.route.steps) == ["B"]
    assert [note.code for note in recommendation.route.notes] == ["formal_dropped"]


def test_a_programme_counts_as_formal_only_in_a_register_of_the_territory(
    world: Any, activity: Callable[..., Activity], territory: Territory
) -> None:
    rules = replace(territory.route, formal_minimum=1)
    case = world(activity("A", kind="pk", hours=36.0, registers=("regional",)))
    case = case.but(territory=replace(territory, route=rules))
    assert [note.code for note in run(case).route.notes] == ["formal_dropped"]


def test_a_fixed_activity_is_in_and_a_forbidden_one_is_out(world: Any, activity: Callable[..., Activity]) -> None:
    useless = activity("C", develops=(), deliveries=(Delivery(), Delivery(date(2026, 10, 1), date(2026, 10, 2))))
    case = world(activity("A"), activity("B"), useless, fixed=("C",), forbidden=("A",))
    recommendation = run(case)
    assert codes(recommendation.route.steps) == ["B", "C"]
    assert recommendation.route.steps[1].reasons[-1] == Reason("fixed")
    assert ("A", "forbidden") in [(item.activity, item.reason.code) for item in recommendation.excluded or ()]


def test_a_fixed_activity_of_several_items_is_taken_once(world: Any, activity: Callable[..., Activity]) -> None:
    groups = tuple(Delivery(day, day) for day in (date(2026, 10, 1), date(2026, 12, 1)))
    case = world(activity("A"), activity("B", deliveries=groups, format="in_person"), fixed=("B",))
    recommendation = run(case.but(limits={"steps": 1}))
    assert codes(recommendation.route.steps) == ["B"]
    assert route_faults(recommendation.route, case.request, case.knowledge) == ()


def test_a_fixed_activity_that_may_not_be_taken_is_named(world: Any, activity: Callable[..., Activity]) -> None:
    case = world(activity("A"), activity("B", audience=("manager",)), fixed=("B",))
    (note,) = run(case).route.notes
    assert (note.code, dict(note.values)["rule"]) == ("fixed_excluded", "audience")


def test_of_fixed_activities_that_do_not_fit_the_last_is_dropped(world: Any, activity: Callable[..., Activity]) -> None:
    case = world(activity("A", hours=20.0), activity("B", hours=20.0), fixed=("B", "A")).but(limits={"hours": 30.0})
    recommendation = run(case)
    assert codes(recommendation.route.steps) == ["B"]
    assert [(note.code, dict(note.values)["activity"]) for note in recommendation.route.notes] == [
        ("fixed_dropped", "A")
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"activities": ()}, "no_programme"),
        ({}, "exhausted"),
        ({"limits": {"steps": 0}}, "no_steps"),
        ({"limits": {"hours": 17.0}}, "excluded"),
        ({"person": {"declined": frozenset({"A"})}}, "excluded"),
    ],
)
def test_what_stays_open_says_why(
    world: Any, activity: Callable[..., Activity], change: dict[str, Any], reason: str
) -> None:
    (left,) = run(world(activity("A")).but(**change)).open
    assert left.reason.code == reason
    assert tuple(name for name, _ in left.reason.values) == OPEN_REASONS[reason]


def test_hours_and_places_that_are_missing_are_named(world: Any, activity: Callable[..., Activity]) -> None:
    two = world(activity("A", hours=40.0), activity("B", hours=40.0))
    assert run(two).open[0].reason == Reason("no_hours", (("hours", 40.0),))
    full = world(activity("A", deliveries=(Delivery(places=0),)))
    assert run(full).open[0].reason == Reason("no_places", (("count", 1.0),))


def test_what_costs_more_hours_than_it_closes_is_left_out(
    world: Any, activity: Callable[..., Activity], territory: Territory
) -> None:
    costly = replace(territory, route=replace(territory.route, hour_cost=1.0))
    recommendation = run(world(activity("A")).but(territory=costly))
    assert recommendation.route.steps == ()
    assert recommendation.open[0].reason.code == "not_worth"


def test_wishes_that_lead_nowhere_are_not_lost(
    world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult]
) -> None:
    case = world(activity("A"), wishes=("рыбалка", "M2", "Цифровые ресурсы на уроке"), results=[result("D1", 100.0)])
    notes = run(case).route.notes
    assert [note.code for note in notes] == ["no_deficits", "wish_unmatched", "wish_no_deficit", "wish_not_measured"]


def test_all_codes_stand_in_the_tables_with_their_values(
    world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult]
) -> None:
    case = world(
        activity("A", requires=("B",)),
        activity("B", develops=(), proposed=(("M1", 0.5),)),
        activity("C", kind="pk", hours=16.0, registers=("federal",), develops=(("M2", 1.0),)),
        results=[result("M1", 20.0), result("M2", 30.0, "self")],
        wishes=("M1", "рыбалка", "D1"),
        fixed=("C",),
    )
    recommendation = run(case)
    for step in recommendation.route.steps:
        for reason in step.reasons:
            assert tuple(name for name, _ in reason.values) == STEP_REASONS[reason.code]
    for note in recommendation.route.notes:
        assert tuple(name for name, _ in note.values) == NOTES[note.code]
    for left in recommendation.open:
        assert tuple(name for name, _ in left.reason.values) == OPEN_REASONS[left.reason.code]


def test_every_number_of_the_answer_follows_from_the_others(
    world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult]
) -> None:
    case = world(
        activity("A", kind="pk", hours=36.0),
        activity("B", develops=(("M1", 0.8), ("M2", 0.5))),
        activity("C", develops=(), proposed=(("D1", 0.5),)),
        results=[result("M1", 20.0), result("M1", 40.0, "case"), result("M2", 30.0, "self"), result("D1", 45.0)],
        wishes=("M2",),
    )
    told = answer(run(case), case.knowledge)
    weights: dict[str, float] = {}
    for deficit in told["deficits"]:
        shown = sum(item["weight"] * item["percent"] for item in deficit["evidence"])
        shown += deficit["norm"]["weight"] * deficit["norm"]["percent"]
        assert deficit["percent"] == pytest.approx(shown)
        assert deficit["gap"] == pytest.approx(max(0.0, deficit["target"] - deficit["percent"] / 100))
        factors: Any = deficit["factors"]
        assert deficit["weight"] == pytest.approx(prod(factors.values()))
        weights[deficit["competency"]] = deficit["weight"] * deficit["gap"]
    route, covered = told["route"], dict.fromkeys(weights, 0.0)
    for step in route["steps"]:
        expected: dict[tuple[str, str | None], float] = {("hours", None): -route["hour_cost"] * step["hours"]}
        for closing in step["closes"]:
            before = covered[closing["competency"]]
            covered[closing["competency"]] += closing["gain"]
            share = min(1.0, covered[closing["competency"]]) - min(1.0, before)
            assert closing["share"] == pytest.approx(share)
            expected["closing", closing["competency"]] = weights[closing["competency"]] * share
        assert {(c["code"], c["competency"]): c["value"] for c in step["contributions"]} == pytest.approx(expected)
    assert route["hours"] == sum(step["hours"] for step in route["steps"])
    closed = sum(weights[code] * min(1.0, share) for code, share in covered.items())
    assert route["closed"] == pytest.approx(closed / sum(weights.values()))
    certificate = route["certificate"]
    assert certificate["gap"] == pytest.approx((certificate["bound"] - certificate["value"]) / certificate["bound"])
    assert {left["competency"]: left["share"] for left in told["open"]} == pytest.approx(
        {code: 1 - min(1.0, share) for code, share in covered.items() if share < 1 - 1e-9}
    )


def test_the_answer_is_json_with_dates_as_text(world: Any, activity: Callable[..., Activity]) -> None:
    case = world(activity("A", deliveries=(Delivery(date(2026, 10, 1), date(2026, 10, 2), 5),)))
    told = json.loads(json.dumps(answer(run(case), case.knowledge), allow_nan=False, default=date.isoformat))
    step = told["route"]["steps"][0]
    assert (step["starts"], step["ends"], step["places"], step["term"]) == ("2026-10-01", "2026-10-02", 5, 1)
    assert told["versions"] == {
        "catalogue": "v1",
        "framework": "small 1",
        "rules": "small 1",
        "ranker": "rules-1",
        "scale": "three 1",
    }


def test_a_batch_equals_single_recommendations_in_processes_too(
    world: Any, activity: Callable[..., Activity], result: Callable[..., DiagnosticResult]
) -> None:
    case = world(activity("A"), activity("B", develops=(("M2", 1.0),)), activity("C", kind="pk", hours=36.0))
    requests = [
        (key, replace(case.request, results=(result("M1", float(key)), result("M2", 70.0 - key)))) for key in range(70)
    ]
    knowledge = case.knowledge
    single = [(key, recommend(request, knowledge, excluded=False)) for key, request in requests]
    assert list(recommend_many(iter(requests), knowledge)) == single
    assert list(recommend_many(iter(requests), knowledge, jobs=2)) == single


def test_a_ranker_moves_the_gains_by_the_chance_it_sees(world: Any, activity: Callable[..., Activity]) -> None:
    class Doubtful:
        version = "doubtful-1"

        def chances(self, request: Request, positions: Indices, catalogue: Catalogue) -> Floats:
            return np.full(len(positions), 0.5)

    case = world(activity("A"))
    recommendation = recommend(case.request, case.knowledge, Doubtful())
    assert recommendation.route.steps[0].closes[0].gain == 0.25
    assert recommendation.versions.ranker == "doubtful-1"
    assert route_faults(recommendation.route, case.request, case.knowledge) == ()
