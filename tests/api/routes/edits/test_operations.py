"""Editing a route by hand: the verbs on both databases, and what the API says of them."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from api.access import Access
from api.cli.demo import store_region
from api.errors import Conflict, InvalidInput, NotFound
from api.identity import Grant, Identity, Scope, command_line
from api.policy import Action
from api.routes import operations
from api.routes.drafts import operations as drafts
from api.routes.edits import operations as edits
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory
from models.journal import JournalRecord
from models.people import people_of
from models.route_drafts import people_to_draft
from models.route_versions import overrides_of
from models.routes import RouteRecord, current_route
from models.session import Session
from recommender.explanation.forms import ExplainedAnswer
from recommender.overrides import Edit, Overrides

TERRITORY = "muya"
LOADING = Access(command_line([TERRITORY]), Action.DEMO_LOAD)
SCOPES = [Scope(TERRITORY)]
TODAY = date.today()


@pytest.fixture
def route(session: Session, operator: Identity) -> RouteRecord:
    """The draft of somebody with several steps that have alternatives."""
    rules = load_territory(TERRITORY)
    framework = load_framework(rules.framework)
    store_region(
        session,
        LOADING,
        demo_region(rules, framework, on=TODAY, people=25, activities=60, seed=1),
        framework,
    )
    for person_id in people_to_draft(session, SCOPES):
        made = operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person_id)
        if len(made.steps) > 2 and made.steps[0].answer["alternatives"]:
            return made
    raise AssertionError("the demo region has no such route")


def told(session: Session, person_id: int) -> str:
    found = current_route(session, SCOPES, person_id)
    assert found is not None
    return json.dumps(found.full_answer, ensure_ascii=False, default=date.isoformat)


def codes(answer: ExplainedAnswer) -> list[str]:
    return [step["activity"] for step in answer["route"]["steps"]]


def test_a_preview_keeps_nothing_and_is_what_applying_gives(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    person, first = route.person_id, route.steps[0].activity
    before = told(session, person)
    edit = Edit("forbid", first, comment="Уже проходила")
    shown = edits.preview(session, Access(operator, Action.ROUTE_EDIT), person, edit)
    assert (told(session, person), overrides_of(session, SCOPES, [person])) == (before, {})
    assert [step["activity"] for step in shown.difference.went].count(first) == 1
    kept = edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, edit)
    assert (kept.route.id, kept.difference) == (route.id, shown.difference)
    assert kept.route.full_answer == shown.after
    assert first not in codes(kept.route.full_answer)
    [removed] = overrides_of(session, SCOPES, [person])[person].removed
    assert (removed.activity, removed.comment) == (first, "Уже проходила")


def test_undoing_restores_the_same_bytes_several_times_in_a_row(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    person, steps = route.person_id, route.full_answer["route"]["steps"]
    seen = [told(session, person)]
    swap = Edit("swap", steps[0]["activity"], instead=steps[0]["alternatives"][0]["activity"])
    for edit in (swap, Edit("hours", hours=40.0), Edit("fix", steps[1]["activity"])):
        edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, edit)
        session.commit()
        seen.append(told(session, person))
    while len(seen) > 1:
        assert told(session, person) == seen.pop()
        edits.undo(session, Access(operator, Action.ROUTE_EDIT), person)
        session.commit()
        session.expire_all()
    assert told(session, person) == seen[0]
    with pytest.raises(Conflict, match="Отменять нечего"):
        edits.undo(session, Access(operator, Action.ROUTE_EDIT), person)


def test_every_draft_starts_from_what_was_asked_by_hand(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    person = route.person_id
    edits.apply(
        session, Access(operator, Action.ROUTE_EDIT), person, Edit("forbid", route.steps[0].activity, comment="Далеко")
    )
    edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, Edit("hours", hours=40.0))
    edited = told(session, person)
    operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person)
    assert told(session, person) == edited
    drafts.draft_people(session, Access(operator, Action.ROUTES_DRAFT_ALL), TERRITORY, [person], on=TODAY, run=1)
    assert told(session, person) == edited
    operations.draft_route(session, Access(operator, Action.ROUTE_DRAFT), person, overrides=Overrides(hours=30.0))
    assert json.loads(told(session, person))["limits"]["hours"] == 30.0
    edits.undo(session, Access(operator, Action.ROUTE_EDIT), person)
    assert told(session, person) == edited


def test_a_declined_activity_is_no_longer_kept(session: Session, operator: Identity, route: RouteRecord) -> None:
    person, first = route.person_id, route.steps[0].activity
    edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, Edit("fix", first))
    operations.decline_activity(session, Access(operator, Action.ROUTE_DECLINE), person, first, reason="far")
    assert overrides_of(session, SCOPES, [person]) == {}
    assert first not in codes(json.loads(told(session, person)))


def test_a_step_moves_to_every_time_that_is_offered(session: Session, operator: Identity, route: RouteRecord) -> None:
    person = people_of(session, SCOPES, [route.person_id])[0]
    steps = route.full_answer["route"]["steps"]
    moves = [
        (step, time)
        for step, times in zip(
            steps, edits.other_times(session, Access(operator, Action.ROUTE_EDIT), person, steps), strict=True
        )
        for time in times
    ]
    assert moves
    kept = 0
    for step, time in moves[:6]:
        edit = Edit("move", step["activity"], day=time.day, exact=time.exact)
        shown = edits.preview(session, Access(operator, Action.ROUTE_EDIT), person.id, edit)
        for moved in (one for one in shown.after["route"]["steps"] if one["activity"] == step["activity"]):
            assert shown.kept_not or time.starts <= moved["starts"] <= time.ends
            kept += not shown.kept_not
    assert kept


def test_an_edit_that_cannot_be_kept_is_told_and_refused(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    edit = Edit("move", route.steps[0].activity, day=TODAY + timedelta(days=5000))
    shown = edits.preview(session, Access(operator, Action.ROUTE_EDIT), route.person_id, edit)
    assert "нельзя перенести" in shown.kept_not
    with pytest.raises(Conflict, match="нельзя перенести"):
        edits.apply(session, Access(operator, Action.ROUTE_EDIT), route.person_id, edit)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (Edit("fix", "П-404"), "activity"),
        (Edit("swap", "", instead="П-404"), "instead"),
        (Edit("release", "П-404"), "activity"),
        (Edit("period", end=TODAY - timedelta(days=1)), "to"),
    ],
)
def test_an_edit_without_meaning_names_the_field(
    session: Session, operator: Identity, route: RouteRecord, edit: Edit, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        edits.apply(session, Access(operator, Action.ROUTE_EDIT), route.person_id, edit)
    assert refused.value.field == field


def test_a_removed_step_asks_for_a_comment(session: Session, operator: Identity, route: RouteRecord) -> None:
    with pytest.raises(InvalidInput) as refused:
        edits.apply(
            session,
            Access(operator, Action.ROUTE_EDIT),
            route.person_id,
            Edit("forbid", route.steps[0].activity, comment=" "),
        )
    assert refused.value.field == "comment"


def test_only_drafts_within_reach_are_edited_and_only_as_they_were_seen(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    person, edit = route.person_id, Edit("hours", hours=40.0)
    stranger = Identity(None, "чужой", None, (Grant("tutor", Scope("moscow")),))
    with pytest.raises(NotFound):
        edits.preview(session, Access(stranger, Action.ROUTE_EDIT), person, edit)
    with pytest.raises(Conflict, match="изменился"):
        edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, edit, seen=route.lock_version - 1)
    edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, edit, seen=route.lock_version)
    found = current_route(session, SCOPES, person)
    assert found is not None
    found.state = "approved"
    session.flush()
    verbs: tuple[Callable[[], object], ...] = (
        lambda: edits.preview(session, Access(operator, Action.ROUTE_EDIT), person, edit),
        lambda: edits.apply(session, Access(operator, Action.ROUTE_EDIT), person, edit),
        lambda: edits.undo(session, Access(operator, Action.ROUTE_EDIT), person),
    )
    for verb in verbs:
        with pytest.raises(Conflict, match="согласуется"):
            verb()


def test_edits_stand_in_the_journal_without_what_was_said(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    first = route.steps[0].activity
    edits.apply(session, Access(operator, Action.ROUTE_EDIT), route.person_id, Edit("forbid", first, comment="Болела"))
    edits.undo(session, Access(operator, Action.ROUTE_EDIT), route.person_id)
    entries = session.query(JournalRecord).filter_by(action="route.edit", subject_id=route.person_id)
    assert [entry.details for entry in entries.order_by(JournalRecord.id)] == [
        {"route": route.id, "kind": "forbid", "activity": first},
        {"route": route.id, "kind": "undo", "undone": "forbid"},
    ]


def test_up_to_three_limits_are_compared_and_a_larger_one_closes_no_less(
    session: Session, operator: Identity, route: RouteRecord
) -> None:
    found = edits.compare(session, Access(operator, Action.ROUTE_READ), route.person_id, [36.0, 72.0, 108.0])
    assert [one["limits"]["hours"] for one in found] == [36.0, 72.0, 108.0]
    assert all(one["route"]["hours"] <= one["limits"]["hours"] for one in found)
    values = [one["route"]["certificate"] for one in found]
    assert all(small["value"] <= large["bound"] + 1e-9 for small, large in zip(values, values[1:], strict=False))
    with pytest.raises(InvalidInput):
        edits.compare(session, Access(operator, Action.ROUTE_READ), route.person_id, [1.0] * 4)


def test_the_api_previews_applies_and_takes_back(service: Any) -> None:
    tutor, me = service.client("tutor"), service.person("К-1")
    base = f"/api/v1/people/{me}/routes"
    assert tutor.post(base, json={}).status_code == 201
    before = tutor.get(base).get_json()["items"][0]
    edit = {"kind": "forbid", "activity": "П-1", "comment": "Проходила в прошлом году"}
    shown = tutor.post(f"{base}/preview", json=edit).get_json()
    assert [step["activity"] for step in shown["difference"]["went"]] == ["П-1"]
    assert shown["difference"]["cost"] > 0 and shown["obstacle"] == ""
    kept = tutor.patch(f"{base}/current", json={**edit, "seen": before["lock_version"]})
    assert kept.status_code == 200
    assert kept.get_json()["difference"] == shown["difference"]
    assert kept.get_json()["asked"]["removed"] == [{"activity": "П-1", "comment": "Проходила в прошлом году"}]
    assert tutor.patch(f"{base}/current", json={**edit, "seen": before["lock_version"]}).status_code == 409
    undone = tutor.post(f"{base}/current/undo").get_json()
    assert undone["asked"]["removed"] == [] and undone["route"]["value"] == before["value"]
    assert tutor.post(f"{base}/current/undo").status_code == 409


def test_the_api_compares_limits(service: Any) -> None:
    teacher, me = service.client("teacher"), service.person("К-1")
    items = teacher.get(f"/api/v1/people/{me}/routes/what-if?hours=6,46").get_json()["items"]
    assert [one["limit"] for one in items] == [6.0, 46.0]
    assert [len(one["steps"]) for one in items] == [1, 3]
    assert items[0]["closed"] < items[1]["closed"]
    assert len(teacher.get(f"/api/v1/people/{me}/routes/what-if").get_json()["items"]) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "fix"}, "activity"),
        ({"kind": "swap", "activity": "П-1"}, "instead"),
        ({"kind": "hours", "hours": 0}, "hours"),
        ({"kind": "hours", "activity": "П-1"}, "activity"),
        ({"kind": "move", "activity": "П-1"}, "day"),
        ({"kind": "period", "from": "2026-12-01", "comment": "x"}, "comment"),
        ({"kind": "break"}, "kind"),
        ({"kind": "fix", "activity": "П-404"}, "activity"),
    ],
)
def test_the_api_names_the_wrong_field(stored: Any, body: dict[str, Any], field: str) -> None:
    me = stored.person("К-1")
    stored.client("tutor").post(f"/api/v1/people/{me}/routes", json={})
    for answer in (
        stored.client("tutor").post(f"/api/v1/people/{me}/routes/preview", json=body),
        stored.client("tutor").patch(f"/api/v1/people/{me}/routes/current", json=body),
    ):
        assert answer.status_code == 422
        assert answer.get_json()["error"]["field"] == field


def test_the_api_lets_only_the_teacher_and_the_tutor_edit(stored: Any) -> None:
    body = {"kind": "hours", "hours": 36}
    for login, person, expected in (
        ("teacher", "К-2", 404),
        ("tutor", "К-3", 404),
        ("stranger", "К-1", 404),
        ("coordinator", "К-1", 404),
        ("", "К-1", 401),
    ):
        path = f"/api/v1/people/{stored.person(person)}/routes"
        assert stored.client(login).post(f"{path}/preview", json=body).status_code == expected, login
        assert stored.client(login).patch(f"{path}/current", json=body).status_code == expected, login
