"""The history of a route composed by many hands: nothing of it is lost, and whoever is late sees what changed."""

import json
import re
import threading
from datetime import date
from typing import Any

import pytest

from api.access import Access
from api.errors import Conflict
from api.identity import Identity
from api.policy import Action
from api.routes.drafts import operations as drafts
from api.routes.edits import operations as edits
from models.diagnostics import results_of
from models.people import find_person
from models.route_versions import overrides_of, versions_of
from models.routes import VersionRecord, current_route
from models.scope import Scope
from models.session import Sessions, transaction
from recommender.overrides import Edit

SCOPES = [Scope("kamchatka")]
LATE = 50
HOURS = (60.0, 50.0, 40.0, 30.0, 20.0)


@pytest.fixture
def sessions(service: Any) -> Sessions:
    made: Sessions = service.app.extensions["sessions"]
    return made


@pytest.fixture
def me(service: Any) -> int:
    number: int = service.person("К-1")
    return number


def history(sessions: Sessions, person: int) -> list[VersionRecord]:
    with sessions() as session:
        route = current_route(session, SCOPES, person)
        assert route is not None
        return [*versions_of(session, SCOPES, route.id)]


def test_a_route_composed_five_times_by_hand_and_undone_twice_has_all_its_versions(
    service: Any, sessions: Sessions, me: int
) -> None:
    tutor, path = service.client("tutor"), f"/api/v1/people/{me}/routes"
    first = history(sessions, me)
    for hours in HOURS:
        assert tutor.patch(f"{path}/current", json={"kind": "hours", "hours": hours}).status_code == 200
    for _ in range(2):
        assert tutor.post(f"{path}/current/undo").status_code == 200
    found = history(sessions, me)
    assert [version.number for version in found] == list(range(1, 9))
    assert [version.edit and version.edit["hours"] for version in found] == [None, *HOURS, None, None]
    assert [version.undoes for version in found] == [*[None] * 6, 6, 5]
    assert [version.number for version in found if version.undone_at] == [5, 6]
    # Every version has its own answer, and the last one is that of the third edit.
    limits = [version.full_answer["limits"]["hours"] for version in found]
    assert limits == [first[0].full_answer["limits"]["hours"], *HOURS, 30.0, 40.0]
    assert json.dumps(found[7].full_answer, default=str) == json.dumps(found[3].full_answer, default=str)
    authors = {version.account_id for version in found[1:]}
    assert len(authors) == 1 and authors != {None} and found[0].run is not None
    current = tutor.get(path).get_json()["items"]
    assert [(one["version"], one["lock_version"]) for one in current] == [(8, 8)]


def test_steps_of_all_versions_are_the_same_rows(service: Any, sessions: Sessions, me: int) -> None:
    tutor, path = service.client("tutor"), f"/api/v1/people/{me}/routes/current"
    forbid = {"kind": "forbid", "activity": "П-1", "comment": "Проходила"}
    assert tutor.patch(path, json=forbid).status_code == 200
    assert tutor.post(f"{path}/undo").status_code == 200
    before, without, again = ({seat.activity: seat.step_id for seat in one.seats} for one in history(sessions, me))
    assert "П-1" not in without and again == before
    assert all(before[activity] == step for activity, step in without.items() if activity in before)


