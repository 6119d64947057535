"""Edits by hand: what each one makes of what is asked, and what the routes composed around them are."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.overrides import EDITS, Edit, Overrides, Removed, edited
from recommender.recommendation import recommend
from recommender.refusals import Refused
from recommender.route import Placement, Request
from recommender.territory import Territory
from recommender.verification.route_faults import route_faults
from recommender.vocabulary import FORMATS

DAY = date(2027, 2, 1)
KNOWN = Overrides(fixed=("A",), removed=(Removed("B", "уже было"),), placed=(Placement("C", DAY),))


def after(*edits: Edit, overrides: Overrides = KNOWN) -> Overrides:
    for edit in edits:
        overrides = edited(overrides, edit)
    return overrides


def test_to_fix_lets_in_again_what_was_removed() -> None:
    found = after(Edit("fix", "B"))
    assert (found.fixed, found.removed) == (("A", "B"), ())


def test_to_release_lets_go_of_fixed_and_placed_steps() -> None:
    assert after(Edit("release", "A"), Edit("release", "C")) == Overrides(removed=KNOWN.removed)


def test_to_forbid_lets_go_and_keeps_the_comment() -> None:
    found = after(Edit("forbid", "A", comment="далеко"), Edit("forbid", "B", comment="передумала"))
    assert (found.fixed, found.forbidden) == ((), ("A", "B"))
    assert found.removed == (Removed("A", "далеко"), Removed("B", "передумала"))


def test_to_swap_forbids_one_and_fixes_the_other() -> None:
    found = after(Edit("swap", "A", instead="D"))
    assert (found.fixed, found.forbidden) == (("D",), ("B", "A"))
    assert after(Edit("swap", "D", instead="C")).placed == KNOWN.placed


def test_to_move_keeps_an_activity_in_one_place() -> None:
    found = after(Edit("move", "A", day=DAY), Edit("move", "C", day=DAY, exact=True), Edit("move", "B", day=DAY))
    assert (found.fixed, found.forbidden) == ((), ())
    assert found.placed == (Placement("A", DAY), Placement("C", DAY, True), Placement("B", DAY))


def test_limits_are_asked_for_and_given_back_to_the_rules(territory: Territory) -> None:
    found = after(
        Edit("hours", hours=36.0),
        Edit("formats", formats=("distance",)),
        Edit("period", start=DAY, end=date(2027, 5, 1)),
    )
    limits = found.limits(territory.route, date(2026, 9, 1))
    assert (limits.hours, limits.formats) == (36.0, frozenset({"distance"}))
    assert (limits.start, limits.end) == (DAY, date(2027, 5, 1))
    back = after(Edit("hours"), Edit("formats"), Edit("period"), overrides=found)
    limits = back.limits(territory.route, date(2026, 9, 1))
    assert (limits.hours, limits.formats) == (territory.route.hours, frozenset(FORMATS))
    assert (limits.start, limits.end) == (date(2026, 9, 1), date(2027, 9, 1))


def test_what_has_lost_its_meaning_is_no_longer_asked() -> None:
    overrides = replace(KNOWN, start=date(2026, 9, 1), end=date(2026, 10, 1))
    assert overrides.still("ABC", date(2026, 10, 1)) == overrides
    assert overrides.still("BC", date(2026, 10, 2)) == replace(KNOWN, fixed=())


@pytest.mark.parametrize(
    "edit, code",
    [
        (Edit("fix", "A"), "edit_fixed_already"),
        (Edit("fix", "C"), "edit_fixed_already"),
        (Edit("release", "X"), "edit_not_fixed"),
        (Edit("allow", "A"), "edit_not_forbidden"),
        (Edit("swap", "A", instead="A"), "edit_swap_same"),
        (Edit("move", "A"), "edit_no_day"),
        (Edit("period", start=DAY, end=date(2027, 1, 31)), "limits_period"),
        (Edit("period", start=DAY, end=date(2047, 1, 31)), "limits_period"),
    ],
)
def test_an_edit_without_meaning_is_refused(edit: Edit, code: str) -> None:
    with pytest.raises(Refused) as refused:
        edited(KNOWN, edit)
    assert refused.value.reason.code == code


def question(world: Any, overrides: Overrides) -> Request:
    request: Request = world.request
    return replace(request, fixed=overrides.fixed, forbidden=overrides.forbidden, placed=overrides.placed)


@st.composite
def edits_of(draw: st.DrawFn, codes: list[str]) -> Edit:
    kind = draw(st.sampled_from(sorted(EDITS.keys() - {"hours", "formats", "period"})))
    one, other = draw(st.sampled_from(codes)), draw(st.sampled_from(codes))
    return Edit(kind, one, other, day=draw(st.dates(date(2026, 9, 1), date(2027, 8, 1))), exact=draw(st.booleans()))


@settings(max_examples=80)
@given(data=st.data())
def test_no_row_of_edits_contradicts_itself_or_makes_a_route_with_faults(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    codes = [activity.code for activity in world.activities]
    if not codes:
        return
    overrides = Overrides()
    for edit in data.draw(st.lists(edits_of(codes), max_size=5)):
        try:
            overrides = edited(overrides, edit)
        except Refused:
            continue
        assert len(set(overrides.kept)) == len(overrides.kept)
        assert not set(overrides.kept) & set(overrides.forbidden)
    request = question(world, overrides)
    route = recommend(request, world.knowledge).route
    assert route_faults(route, request, world.knowledge) == ()
    assert not {step.activity for step in route.steps} & set(overrides.forbidden)


@settings(max_examples=80)
@given(data=st.data())
def test_a_swap_changes_the_value_as_its_alternative_said_and_never_to_less(
    worlds: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    world = data.draw(worlds)
    world = world.but(request=replace(world.request, fixed=(), placed=(), forbidden=()))
    before = recommend(world.request, world.knowledge, gap=0.0).route
    for step in before.steps:
        for other in step.alternatives[:1]:
            swapped = edited(Overrides(), Edit("swap", step.activity, instead=other.activity))
            request = question(world, swapped)
            expected = before.certificate.value + other.value_change
            free = recommend(request, world.knowledge, gap=0.0).route
            if not free.notes or free.notes == before.notes:
                assert free.certificate.bound >= expected - 1e-9
            rest = tuple(one.activity for one in before.steps if one != step)
            bound = replace(request, fixed=(*rest, *request.fixed), limits=replace(request.limits, steps=len(rest) + 1))
            kept = recommend(bound, world.knowledge, gap=0.0).route
            assert kept.certificate.value == pytest.approx(expected, abs=1e-9)
