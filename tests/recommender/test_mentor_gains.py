"""What a mentor gives is counted before anything is chosen, and everything still adds up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.activity import Activity
from recommender.explanation.answer import answer
from recommender.mentor_gains import mentoring_gains
from recommender.recommendation import recommend
from recommender.route import Mentoring, MentoringGain
from recommender.territory import Territory
from recommender.verification.route_faults import route_faults

SHARES = st.dictionaries(st.sampled_from(["M1", "M2", "S1", "D1"]), st.sampled_from([0.0, 0.3, 0.45, 0.8, 1.0]))


@st.composite
def pairs(draw: st.DrawFn, on: date) -> tuple[Mentoring, ...]:
    """Draw up to two pairs, one perhaps without days."""
    found = []
    for number in range(draw(st.integers(1, 2))):
        starts = on + timedelta(days=30 * number) if draw(st.booleans()) else None
        gains = tuple(MentoringGain(code, gain, 0.1) for code, gain in sorted(draw(SHARES).items()))
        found.append(Mentoring(f"{number}", "young", starts, starts, gains))
    return tuple(found)


@settings(max_examples=80)
@given(data=st.data())
def test_a_route_with_mentors_has_no_faults_and_its_bound_holds(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    request = replace(world.request, mentoring=data.draw(pairs(world.request.on)))
    found = recommend(request, world.knowledge)
    assert route_faults(found.route, request, world.knowledge) == ()
    certificate = found.route.certificate
    best = recommend(request, world.knowledge, gap=0.0).route.certificate
    assert certificate.value <= best.value + 1e-9 and best.value <= certificate.bound + 1e-9
    assert certificate.bound - certificate.value <= 0.01 * max(certificate.bound, 0.0) + 1e-9


@settings(max_examples=60)
@given(data=st.data())
def test_what_is_closed_and_what_stays_open_make_the_whole(worlds: st.SearchStrategy[Any], data: st.DataObject) -> None:
    world = data.draw(worlds)
    request = replace(world.request, mentoring=data.draw(pairs(world.request.on)))
    found = recommend(request, world.knowledge)
    left = {one.competency: one.share for one in found.open}
    for deficit in found.deficits:
        closings = [*(one.closes for one in found.route.given), *(one.closes for one in found.route.steps)]
        closed = sum(c.share for closes in closings for c in closes if c.competency == deficit.competency)
        assert closed + left.get(deficit.competency, 0.0) == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=40)
@given(data=st.data())
def test_the_order_of_pairs_and_a_mentor_who_gives_nothing_change_nothing(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    mentoring = data.draw(pairs(world.request.on))
    first, second = (
        recommend(replace(world.request, mentoring=order), world.knowledge).route
        for order in (mentoring, mentoring[::-1])
    )
    assert first == second
    nothing = Mentoring("9", "young", None, None, (MentoringGain("M1", 0.0, 0.0),))
    idle = recommend(replace(world.request, mentoring=(nothing,)), world.knowledge).route
    if world.knowledge.territory.route.practice_minimum == 0 or "mentoring" not in (
        world.knowledge.territory.route.practice_kinds
    ):
        assert idle.steps == recommend(world.request, world.knowledge).route.steps


def test_a_mentor_who_closes_a_deficit_leaves_nothing_to_choose_for_it(
    world: Any, activity: Callable[..., Activity]
) -> None:
    small = world(activity("A1", develops=(("M1", 1.0),)))
    before = recommend(small.request, small.knowledge)
    assert [step.activity for step in before.route.steps] == ["A1"]
    whole = Mentoring("7", "young", None, None, (MentoringGain("M1", 1.0, 0.1),))
    after = recommend(replace(small.request, mentoring=(whole,)), small.knowledge)
    assert after.route.steps == () and after.open == ()
    told = answer(after, small.knowledge)["route"]
    assert told["closed"] == 1.0 and told["mentoring"][0]["closes"][0]["share"] == 1.0
    assert told["certificate"]["value"] == pytest.approx(told["mentoring"][0]["score"])


def test_a_wrong_share_of_a_mentor_is_a_fault(world: Any, activity: Callable[..., Activity]) -> None:
    small = world(activity("A1", develops=(("M1", 1.0),)))
    part = Mentoring("7", "young", None, None, (MentoringGain("M1", 0.4, 0.1),))
    request = replace(small.request, mentoring=(part,))
    route = recommend(request, small.knowledge).route
    closing = route.given[0].closes[0]._replace(share=0.5)
    wrong = replace(route, given=(replace(route.given[0], closes=(closing,)),))
    assert "fault_mentoring" in {fault.code for fault in route_faults(wrong, request, small.knowledge)}
    missing = replace(route, given=())
    assert "fault_mentoring" in {fault.code for fault in route_faults(missing, request, small.knowledge)}


def test_gains_are_those_of_the_territory(territory: Territory) -> None:
    assert mentoring_gains((), territory) == ()
    for part in mentoring_gains(("M1", "M1"), territory):
        assert (part.competency, 0 < part.gain <= 1) == ("M1", True)
