"""Laws that hold for every recommendation, over generated worlds."""

import json
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.activity import Activity, Delivery
from recommender.explanation.answer import answer
from recommender.gains import hours_of, prior_of, relevances
from recommender.recommendation import recommend
from recommender.route import Placement, Reason
from recommender.schedule import TermSpan, period_of, term_spans
from recommender.verification.route_faults import route_faults
from recommender.verification.rules import broken_rules, read_activity
from recommender.vocabulary import ATTENDED_FORMATS

Way = tuple[Activity, Delivery, int]
Choice = tuple[Way, ...]
"""Activities with a delivery and a term each."""


def told(world: Any, **options: Any) -> str:
    """Return the bytes of the answer to a world's request."""
    knowledge = world.knowledge
    return json.dumps(
        answer(recommend(world.request, knowledge, **options), knowledge), ensure_ascii=False, default=date.isoformat
    )


@settings(max_examples=120)
@given(data=st.data())
def test_no_route_has_faults(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    route = recommend(world.request, world.knowledge).route
    assert route_faults(route, world.request, world.knowledge) == ()


@settings(max_examples=60)
@given(data=st.data())
def test_the_order_of_rows_changes_nothing(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    seed = data.draw(st.integers(0, 9))
    activities, results = list(world.activities), list(world.request.results)
    random.Random(seed).shuffle(activities)
    random.Random(seed).shuffle(results)
    shuffled = world.but(activities=tuple(activities), request=replace(world.request, results=tuple(results)))
    assert told(shuffled) == told(world)


@settings(max_examples=60)
@given(data=st.data())
def test_an_activity_irrelevant_to_the_deficits_changes_nothing(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    # Nobody ever has a deficit in what is measured as mastered in full.
    results = (*(r for r in world.request.results if r.competency != "D2"),)
    world = world.but(request=replace(world.request, results=results))
    other = Activity("A00", "pk", "Другое", "Институт (демо)", hours=16.0, develops=(("D2", 1.0),))
    assert told(world.but(activities=(*world.activities, other))) == told(world)


@settings(max_examples=60)
@given(data=st.data(), more=st.floats(0, 100))
def test_a_larger_hours_limit_never_lowers_what_is_possible(
    worlds: st.SearchStrategy[Any], data: st.DataObject, more: float
) -> None:
    world = data.draw(worlds)
    # A minimum that only the larger limit can meet may cost value, so the law is about what may be chosen freely.
    rules = replace(world.territory.route, practice_minimum=0, formal_minimum=0)
    world = world.but(
        territory=replace(world.territory, route=rules), request=replace(world.request, fixed=(), placed=())
    )
    larger = world.but(limits={"hours": world.request.limits.hours + more})
    small = recommend(world.request, world.knowledge, gap=0.0).route.certificate
    large = recommend(larger.request, larger.knowledge, gap=0.0).route.certificate
    assert large.bound >= small.bound - 1e-6
    assert large.bound >= small.value


@settings(max_examples=60)
@given(data=st.data())
def test_contributions_add_up_and_certify(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    told_route = answer(recommend(world.request, world.knowledge), world.knowledge)["route"]
    for step in told_route["steps"]:
        assert sum(part["value"] for part in step["contributions"]) == pytest.approx(step["score"], abs=1e-9)
        for closing in step["closes"]:
            gain = closing["prior"] * closing["relevance"] * closing["confirmed"] * closing["chance"]
            assert min(gain, 1.0) == pytest.approx(closing["gain"], abs=1e-12)
    certificate = told_route["certificate"]
    assert sum(step["score"] for step in told_route["steps"]) == pytest.approx(certificate["value"], abs=1e-9)
    assert certificate["bound"] >= certificate["value"]


@settings(max_examples=60)
@given(data=st.data())
def test_without_deficits_the_route_is_empty_and_says_so(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    results = tuple(result._replace(percent=100.0) for result in world.request.results)
    policy = replace(world.territory.policy, combine="latest")
    world = world.but(
        territory=replace(world.territory, policy=policy),
        request=replace(world.request, results=results, fixed=(), placed=()),
    )
    recommendation = recommend(world.request, world.knowledge)
    assert not (recommendation.deficits or recommendation.route.steps or recommendation.open)
    assert recommendation.route.notes[0] == Reason("no_deficits" if results else "no_results")


@settings(max_examples=60)
@given(data=st.data())
def test_an_empty_catalogue_leaves_every_deficit_open_without_a_programme(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    world = world.but(activities=(), request=replace(world.request, fixed=(), forbidden=(), placed=()))
    recommendation = recommend(world.request, world.knowledge)
    assert recommendation.route.steps == ()
    assert [(left.competency, left.share, left.reason.code) for left in recommendation.open] == [
        (deficit.competency, 1.0, "no_programme") for deficit in recommendation.deficits
    ]


@settings(max_examples=60)
@given(data=st.data())
def test_alternatives_break_no_rule_and_change_the_value_by_what_they_say(
    small_worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(small_worlds)
    recommendation = recommend(world.request, world.knowledge)
    weights = {deficit.competency: deficit.weight * deficit.gap for deficit in recommendation.deficits}
    steps = recommendation.route.steps
    possible = {frozenset(activity.code for activity, _, _ in choice) for choice in all_choices(world)}
    for place, step in enumerate(steps):
        for other in step.alternatives:
            codes = {other.activity if index == place else kept.activity for index, kept in enumerate(steps)}
            changed = value_of(codes, weights, world) - value_of({s.activity for s in steps}, weights, world)
            assert changed == pytest.approx(other.value_change, abs=1e-9)
            assert frozenset(codes) in possible


def value_of(codes: Collection[str], weights: Mapping[str, float], world: Any) -> float:
    """Return Σ weight·gap·min(1, Σ gains) − hour_cost·hours of activities, from the definition."""
    covered = dict.fromkeys(weights, 0.0)
    hours = 0.0
    for activity in (activity for activity in world.activities if activity.code in codes):
        spent = hours_of(activity, world.territory)
        prior = prior_of(activity.kind, spent, world.territory) if spent is not None else None
        assert spent is not None and prior is not None
        hours += spent
        for competency, relevance, confirmed in relevances(activity):
            if competency in covered:
                covered[competency] += min(1.0, prior.gain * relevance * confirmed)
    closed = sum(weights[competency] * min(1.0, share) for competency, share in covered.items())
    return float(closed - world.territory.route.hour_cost * hours)


def all_choices(world: Any) -> list[Choice]:
    """Return every set of (activity, delivery, term) that keeps the rules of a world, by trying them all."""
    request, territory = world.request, world.territory
    spans = term_spans(territory.terms, *period_of(request.limits, request.on))
    options = []
    for activity in world.activities:
        ways: list[Way | None] = [None]
        reading = read_activity(activity, territory)
        for delivery in activity.deliveries:
            for term, span in enumerate(spans):
                starts = delivery.starts or span.starts
                if not span.starts <= starts <= span.ends or (hours_of(activity, territory) is None):
                    continue
                if not any(broken_rules(reading, delivery, starts, request, territory)):
                    ways.append((activity, delivery, term))
        options.append(ways)
    chosen = (tuple(way for way in ways if way) for ways in product(*options))
    return [choice for choice in chosen if keeps_limits(choice, world) and keeps_relations(choice, world, spans)]


def keeps_limits(choice: Choice, world: Any) -> bool:
    limits = world.request.limits
    hours = [(hours_of(activity, world.territory) or 0.0, term) for activity, _, term in choice]
    by_term = {term: sum(spent for spent, at in hours if at == term) for _, term in hours}
    within = all(spent <= limits.term_hours for spent in by_term.values())
    return bool(within and sum(spent for spent, _ in hours) <= limits.hours and len(choice) <= limits.steps)


def keeps_relations(choice: Choice, world: Any, spans: Sequence[TermSpan]) -> bool:
    taken = {code for code, _ in world.request.person.taken}
    placed = {activity.code: (delivery, term) for activity, delivery, term in choice}
    for place, (activity, delivery, _) in enumerate(choice):
        for other, another, _ in choice[:place]:
            attended = activity.format in ATTENDED_FORMATS and other.format in ATTENDED_FORMATS
            if attended and overlap(delivery, another):
                return False
    # Days are given out along the requirements, each undated step as early as it can be over and as late as it must.
    begins: dict[str, date] = {}
    for _ in choice:
        for activity, delivery, term in choice:
            needed = [code for code in activity.requires if code not in taken]
            if activity.code in needed or any(code not in placed for code in needed):
                return False
            if activity.code in begins or any(code not in begins for code in needed):
                continue
            if any(placed[code][1] >= term for code in needed) and len(spans) > 1:
                return False
            begin = first_day(activity, delivery, term, [(placed[code], begins[code]) for code in needed], spans)
            if begin is None:
                return False
            begins[activity.code] = begin
    return len(begins) == len(choice)


def overlap(one: Delivery, other: Delivery) -> bool:
    if not (one.starts and one.ends and other.starts and other.ends):
        return False
    return one.starts <= other.ends and other.starts <= one.ends


def first_day(
    activity: Activity,
    delivery: Delivery,
    term: int,
    needed: Sequence[tuple[tuple[Delivery, int], date]],
    spans: Sequence[TermSpan],
) -> date | None:
    begin = delivery.starts or spans[term].starts
    for (other, other_term), other_begin in needed:
        if other.starts and other.ends:
            over = other.ends
        elif delivery.starts is None and other_term == term:
            continue
        else:
            over = other_begin if other_term == term else spans[other_term].ends
        if delivery.starts and over >= begin:
            return None
        begin = max(begin, type(begin).fromordinal(over.toordinal() + 1))
    last = delivery.starts or spans[term].ends
    if activity.register_until is not None:
        last = min(last, activity.register_until) if not delivery.starts else last
    return begin if begin <= last else None


@settings(max_examples=100)
@given(data=st.data())
def test_no_choice_of_activities_is_better_than_the_bound(
    small_worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(small_worlds)
    recommendation = recommend(world.request, world.knowledge, gap=0.0)
    if not recommendation.deficits:
        return
    weights = {deficit.competency: deficit.weight * deficit.gap for deficit in recommendation.deficits}
    notes = recommendation.route.notes
    given_up = {dict(note.values)["activity"] for note in notes if note.code.startswith(("fixed_", "placed_"))}
    misplaced = {dict(note.values)["activity"] for note in notes if note.code == "placed_missing"}
    asked = set(world.request.kept) - given_up
    placed = [one for one in world.request.placed if one.activity not in misplaced]
    rules = world.territory.route
    kept = {note.code: dict(note.values).get("kept") for note in notes}
    least = kept.get("practice_dropped", rules.practice_minimum), kept.get("formal_dropped", rules.formal_minimum)
    best = [
        value_of([activity.code for activity, _, _ in choice], weights, world)
        for choice in all_choices(world)
        if asked <= {activity.code for activity, _, _ in choice}
        and counted(choice, world, least)
        and all(where_placed(way, one, world) for one in placed for way in choice if way[0].code == one.activity)
    ]
    assert max(best) == pytest.approx(recommendation.route.certificate.value, abs=1e-5)


def where_placed(way: Way, placement: Placement, world: Any) -> bool:
    _, delivery, term = way
    if placement.exact:
        return delivery.starts == placement.day
    span = term_spans(world.territory.terms, *period_of(world.request.limits, world.request.on))[term]
    return span.starts <= placement.day <= span.ends


def counted(choice: Choice, world: Any, least: Sequence[Any]) -> bool:
    formal = [a for a, _, _ in choice if a.kind == "pk" and set(a.registers) & set(world.territory.registers)]
    practice = [a for a, _, _ in choice if a.kind in world.territory.route.practice_kinds]
    return bool(len(practice) >= least[0] and len(formal) >= least[1])
