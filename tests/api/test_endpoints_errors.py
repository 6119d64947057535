"""Every refusal has one shape, the right status and a Russian sentence that names the field."""

import json
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.routes import operations

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RECOMMEND = "/api/v1/recommend"


def refusal(answer: Any) -> dict[str, Any]:
    body = answer.get_json()
    assert set(body) == {"error"}
    assert set(body["error"]) <= {"code", "message", "field", "details"}
    assert any("а" <= sign.lower() <= "я" for sign in body["error"]["message"])
    refused: dict[str, Any] = body["error"]
    return refused


def post(client: FlaskClient, body: Any, **more: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return client.post(RECOMMEND, data=data, content_type="application/json", **more)


def test_an_unknown_address_is_a_404_in_the_one_shape(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, refusal(answer)["code"]) == (404, "not_found")


def test_a_wrong_method_is_a_405_that_names_the_allowed_ones(client: FlaskClient) -> None:
    answer = client.delete(RECOMMEND)
    assert (answer.status_code, refusal(answer)["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_body_that_is_not_json_by_its_type_is_a_415(client: FlaskClient) -> None:
    answer = client.post(RECOMMEND, data={"territory": "muya"})
    assert (answer.status_code, refusal(answer)["code"]) == (415, "unsupported_media_type")


MEGABYTE = 1024 * 1024
NOTHING = b'{"territory": "muya", "results": []}'


def test_a_body_above_the_limit_is_a_413(client: FlaskClient, signed_in: FlaskClient) -> None:
    for asking, megabytes in ((client, 1), (signed_in, 16)):
        assert post(asking, NOTHING.ljust(megabytes * MEGABYTE)).status_code == 200
        answer = post(asking, NOTHING.ljust(megabytes * MEGABYTE + 1))
        assert (answer.status_code, refusal(answer)["code"]) == (413, "too_large")
        assert f"{megabytes} МБ" in refusal(answer)["message"]


def test_other_json_has_a_megabyte_also_from_who_is_signed_in(signed_in: FlaskClient) -> None:
    answer = signed_in.post("/api/v1/mentor-runs", data=b" " * (MEGABYTE + 1), content_type="application/json")
    assert (answer.status_code, refusal(answer)["code"]) == (413, "too_large")


def many(count: int, one: str) -> bytes:
    return f'{{"territory": "muya", "results": [{",".join([one] * count)}]}}'.encode()


HOSTILE = {
    "empty results": (many(100_000, "{}"), "results[0].competency"),
    "wrong results": (many(30_000, '{"competency": 1, "percent": "x"}'), "results[0].competency"),
    "results too many": (many(5_001, '{"competency": "МЕТ-2", "percent": 1}'), "results"),
    "numbers": (many(400_000, "1"), "results[0]"),
    "short list": (f'{{"territory": "muya", "results": [], "fixed": [{"0," * 300_000}0]}}'.encode(), "fixed"),
    "fields": (json.dumps({str(name): 1 for name in range(80_000)}).encode(), "тело запроса"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_errors_costs_no_more_than_reading_it(client: FlaskClient, name: str) -> None:
    body, field = HOSTILE[name]
    post(client, {"territory": "muya", "results": [{}]})
    tracemalloc.start()
    began = time.process_time()
    answer = post(client, body)
    seconds, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, refusal(answer)["field"]) == (422, field)
    assert len(answer.data) < 50_000
    assert seconds < 3 and peak < 60 * MEGABYTE


def test_wrong_activities_of_sixteen_megabytes_stop_at_the_first(signed_in: FlaskClient) -> None:
    one = {**ACTIVITY, "develops": [{}] * 200, "hours": "x"}
    activities = ",".join([json.dumps(one)] * 10_000)
    body = f'{{"territory": "muya", "results": [], "activities": [{activities}]}}'.encode()
    assert 8 * MEGABYTE < len(body) < 16 * MEGABYTE
    began = time.process_time()
    answer = post(signed_in, body)
    assert (answer.status_code, refusal(answer)["field"]) == (422, "activities[0].hours")
    assert time.process_time() - began < 5


def test_own_activities_are_taken_from_who_has_signed_in(client: FlaskClient, signed_in: FlaskClient) -> None:
    body = {"territory": "muya", "results": [], "activities": [ACTIVITY]}
    answer = post(client, body)
    assert (answer.status_code, refusal(answer)["field"]) == (401, "activities")
    assert "после входа" in refusal(answer)["message"]
    assert post(client, {**body, "activities": None}).status_code == 200
    assert post(signed_in, body).status_code == 200


def test_no_more_than_two_heavy_questions_are_computed_at_once(
    app: Any, client: FlaskClient, signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Barrier(3), threading.Event()
    compute = operations.recommend_stateless

    def slow(*given: Any) -> Any:
        if given[-1] is not None:
            inside.wait(30)
            go_on.wait(30)
        return compute(*given)

    monkeypatch.setattr(operations, "recommend_stateless", slow)
    own = {"territory": "muya", "results": [], "activities": [ACTIVITY]}
    token = signed_in.environ_base

    def ask() -> int:
        asking = app.test_client()
        asking.environ_base = token
        return int(post(asking, own).status_code)

    with ThreadPoolExecutor(2) as pool:
        first = [pool.submit(ask) for _ in range(2)]
        inside.wait(30)
        third, long = post(signed_in, own), post(signed_in, NOTHING.ljust(2 * MEGABYTE))
        light = post(client, NOTHING)
        go_on.set()
        assert [one.result(30) for one in first] == [200, 200]
    for refused in (third, long):
        assert (refused.status_code, refusal(refused)["code"]) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
    assert light.status_code == 200
    monkeypatch.setattr(operations, "recommend_stateless", compute)
    wrong = {**own, "activities": [ACTIVITY, ACTIVITY]}
    # A refused question leaves its place as well as an answered one.
    assert [post(signed_in, body).status_code for body in (wrong, wrong, wrong, own)] == [422, 422, 422, 200]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"territory": "muya", "results": [], "request": ["\\ud800"]}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"results": ' + b"9" * 10_000 + b"}",
        b'{"results": [1,]}',
        b"{'results': []}",
    ],
    ids=["empty", "cut", "bytes", "surrogate", "deep list", "deep object", "huge number", "comma", "quotes"],
)
def test_a_body_that_cannot_be_read_is_a_400(client: FlaskClient, body: bytes) -> None:
    answer = post(client, body)
    assert (answer.status_code, refusal(answer)["code"]) == (400, "malformed")


RESULT = {"competency": "МЕТ-2", "percent": 31}
CASES: list[tuple[dict[str, Any], str]] = [
    ({"results": []}, "territory"),
    ({"territory": "muya"}, "results"),
    ({"territory": "Атлантида", "results": []}, "territory"),
    ({"territory": 5, "results": []}, "territory"),
    ({"territory": "muya", "results": [], "extra": 1}, "extra"),
    ({"territory": "muya", "results": {}}, "results"),
    ({"territory": "muya", "results": [{**RESULT, "percent": False}]}, "results[0].percent"),
    ({"territory": "muya", "results": [{**RESULT, "percent": "31"}]}, "results[0].percent"),
    ({"territory": "muya", "results": [{**RESULT, "percent": 101}]}, "results[0].percent"),
    ({"territory": "muya", "results": [{**RESULT, "percent": -0.5}]}, "results[0].percent"),
    ({"territory": "muya", "results": [{**RESULT, "percent": float("nan")}]}, "results[0].percent"),
    ({"territory": "muya", "results": [{**RESULT, "percent": float("inf")}]}, "results[0].percent"),
    ({"territory": "muya", "results": [RESULT, {"competency": "МАТ-9", "percent": 1}]}, "results[1].competency"),
    ({"territory": "muya", "results": [{**RESULT, "competency": ""}]}, "results[0].competency"),
    ({"territory": "muya", "results": [{**RESULT, "competency": "МЕТ\x00-2"}]}, "results[0].competency"),
    ({"territory": "muya", "results": [{**RESULT, "form": "гадание"}]}, "results[0].form"),
    ({"territory": "muya", "results": [{**RESULT, "stage": 1}]}, "results[0].stage"),
    ({"territory": "muya", "results": [{**RESULT, "date": "2026-02-30"}]}, "results[0].date"),
    ({"territory": "muya", "results": [{**RESULT, "date": "1767225600"}]}, "results[0].date"),
    ({"territory": "muya", "results": [{**RESULT, "date": 1767225600}]}, "results[0].date"),
    ({"territory": "muya", "results": [{**RESULT, "date": "2026-01-01T00:00:00"}]}, "results[0].date"),
    ({"territory": "muya", "results": [{**RESULT, "date": "0001-01-01"}]}, "results[0].date"),
    ({"territory": "muya", "results": [{**RESULT, "date": "2026-11-23"}], "on": "2026-11-22"}, "results[0].date"),
    ({"territory": "muya", "results": [RESULT, RESULT]}, "results[1]"),
    ({"territory": "muya", "results": [{**RESULT, "tasks": True}]}, "results[0].tasks"),
    ({"territory": "muya", "results": [{**RESULT, "tasks": 0}]}, "results[0].tasks"),
    ({"territory": "muya", "results": [{**RESULT, "tasks": 2.5}]}, "results[0].tasks"),
    ({"territory": "muya", "results": [], "person": {"kind": "волшебник"}}, "person.kind"),
    ({"territory": "muya", "results": [], "person": {"young": 1}}, "person.young"),
    ({"territory": "muya", "results": [], "person": {"subjects": "математика"}}, "person.subjects"),
    ({"territory": "muya", "results": [], "person": {"taken": [{"activity": "A"}]}}, "person.taken[0].date"),
    ({"territory": "muya", "results": [], "limits": {"hours": -1}}, "limits.hours"),
    ({"territory": "muya", "results": [], "limits": {"hours": True}}, "limits.hours"),
    ({"territory": "muya", "results": [], "limits": {"steps": 10**30}}, "limits.steps"),
    ({"territory": "muya", "results": [], "limits": {"formats": []}}, "limits.formats"),
    ({"territory": "muya", "results": [], "limits": {"formats": ["почтой"]}}, "limits.formats[0]"),
    ({"territory": "muya", "results": [], "limits": {"from": "2026-12-01", "to": "2026-11-01"}}, "limits.to"),
    ({"territory": "muya", "results": [], "limits": {"from": "1950-12-01", "to": "2026-11-01"}}, "limits.to"),
    ({"territory": "muya", "results": [], "on": "сегодня"}, "on"),
    ({"territory": "muya", "results": [], "fixed": ["НЕТ-ТАКОГО"]}, "fixed[0]"),
    ({"territory": "muya", "results": [], "forbidden": ["НЕТ-ТАКОГО"]}, "forbidden[0]"),
    ({"territory": "muya", "results": [], "request": ["  "]}, "request[0]"),
    ({"territory": "muya", "results": [], "request": "текст"}, "request"),
]


@pytest.mark.parametrize(("body", "field"), CASES, ids=[f"{place}-{field}" for place, (_, field) in enumerate(CASES)])
def test_a_wrong_request_names_the_field_in_a_sentence(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    answer = post(client, body)
    refused = refusal(answer)
    assert answer.status_code == 422
    assert refused["field"] == field
    assert refused["message"].startswith(f"{field}: ")
    assert {"field": field, "message": refused["message"]} in refused["details"]


ACTIVITY = {"code": "A1", "kind": "pk", "title": "Курс", "provider": "ИРО", "hours": 36}
ACTIVITY_CASES: list[tuple[list[dict[str, Any]], str]] = [
    ([{**ACTIVITY, "hours": 8}], "activities[0].hours"),
    ([{**ACTIVITY, "hours": None}], "activities[0].hours"),
    ([{**ACTIVITY, "kind": "программа ПП", "hours": 249}], "activities[0].hours"),
    ([ACTIVITY, ACTIVITY], "activities[1].code"),
    ([{**ACTIVITY, "requires": ["A2"]}], "activities[0].requires[0]"),
    ([{**ACTIVITY, "requires": ["A1"]}], "activities[0].requires[0]"),
    ([{**ACTIVITY, "develops": [{"competency": "МАТ-9"}]}], "activities[0].develops[0].competency"),
    (
        [{**ACTIVITY, "develops": [{"competency": "МЕТ-2"}, {"competency": "мет-2"}]}],
        "activities[0].develops[1].competency",
    ),
    ([{**ACTIVITY, "develops": [{"competency": "МЕТ-2", "relevance": 0}]}], "activities[0].develops[0].relevance"),
    (
        [{**ACTIVITY, "deliveries": [{"starts": "2026-03-02", "ends": "2026-03-01"}]}],
        "activities[0].deliveries[0].ends",
    ),
    ([{**ACTIVITY, "deliveries": [{"places": -1}]}], "activities[0].deliveries[0].places"),
    ([{**ACTIVITY, "link": "javascript:alert(1)"}], "activities[0].link"),
    ([{**ACTIVITY, "registers": ["перечень"]}], "activities[0].registers[0]"),
    ([{**ACTIVITY, "title": None}], "activities[0].title"),
]


@pytest.mark.parametrize(("activities", "field"), ACTIVITY_CASES, ids=[field for _, field in ACTIVITY_CASES])
def test_a_wrong_activity_is_refused_like_in_a_file(
    signed_in: FlaskClient, activities: list[dict[str, Any]], field: str
) -> None:
    answer = post(signed_in, {"territory": "muya", "results": [], "activities": activities})
    assert (answer.status_code, refusal(answer)["field"]) == (422, field)


def test_all_wrong_fields_are_named_at_once(client: FlaskClient) -> None:
    answer = post(client, {"territory": "muya", "results": [{"competency": 1, "percent": True}], "x": 0})
    assert {one["field"] for one in refusal(answer)["details"]} == {"results[0].competency", "results[0].percent", "x"}


def test_too_many_requests_of_one_address_are_a_429_with_the_seconds_to_wait(app: Any) -> None:
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], recommend_rate="2 per minute")
    client = app.test_client()
    answers = [post(client, {"territory": "muya", "results": []}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal(answers[-1])["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize("body", [body for body, _ in CASES], ids=range(len(CASES)))
def test_no_finding_of_the_forms_lacks_its_own_sentence(client: FlaskClient, body: dict[str, Any]) -> None:
    assert "значение не подходит" not in post(client, body).get_data(as_text=True)