def test_of_fifty_edits_at_once_one_is_kept_and_the_others_see_it(
    service: Any, sessions: Sessions, operator: Identity, me: int
) -> None:
    start = threading.Barrier(LATE)
    done: list[float] = []
    late: list[str] = []

    def edit(hours: float) -> None:
        start.wait(60)
        try:
            with transaction(sessions) as session:
                edits.apply(session, Access(operator, Action.ROUTE_EDIT), me, Edit("hours", hours=hours), seen=1)
            done.append(hours)
        except Conflict as conflict:
            late.append(conflict.message)

    threads = [threading.Thread(target=edit, args=(20.0 + number,)) for number in range(LATE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert (len(done), len(late)) == (1, LATE - 1)
    assert all(f"часов не больше {done[0]:.0f}" in text and "Ваша правка не сохранена" in text for text in late)
    [_, kept] = history(sessions, me)
    assert kept.edit is not None and kept.edit["hours"] == done[0] and kept.number == 2


def test_edits_at_once_that_name_no_state_are_all_in_the_route(
    service: Any, sessions: Sessions, operator: Identity, me: int
) -> None:
    """Each is composed around those before it: none of them is written over another."""
    with sessions() as session:
        route = current_route(session, SCOPES, me)
        assert route is not None
        activities = [seat.activity for seat in route.steps]
    wanted = [Edit("fix", code) for code in activities] + [Edit("hours", hours=90.0), Edit("period")]
    start = threading.Barrier(len(wanted))

    def edit(one: Edit) -> None:
        start.wait(60)
        with transaction(sessions) as session:
            edits.apply(session, Access(operator, Action.ROUTE_EDIT), me, one)

    threads = [threading.Thread(target=edit, args=(one,)) for one in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    with sessions() as session:
        overrides = overrides_of(session, SCOPES, [me])[me]
    assert (sorted(overrides.fixed), overrides.hours) == (sorted(activities), 90.0)
    assert [version.number for version in history(sessions, me)] == list(range(1, len(wanted) + 2))


def test_a_batch_does_not_write_over_an_edit_made_while_it_computed(
    service: Any, sessions: Sessions, operator: Identity, me: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited: list[bool] = []

    def late(*arguments: Any, **more: Any) -> Any:
        if not edited:
            edited.append(True)
            with transaction(sessions) as session:
                edits.apply(session, Access(operator, Action.ROUTE_EDIT), me, Edit("hours", hours=44.0))
        return results_of(*arguments, **more)

    monkeypatch.setattr(drafts, "results_of", late)
    with transaction(sessions) as session:
        access = Access(operator, Action.ROUTES_DRAFT_ALL)
        drafted = drafts.draft_people(session, access, "kamchatka", [me], on=date.today(), run=77)
    assert drafted.stored == 0
    assert [version.edit and version.edit["hours"] for version in history(sessions, me)] == [None, 44.0]


def test_whoever_is_late_is_told_who_changed_what_and_when(service: Any, sessions: Sessions, me: int) -> None:
    tutor, teacher, path = service.client("tutor"), service.client("teacher"), f"/api/v1/people/{me}/routes"
    tutor.patch(f"{path}/current", json={"kind": "forbid", "activity": "П-1", "comment": "Проходила"})
    teacher.patch(f"{path}/current", json={"kind": "hours", "hours": 40})
    teacher.post(f"{path}/current/undo")
    for answer in (
        tutor.patch(f"{path}/current", json={"kind": "hours", "hours": 50, "seen": 1}),
        tutor.post(f"{path}/current/undo?seen=1"),
    ):
        assert answer.status_code == 409
        told = answer.get_json()["error"]["message"]
        moment = r"\d\d\.\d\d\.\d{4} \d\d:\d\d"
        assert re.search(rf"tutor, {moment}: убрано «Функции в школе»\.", told), told
        assert re.search(
            rf"teacher, {moment}: часов не больше 40.ч\. teacher, {moment}: последняя правка отменена\.", told
        )
    assert len(history(sessions, me)) == 4
    assert tutor.post(f"{path}/current/undo?seen=4").status_code == 200


@pytest.mark.parametrize("seen", ["2026-11-22T00:00:00+00:00", 0, 1.5, "1", True, 99999999999])
def test_a_state_that_is_no_number_is_refused(stored: Any, seen: Any) -> None:
    path = f"/api/v1/people/{stored.person('К-1')}/routes/current"
    answer = stored.client("tutor").patch(path, json={"kind": "hours", "hours": 50, "seen": seen})
    assert (answer.status_code, answer.get_json()["error"]["field"]) == (422, "seen")


def test_a_damaged_page_is_told_so(service: Any, visit: Any, me: int) -> None:
    teacher = visit("teacher")
    for verb in ("edit", "undo"):
        refused = teacher.post(f"/people/{me}/route/{verb}", {"kind": "hours", "hours": "40", "seen": "вчера"})
        assert refused.status_code == 422 and "Страница повреждена" in refused.text


def test_a_page_takes_back_only_the_edit_that_it_showed(service: Any, visit: Any, sessions: Sessions, me: int) -> None:
    teacher, tutor = visit("teacher"), visit("tutor")
    teacher.post(f"/people/{me}/route/edit", {"kind": "hours", "hours": "40"})
    page = teacher.get("/route/edit").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    tutor.post(f"/people/{me}/route/edit", {"kind": "hours", "hours": "30"})
    refused = teacher.post(f"/people/{me}/route/undo", {"seen": seen})
    assert refused.status_code == 409 and "часов не больше 30" in refused.text.replace("\u00a0", " ")
    assert not any(version.undone_at for version in history(sessions, me))


def test_looking_is_noted_once_and_lists_do_not_look(service: Any, visit: Any, sessions: Sessions, me: int) -> None:
    tutor = service.client("tutor")
    tutor.get("/api/v1/people")
    [item] = tutor.get(f"/api/v1/people/{me}/routes").get_json()["items"]
    visit("tutor").get("/people")
    assert history(sessions, me)[0].looked_at is None
    tutor.get(f"/api/v1/routes/{item['id']}")
    first = history(sessions, me)[0].looked_at
    assert first is not None
    visit("teacher").get("/route")
    assert history(sessions, me)[0].looked_at == first


@pytest.mark.parametrize("path", ["/route", "/route.docx", "/route.ics", "/route/edit", ""])
def test_every_page_that_shows_a_route_is_a_look(
    service: Any, visit: Any, sessions: Sessions, me: int, path: str
) -> None:
    assert visit("tutor").get(f"/people/{me}{path}").status_code == 200
    assert history(sessions, me)[0].looked_at is not None


def test_an_answer_of_the_first_form_is_shown_by_page_json_and_document(
    service: Any, visit: Any, sessions: Sessions, me: int, old_routes: dict[str, Any]
) -> None:
    """What was stored before there were versions, with the numbers of those days, whatever the form is today."""
    old = next(row for row in old_routes["route"] if row["person_id"] == 1)
    steps = [row for row in old_routes["route_step"] if row["route_id"] == old["id"]]
    with transaction(sessions) as session:
        assert find_person(session, SCOPES, me) is not None
        route = current_route(session, SCOPES, me)
        assert route is not None
        route.in_force.format, route.in_force.answer = 1, old["answer"]
        for seat in [*route.steps]:
            told = [row["answer"] for row in steps if row["activity"] == seat.activity]
            if told:
                seat.answer = told[0]
            else:
                session.delete(seat)
        route_id = route.id
    told, expected = service.client("tutor").get(f"/api/v1/routes/{route_id}").get_json(), old_routes["api"]["1"]
    answered = [name for name in expected if name not in ("id", "person_id", "current", "state", "created_at")]
    numbers = ("value", "bound", "planned_hours", "closed")
    assert {name: told[name] for name in answered if name not in numbers} == {
        name: expected[name] for name in answered if name not in numbers
    }
    page = visit("teacher").get("/route").text
    assert all(step["title"] in page for step in expected["route"]["steps"])
    document = service.client("tutor").get(f"/api/v1/routes/{route_id}.docx")
    assert document.status_code == 200 and document.data[:2] == b"PK"
