"""Versions of routes: what is kept of them, which steps stay the same, what a run may prune, who composed first."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from models.people import insert_people
from models.route_drafts import Making, current_routes, drop_drafts, store_versions
from models.route_versions import changes_since, last_edit, note_look, overrides_of, take_back, versions_of
from models.routes import (
    RouteDeficitRecord,
    RouteEventRecord,
    RouteRecord,
    SeatRecord,
    StepRecord,
    VersionRecord,
    current_route,
    find_route,
    held_route,
    routes_of,
)
from models.scope import Scope
from models.session import Session, Sessions, transaction
from recommender.overrides import Overrides

HERE = [Scope("kamchatka")]
AT = datetime(2026, 11, 22, tzinfo=UTC)
BY_HAND = Making(AT, edit={"kind": "hours"})


@pytest.fixture
def ids(session: Session, person: Any) -> list[int]:
    return insert_people(session, [person(number, f"Белова {number}") for number in range(3)])


def value_of(answer: Any) -> float:
    """Return the mark of an answer that was made for these tests and tells nothing else."""
    value: float = answer["route"]["value"]
    return value


def numbers_of(session: Session, route_id: int) -> list[int]:
    return [version.number for version in versions_of(session, HERE, route_id)]


def test_a_draft_composed_anew_is_a_new_version_of_the_same_route(session: Session, ids: list[int], draft: Any) -> None:
    first = store_versions(session, HERE, [draft(ids[0])], Making(AT))
    later = AT + timedelta(hours=1)
    again = store_versions(session, HERE, [draft(ids[0], 5.0, 1, seen=1), draft(ids[1])], Making(later, run=9))
    assert again[ids[0]] == first[ids[0]] != again[ids[1]]
    route = find_route(session, HERE, first[ids[0]])
    assert route is not None
    assert (route.value, route.version, route.lock_version, route.created_at) == (5.0, 2, 2, later)
    assert [step.activity for step in route.steps] == ["П-0"] and route.in_force.run == 9
    old, new = versions_of(session, HERE, route.id)
    assert (old.number, len(old.seats), old.made_at) == (1, 2, AT) and new.id == route.in_force.id
    assert [value_of(old.full_answer), value_of(new.full_answer)] == [1.0, 5.0]
    assert [one.id for one in routes_of(session, HERE, ids[0])] == [route.id]


def test_the_same_activity_stays_the_same_step(session: Session, ids: list[int], draft: Any) -> None:
    route = store_versions(session, HERE, [draft(ids[0], steps=3)], Making(AT))[ids[0]]
    before = {step.activity: step.id for step in session.query(StepRecord)}
    session.query(StepRecord).filter_by(activity="П-1").update({"state": "agreed"})
    store_versions(session, HERE, [draft(ids[0], steps=3, first=1, seen=1)], BY_HAND)
    found = current_route(session, HERE, ids[0])
    assert found is not None
    assert [(step.activity, step.state) for step in found.steps] == [
        ("П-1", "agreed"),
        ("П-2", "proposed"),
        ("П-3", "proposed"),
    ]
    assert [step.step_id for step in found.steps[:2]] == [before["П-1"], before["П-2"]]
    # What left the route is still a step of its earlier version.
    [old, _] = versions_of(session, HERE, route)
    assert [seat.activity for seat in old.seats] == ["П-0", "П-1", "П-2"]
    assert session.query(StepRecord).filter_by(route_id=route).count() == 4


def test_deficits_are_rows_and_what_is_not_known_yet_is_null(session: Session, ids: list[int], draft: Any) -> None:
    store_versions(session, HERE, [draft(ids[0])], Making(AT))
    [row] = session.query(RouteDeficitRecord)
    assert (row.competency, row.mastery, row.target, row.loss, row.closed_promised) == ("МАТ-1", 0.31, 0.75, 0.88, 0.5)
    assert (row.state, row.below, row.closed_confirmed, row.closed_measured) == ("open", None, None, None)


def test_a_route_begins_with_an_event_and_versions_add_none(session: Session, ids: list[int], draft: Any) -> None:
    route = store_versions(session, HERE, [draft(ids[0])], Making(AT))[ids[0]]
    store_versions(session, HERE, [draft(ids[0], seen=1)], BY_HAND)
    [event] = session.query(RouteEventRecord)
    assert (event.route_id, event.before, event.after, event.at) == (route, None, "draft", AT)


def test_what_was_composed_from_an_older_state_is_left_out(session: Session, ids: list[int], draft: Any) -> None:
    store_versions(session, HERE, [draft(ids[0])], Making(AT))
    store_versions(session, HERE, [draft(ids[0], 2.0, seen=1)], BY_HAND)
    late = store_versions(session, HERE, [draft(ids[0], 3.0, seen=1), draft(ids[1], seen=4)], Making(AT, run=1))
    assert late == {}
    route = current_route(session, HERE, ids[0])
    assert route is not None and (route.value, route.lock_version) == (2.0, 2)
    assert store_versions(session, HERE, [draft(ids[0], 3.0)], Making(AT, run=1)) == {}


def test_a_run_prunes_what_a_run_drafted_and_nobody_looked_at(session: Session, ids: list[int], draft: Any) -> None:
    """The rule of docs/operations.md, case by case: who made the version before, whether it was seen, who makes it."""
    first, runs = Making(AT, run=1), Making(AT, run=2)
    routes = store_versions(session, HERE, [draft(one, steps=2) for one in ids], first)
    seen = current_route(session, HERE, ids[1])
    assert seen is not None
    note_look(seen, AT)
    session.flush()
    store_versions(session, HERE, [draft(ids[2], seen=1, steps=1)], BY_HAND)
    again = [draft(ids[0], seen=1, first=1), draft(ids[1], seen=1, first=1), draft(ids[2], seen=2, first=1)]
    store_versions(session, HERE, again, runs)
    assert [numbers_of(session, routes[one]) for one in ids] == [[2], [1, 2], [1, 2, 3]]
    steps = session.query(StepRecord).filter_by(route_id=routes[ids[0]])
    assert sorted(step.activity for step in steps) == ["П-1", "П-2"]
    assert session.query(StepRecord).filter_by(route_id=routes[ids[1]]).count() == 3
    held = {version for (version,) in session.query(SeatRecord.version_id)}
    assert held <= {version for (version,) in session.query(VersionRecord.id)}


def test_by_hand_nothing_is_pruned(session: Session, ids: list[int], draft: Any) -> None:
    route = store_versions(session, HERE, [draft(ids[0])], Making(AT, run=1))[ids[0]]
    store_versions(session, HERE, [draft(ids[0], seen=1)], BY_HAND)
    assert numbers_of(session, route) == [1, 2]


def test_an_edit_taken_back_is_marked_and_what_was_asked_before_it_is_known(
    session: Session, ids: list[int], draft: Any
) -> None:
    route = store_versions(session, HERE, [draft(ids[0])], Making(AT))[ids[0]]
    for seen, hours in enumerate((40.0, 30.0), start=1):
        store_versions(session, HERE, [draft(ids[0], seen=seen, overrides=Overrides(hours=hours))], BY_HAND)
    assert overrides_of(session, HERE, ids) == {ids[0]: Overrides(hours=30.0)}
    expected = [(3, Overrides(hours=40.0)), (2, Overrides())]
    for seen, (number, before) in enumerate(expected, start=3):
        last = last_edit(session, HERE, ids[0])
        assert last is not None and last.number == number
        overrides = take_back(session, HERE, last, AT)
        assert overrides == before
        store_versions(session, HERE, [draft(ids[0], seen=seen, overrides=overrides)], Making(AT, undoes=number))
    assert last_edit(session, HERE, ids[0]) is None and overrides_of(session, HERE, ids) == {}
    marks = [(version.number, version.undone_at, version.undoes) for version in versions_of(session, HERE, route)]
    assert marks == [(1, None, None), (2, AT, None), (3, AT, None), (4, None, 3), (5, None, 2)]
    assert [version.number for version in changes_since(session, HERE, route, 2, most=2)] == [4, 5]


def test_a_draft_without_results_goes_unless_somebody_has_seen_or_made_it(
    session: Session, ids: list[int], draft: Any
) -> None:
    agreed, seen, forgotten = ids
    store_versions(session, HERE, [draft(one) for one in ids], Making(AT, run=1))
    for one in (agreed, seen):
        route = current_route(session, HERE, one)
        assert route is not None
        if one == agreed:
            route.state = "approved"
        else:
            note_look(route, AT)
    session.flush()
    drop_drafts(session, HERE, ids)
    session.expire_all()
    left = {route.person_id: route.current for route in session.query(RouteRecord)}
    assert left == {agreed: True, seen: False}
    assert set(current_routes(session, HERE, ids)) == {agreed}
    # Results that come again begin a new route beside the one that was put aside.
    store_versions(session, HERE, [draft(seen)], Making(AT, run=2))
    assert [route.current for route in routes_of(session, HERE, seen)] == [True, False]


@pytest.mark.parametrize(("number", "answer"), [(0, {"on": "2026-11-22"}), (1, None)])
def test_the_database_itself_keeps_form_and_answer_together(
    session: Session, ids: list[int], draft: Any, number: int, answer: Any
) -> None:
    store_versions(session, HERE, [draft(ids[0])], Making(AT))
    with pytest.raises(IntegrityError):
        session.query(VersionRecord).update({"format": number, "answer": answer})


def test_whoever_holds_a_route_reads_what_others_made_of_it_meanwhile(
    sessions: Sessions, person: Any, draft: Any
) -> None:
    """On PostgreSQL a row that one waited for is joined with what was there before the waiting."""
    with transaction(sessions) as session:
        [one] = insert_people(session, [person(1, "Белова Анна")])
        store_versions(session, HERE, [draft(one)], Making(AT))
    begun, seen = threading.Event(), []

    def waits() -> None:
        with transaction(sessions) as session:
            assert current_route(session, HERE, one) is not None
            begun.set()
            route = held_route(session, HERE, one)
            assert route is not None
            seen.append((route.version, route.value, value_of(route.full_answer)))

    with transaction(sessions) as session:
        held_route(session, HERE, one)
        thread = threading.Thread(target=waits)
        thread.start()
        assert begun.wait(20)
        store_versions(session, HERE, [draft(one, 7.0, seen=1)], BY_HAND)
    thread.join(30)
    assert seen == [(2, 7.0, 7.0)]
