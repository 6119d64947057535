"""What is stored and read by JSON: who may see what, pages of lists, routes, imports."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from models.journal import JournalRecord
from models.session import transaction


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{login}:{password}".encode()).decode()}


def send(client: FlaskClient, text: str, table: str = "people", **more: str) -> Any:
    data = {"territory": "kamchatka", "table": table, "file": (BytesIO(text.encode()), "файл.csv"), **more}
    return client.post("/api/v1/imports", data=data)


SIGNED = [
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/csrf"),
    ("GET", "/api/v1/people"),
    ("GET", "/api/v1/people/1"),
    ("GET", "/api/v1/people/1/profile"),
    ("GET", "/api/v1/people/1/deficits"),
    ("GET", "/api/v1/people/1/routes"),
    ("POST", "/api/v1/people/1/routes"),
    ("POST", "/api/v1/people/1/routes/preview"),
    ("PATCH", "/api/v1/people/1/routes/current"),
    ("POST", "/api/v1/people/1/routes/current/undo"),
    ("GET", "/api/v1/people/1/routes/what-if"),
    ("GET", "/api/v1/routes/1"),
    ("GET", "/api/v1/routes/1.docx"),
    ("GET", "/api/v1/routes/1/why-not"),
    ("GET", "/api/v1/activities"),
    ("POST", "/api/v1/imports"),
    ("GET", "/api/v1/imports"),
    ("GET", "/api/v1/imports/1"),
    ("POST", "/api/v1/imports/1/answers"),
    ("POST", "/api/v1/imports/1/apply"),
    ("POST", "/api/v1/imports/1/undo"),
    ("GET", "/api/v1/imports/1/rejected"),
    ("DELETE", "/api/v1/imports/1"),
    ("GET", "/api/v1/jobs/1"),
    ("GET", "/api/v1/mentor-runs"),
    ("POST", "/api/v1/mentor-runs"),
    ("GET", "/api/v1/mentor-runs/1"),
    ("DELETE", "/api/v1/mentor-runs/1"),
    ("GET", "/api/v1/mentor-runs/1/rows"),
    ("POST", "/api/v1/mentor-runs/1/pin"),
    ("POST", "/api/v1/mentor-runs/1/forbid"),
    ("POST", "/api/v1/mentor-runs/1/release"),
    ("GET", "/api/v1/mentor-runs/1/offers"),
    ("POST", "/api/v1/mentor-runs/1/give"),
    ("POST", "/api/v1/mentor-runs/1/publish"),
    ("GET", "/api/v1/mentor-runs/1/order.docx"),
    ("GET", "/api/v1/pairs"),
    ("GET", "/api/v1/pairs/1"),
    ("POST", "/api/v1/pairs/1/agree"),
    ("POST", "/api/v1/pairs/1/decline"),
    ("POST", "/api/v1/pairs/1/withdraw"),
    ("POST", "/api/v1/pairs/1/replace"),
    ("POST", "/api/v1/pairs/1/start"),
    ("POST", "/api/v1/pairs/1/meetings"),
    ("POST", "/api/v1/pairs/1/end"),
    ("POST", "/api/v1/pairs/1/feedback"),
    ("GET", "/api/v1/pairs/1/programme"),
    ("POST", "/api/v1/pairs/1/programme"),
    ("POST", "/api/v1/pairs/1/programme/measures"),
    ("PATCH", "/api/v1/pairs/1/programme/measures/1"),
    ("DELETE", "/api/v1/pairs/1/programme/measures/1"),
    ("GET", "/api/v1/pairs/1/programme.docx"),
    ("DELETE", "/api/v1/sign-ins/current"),
]
PUBLIC = {"/api/v1/recommend", "/api/v1/territories", "/api/v1/territories/{code}", "/api/v1/sign-ins"}


def test_nobody_unknown_gets_anything(client: FlaskClient) -> None:
    for method, address in SIGNED:
        answer = client.open(address, method=method)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "unauthenticated"), address
        assert "Basic" in answer.headers["WWW-Authenticate"], address


def test_the_list_of_closed_endpoints_is_complete(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    named = {"people/1": "people/{person_id}", "routes/1": "routes/{route_id}", "imports/1": "imports/{import_id}"}
    named |= {"mentor-runs/1": "mentor-runs/{run_id}", "pairs/1": "pairs/{pair_id}"}
    named |= {"measures/1": "measures/{measure_id}"}
    listed = set()
    for method, address in SIGNED:
        for one, place in {**named, "jobs/1": "jobs/{job_id}"}.items():
            address = address.replace(one, place)
        listed.add((method, address))
    assert described - listed == {(method, path) for method, path in described if path in PUBLIC}


def test_a_password_works_and_a_wrong_one_is_counted(stored: Any) -> None:
    client = stored.client()
    assert client.get("/api/v1/me", headers=basic("forgetful", "верный пароль")).get_json()["roles"] == ["tutor"]
    answers = [client.get("/api/v1/me", headers=basic("forgetful", "мимо")) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {401}
    late = client.get("/api/v1/me", headers=basic("forgetful", "верный пароль"))
    assert late.status_code == 401
    assert "Слишком много" in late.get_json()["error"]["message"]


def test_a_token_is_given_for_a_password_and_ends_with_the_sign_out(stored: Any) -> None:
    client = stored.client()
    wrong = client.post("/api/v1/sign-ins", json={"login": "tutor", "password": "мимо"})
    assert wrong.status_code == 401
    opened = client.post("/api/v1/sign-ins", json={"login": "tutor", "password": "верный пароль"})
    assert opened.status_code == 201
    bearer = {"Authorization": f"Bearer {opened.get_json()['token']}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 200
    assert client.delete("/api/v1/sign-ins/current", headers=bearer).status_code == 200
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_cookie_changes_nothing_without_the_form_token(stored: Any) -> None:
    client = stored.client()
    client.get("/sign-in")
    token = client.get("/sign-in").get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post("/sign-in", data={"login": "coordinator", "password": "верный пароль", "csrf_token": token})
    assert client.get("/api/v1/me").status_code == 200
    bare = client.post(f"/api/v1/people/{stored.person('К-1')}/routes", json={})
    assert (bare.status_code, bare.get_json()["error"]["field"]) == (400, "X-CSRFToken")
    value = client.get("/api/v1/csrf").get_json()["csrf_token"]
    sent = client.post(f"/api/v1/people/{stored.person('К-1')}/routes", json={}, headers={"X-CSRFToken": value})
    assert sent.status_code == 201


def test_people_come_within_the_scope_and_by_pages(stored: Any) -> None:
    everybody = stored.client("coordinator").get("/api/v1/people").get_json()["items"]
    assert [one["external_id"] for one in everybody] == ["К-2", "К-3", "К-1"]
    mine = stored.client("tutor").get("/api/v1/people").get_json()["items"]
    assert [one["external_id"] for one in mine] == ["К-2", "К-1"]
    assert stored.client("stranger").get("/api/v1/people").get_json()["items"] == []
    assert stored.client("teacher").get("/api/v1/people").status_code == 403
    seen, cursor = [], ""
    for _ in range(3):
        page = stored.client("coordinator").get(f"/api/v1/people?limit=1{cursor}").get_json()
        seen += [one["external_id"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (seen, page["next"]) == (["К-2", "К-3", "К-1"], None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=елкина", ["К-1"]),
        ("q=школа 7", ["К-3"]),
        ("subject=математика", ["К-3", "К-1"]),
        ("organisation=ШКОЛА № 1", ["К-2", "К-1"]),
        ("kind=управленец", []),
        ("territory=muya", []),
    ],
)
def test_people_are_found(stored: Any, query: str, found: list[str]) -> None:
    items = stored.client("coordinator").get(f"/api/v1/people?{query}").get_json()["items"]
    assert [one["external_id"] for one in items] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=много", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=мусор", "cursor"),
        ("cursor=WyJhIl0", "cursor"),
        ("cursor=WzEwMDAwMDBd", "cursor"),
        ("cursor=WyJcdTAwMDAiLDFd", "cursor"),
        ("cursor=WyJhIiw5OTk5OTk5OTk5OTk5OTk5OTk5OV0", "cursor"),
        ("q=%00", "q"),
        ("kind=волшебник", "kind"),
        ("page=2", "page"),
        ("mine=yes", "mine"),
    ],
)
def test_a_wrong_query_names_the_parameter(stored: Any, query: str, field: str) -> None:
    answer = stored.client("coordinator").get(f"/api/v1/people?{query}")
    assert (answer.status_code, answer.get_json()["error"]["field"]) == (422, field)


@pytest.mark.parametrize("place", ["0", "2147483648", "99999999999999999999", "9" * 5000, "-1", "1.5", "%00", "а"])
def test_a_number_that_is_no_id_finds_nothing(stored: Any, place: str) -> None:
    for room in ("people", "routes", "imports", "jobs"):
        answer = stored.client("coordinator").get(f"/api/v1/{room}/{place}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


def test_one_person_is_seen_by_those_who_may_and_by_nobody_else(stored: Any) -> None:
    first, third = stored.person("К-1"), stored.person("К-3")
    for part in ("", "/profile", "/deficits", "/routes"):
        seen = {
            login: stored.client(login).get(f"/api/v1/people/{person}{part}").status_code
            for login in ("coordinator", "tutor", "teacher", "stranger")
            for person in (first,)
        }
        assert seen == {"coordinator": 200, "tutor": 200, "teacher": 200, "stranger": 404}
        assert stored.client("tutor").get(f"/api/v1/people/{third}{part}").status_code == 404
        assert stored.client("teacher").get(f"/api/v1/people/{third}{part}").status_code == 404


def test_every_read_of_results_is_in_the_journal(stored: Any) -> None:
    first = stored.person("К-1")
    for part in ("", "/profile", "/deficits", "/routes"):
        with transaction(stored.app.extensions["sessions"]) as session:
            before = session.query(JournalRecord).filter_by(subject="person", subject_id=first).count()
        stored.client("tutor").get(f"/api/v1/people/{first}{part}")
        with transaction(stored.app.extensions["sessions"]) as session:
            after = session.query(JournalRecord).filter_by(subject="person", subject_id=first).count()
        assert after == before + 1, part


def test_the_profile_and_the_deficits_say_what_is_behind_them(stored: Any) -> None:
    first = stored.person("К-1")
    profile = stored.client("tutor").get(f"/api/v1/people/{first}/profile").get_json()
    assert [one["competency"] for one in profile["competencies"]] == ["МАТ-3", "МЕТ-2"]
    for one in profile["competencies"]:
        parts = [result["percent"] * result["weight"] for result in one["results"]]
        assert one["percent"] == pytest.approx(sum(parts) + one["norm"] * one["norm_weight"])
    deficits = stored.client("tutor").get(f"/api/v1/people/{first}/deficits").get_json()["deficits"]
    values = [one["weight"] * one["gap"] for one in deficits]
    assert values == sorted(values, reverse=True)
    assert deficits[0]["evidence"][0]["date"] == "2026-10-01"


def test_a_route_is_drafted_read_and_downloaded(stored: Any) -> None:
    tutor, first = stored.client("tutor"), stored.person("К-1")
    drafted = tutor.post(f"/api/v1/people/{first}/routes", json={"limits": {"hours": 72}, "request": ["МАТ-3"]})
    assert drafted.status_code == 201
    whole = drafted.get_json()
    assert {step["activity"] for step in whole["route"]["steps"]} <= {"П-1", "П-3", "П-4"}
    assert whole["limits"]["hours"] == 72
    read = tutor.get(f"/api/v1/routes/{whole['id']}")
    assert read.get_json() == whole
    listed = tutor.get(f"/api/v1/people/{first}/routes").get_json()["items"]
    assert [one["id"] for one in listed if one["current"]] == [whole["id"]]
    document = tutor.get(f"/api/v1/routes/{whole['id']}.docx")
    assert document.data.startswith(b"PK")
    assert "wordprocessingml" in document.mimetype
    assert stored.client("stranger").get(f"/api/v1/routes/{whole['id']}").status_code == 404
    assert stored.client("stranger").post(f"/api/v1/people/{first}/routes", json={}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"fixed": ["П-9"]}, "fixed[0]"),
        ({"fixed": ["П-1"], "forbidden": ["П-1"]}, "forbidden[0]"),
        ({"limits": {"to": "1999-01-01"}}, "limits.to"),
        ({"limits": {"hours": "много"}}, "limits.hours"),
        ({"territory": "muya"}, "territory"),
    ],
)
def test_a_wrong_draft_names_the_field(stored: Any, body: dict[str, Any], field: str) -> None:
    answer = stored.client("tutor").post(f"/api/v1/people/{stored.person('К-1')}/routes", json=body)
    assert (answer.status_code, answer.get_json()["error"]["field"]) == (422, field)


def test_why_not_answers_for_any_activity(stored: Any) -> None:
    tutor, first = stored.client("tutor"), stored.person("К-1")
    route = tutor.post(f"/api/v1/people/{first}/routes", json={}).get_json()["id"]
    told = tutor.get(f"/api/v1/routes/{route}/why-not?activity=П-2").get_json()
    assert told["reason"]["code"] == "no_deficit_touched"
    assert told["reason"]["text"]
    assert tutor.get(f"/api/v1/routes/{route}/why-not?activity=П-9").status_code == 404
    assert tutor.get(f"/api/v1/routes/{route}/why-not").status_code == 422


def test_the_catalogue_comes_by_pages_with_words(stored: Any) -> None:
    tutor = stored.client("tutor")
    items = tutor.get("/api/v1/activities?territory=kamchatka").get_json()["items"]
    assert {one["code"] for one in items} == {"П-1", "П-2", "П-3", "П-4"}
    assert {one["kind_text"] for one in items} == {"программа ПК", "мастер-класс", "посещение уроков"}
    found = tutor.get("/api/v1/activities?territory=kamchatka&competency=мат-1").get_json()["items"]
    assert [one["code"] for one in found] == ["П-3"]
    assert tutor.get("/api/v1/activities?territory=kamchatka&competency=МАТ-99").status_code == 422
    assert stored.client("stranger").get("/api/v1/activities?territory=kamchatka").status_code == 403


def test_an_import_is_planned_looked_at_applied_once_and_undone(stored: Any) -> None:
    coordinator = stored.client("coordinator")
    text = "ФИО;Организация;Муниципалитет\nНовая Нина;Школа № 2;Елизовский муниципальный район\n;Школа № 2;Х\n"
    planned = send(coordinator, text)
    assert planned.status_code == 201
    body = planned.get_json()
    assert (body["state"], body["sheets"][0]["accepted"]) == ("planned", 1)
    assert {fault["line"] for fault in body["sheets"][0]["faults"]} == {3}
    address = f"/api/v1/imports/{body['id']}"
    assert coordinator.get(address).get_json() == body
    rejected = openpyxl.load_workbook(BytesIO(coordinator.get(f"{address}/rejected").data)).worksheets[0]
    assert [cell.value for cell in rejected[1]][-1] == "Ошибка"
    assert rejected.max_row == 2
    applied = coordinator.post(f"{address}/apply")
    assert applied.status_code == 202
    job = coordinator.get(f"/api/v1/jobs/{applied.get_json()['job_id']}").get_json()
    assert (job["state"], job["error"]) == ("done", "")
    assert coordinator.get("/api/v1/people?q=новая").get_json()["items"]
    assert coordinator.post(f"{address}/apply").status_code == 409
    assert coordinator.post(f"{address}/undo").get_json()["state"] == "undone"
    assert coordinator.get("/api/v1/people?q=новая").get_json()["items"] == []
    assert coordinator.post(f"{address}/undo").status_code == 409


def test_a_planned_import_may_be_dropped(stored: Any) -> None:
    coordinator = stored.client("coordinator")
    planned = send(coordinator, "ФИО;Организация;Муниципалитет\nА Б;В;Г\n").get_json()
    assert coordinator.delete(f"/api/v1/imports/{planned['id']}").get_json()["state"] == "dropped"
    listed = coordinator.get("/api/v1/imports?territory=kamchatka&limit=2").get_json()
    assert (listed["items"][0]["id"], len(listed["items"])) == (planned["id"], 2)
    assert listed["next"]


@pytest.mark.parametrize(
    ("login", "change", "status", "field"),
    [
        ("tutor", {}, 403, None),
        ("stranger", {}, 403, None),
        ("coordinator", {"territory": "нет"}, 422, "territory"),
        ("coordinator", {"table": "moons"}, 422, "table"),
        ("coordinator", {"sheet": "Лист9"}, 422, "file"),
        ("coordinator", {"colour": "red"}, 422, "colour"),
        ("coordinator", {"file": (b"\x00\x01\x02", "x.xlsx")}, 422, "file"),
        ("coordinator", {"file": (b"", "x.csv")}, 422, "file"),
    ],
    ids=["tutor", "stranger", "territory", "table", "sheet", "field", "no workbook", "empty"],
)
def test_a_wrong_upload_is_refused(
    stored: Any, login: str, change: dict[str, Any], status: int, field: str | None
) -> None:
    data = {
        "territory": "kamchatka",
        "table": "people",
        "file": (BytesIO("ФИО;Школа;Район\nА;Б;В\n".encode()), "a.csv"),
    }
    answer = stored.client(login).post("/api/v1/imports", data={**data, **change})
    assert (answer.status_code, answer.get_json()["error"].get("field")) == (status, field)


def test_a_file_must_be_sent_as_a_form_with_a_file(stored: Any) -> None:
    coordinator = stored.client("coordinator")
    assert coordinator.post("/api/v1/imports", json={}).status_code == 415
    bare = coordinator.post(
        "/api/v1/imports", data={"territory": "muya", "table": "people"}, content_type="multipart/form-data"
    )
    assert (bare.status_code, bare.get_json()["error"]["field"]) == (422, "file")


def test_territories_are_open_with_their_rules_and_sources(client: FlaskClient) -> None:
    items = client.get("/api/v1/territories").get_json()["items"]
    assert [one["code"] for one in items] == ["ivanovo", "kamchatka", "moscow", "muya", "staraya-mayna"]
    whole = client.get("/api/v1/territories/kamchatka").get_json()
    assert whole["rules"]["notes"]["route.hours"]["reference"]
    assert {one["code"] for one in whole["competencies"]} >= {"МАТ-1", "МЕТ-2"}
    assert client.get("/api/v1/territories/нет").status_code == 404
