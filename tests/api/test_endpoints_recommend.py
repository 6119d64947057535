"""POST /api/v1/recommend: one person's question, answered with everything that is needed to check the answer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from api.openapi import build
from api.routes.endpoints import EXAMPLE
from data.demo.region import demo_region
from data.reference.loading import load_framework, load_territory, territory_codes
from recommender.activity import Activity

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ON = date(2026, 11, 22)
RESULTS = [
    {"competency": "МЕТ-2", "percent": 31, "form": "test", "stage": "entry", "date": "2026-10-01", "tasks": 20},
    {"competency": "МАТ-3", "percent": 48.5, "form": "case", "stage": "entry", "date": "2026-09-15"},
    {"competency": "МАТ-3", "percent": 70, "form": "self", "stage": "entry", "date": "2026-09-15"},
    {"competency": "ЦИФ-1", "percent": 55, "form": "test", "stage": "interim", "date": "2026-10-20"},
]


def in_json(activity: Activity) -> dict[str, Any]:
    """Return an activity as a request writes it."""
    shown: dict[str, Any] = json.loads(json.dumps(asdict(activity), default=str))
    for name in ("develops", "proposed"):
        shown[name] = [{"competency": code, "relevance": relevance} for code, relevance in shown[name]]
    return shown


@cache
def demo_activities(territory: str, count: int = 150) -> list[dict[str, Any]]:
    rules = load_territory(territory)
    region = demo_region(rules, load_framework(rules.framework), on=ON, people=20, activities=count)
    return [in_json(activity) for activity in region.activities]


def question(territory: str = "kamchatka", **more: Any) -> dict[str, Any]:
    person = {"kind": "teacher", "subjects": ["математика"]}
    asked = {"territory": territory, "person": person, "results": RESULTS, "on": ON.isoformat()}
    return {**asked, "activities": demo_activities(territory), **more}


def ask(client: FlaskClient, body: dict[str, Any]) -> Any:
    answer = client.post("/api/v1/recommend", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


@pytest.fixture
def client(signed_in: FlaskClient) -> FlaskClient:
    """Who asks: a catalogue of one's own is taken from who has signed in."""
    return signed_in


@pytest.fixture
def validator(app: Any) -> Any:
    """The schema of the answer, closed: what it does not describe is a violation too."""
    document: Any = build(app)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    whole = {"$ref": "#/components/schemas/ExplainedAnswer", "components": document["components"]}
    # A validator of the 2020-12 draft, which OpenAPI 3.1 speaks.
    return jsonschema_rs.Draft202012Validator(whole)


@pytest.mark.parametrize("territory", territory_codes())
def test_every_territory_answers_as_described(client: FlaskClient, validator: Any, territory: str) -> None:
    answer = ask(client, question(territory, request=["оценивание"])).get_json()
    assert answer["territory"] == territory
    assert answer["deficits"] and answer["route"]["steps"]
    described = {**answer, "deficits": answer["deficits"]}
    assert [error.message for error in validator.iter_errors(_without_values(described))] == []


def _without_values(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave the named values of reasons out: their names depend on the code."""

    def plain(reason: dict[str, Any]) -> dict[str, Any]:
        return {name: reason[name] for name in ("code", "text")}

    kept = {
        "open": ("competency", "title", "share", "reason", "text"),
        "excluded": ("activity", "title", "reason", "text"),
    }
    steps = [{**step, "reasons": [plain(reason) for reason in step["reasons"]]} for step in answer["route"]["steps"]]
    route = {**answer["route"], "steps": steps, "notes": [plain(note) for note in answer["route"]["notes"]]}
    lists = {name: [{key: item[key] for key in keys} for item in answer[name]] for name, keys in kept.items()}
    return {**answer, "route": route, **lists}


@pytest.mark.parametrize("territory", territory_codes())
def test_every_number_can_be_recomputed_from_the_answer(client: FlaskClient, territory: str) -> None:
    answer = ask(client, question(territory)).get_json()
    weights, gaps = {}, {}
    for deficit in answer["deficits"]:
        weights[deficit["competency"]], gaps[deficit["competency"]] = deficit["weight"], deficit["gap"]
        parts = [one["percent"] * one["weight"] for one in deficit["evidence"]]
        group_mean = deficit["norm"]
        assert deficit["weight"] == pytest.approx(prod(deficit["factors"].values()), abs=1e-9)
        assert deficit["percent"] == pytest.approx(sum(parts) + group_mean["percent"] * group_mean["weight"], abs=1e-9)
        assert deficit["gap"] == pytest.approx(deficit["target"] - deficit["percent"] / 100, abs=1e-9)
    covered = dict.fromkeys(weights, 0.0)
    route = answer["route"]
    for step in route["steps"]:
        assert_step(step, route["hour_cost"], weights, gaps, covered)
    values = [step["score"] for step in route["steps"]]
    certificate = route["certificate"]
    assert sum(values) == pytest.approx(certificate["value"], abs=1e-9)
    assert certificate["gap"] == pytest.approx((certificate["bound"] - certificate["value"]) / certificate["bound"])
    assert route["hours"] == pytest.approx(sum(step["hours"] for step in route["steps"]))
    closed = sum(weights[code] * gaps[code] * min(1, share) for code, share in covered.items())
    assert route["closed"] == pytest.approx(closed / sum(weights[code] * gaps[code] for code in weights), abs=1e-9)


def assert_step(
    step: dict[str, Any], hour_cost: float, weights: dict[str, float], gaps: dict[str, float], covered: dict[str, float]
) -> None:
    for closing in step["closes"]:
        code, gain = closing["competency"], closing["gain"]
        product = closing["prior"] * closing["relevance"] * closing["confirmed"] * closing["chance"]
        assert closing["gain"] == pytest.approx(min(1, product), abs=1e-9)
        assert closing["share"] == pytest.approx(min(1, covered[code] + gain) - min(1, covered[code]), abs=1e-9)
        covered[code] += gain
    expected = [weights[c["competency"]] * gaps[c["competency"]] * c["share"] for c in step["closes"]]
    closings = [one["value"] for one in step["contributions"] if one["code"] == "closing"]
    hours = [one["value"] for one in step["contributions"] if one["code"] == "hours"]
    assert sorted(closings) == pytest.approx(sorted(expected), abs=1e-9)
    assert hours == pytest.approx([-hour_cost * step["hours"]], abs=1e-9)
    assert sum(closings) + sum(hours) == pytest.approx(step["score"], abs=1e-9)


def test_the_same_request_is_the_same_bytes(client: FlaskClient) -> None:
    body = question(request=["оценивание", "МАТ-3"])
    assert ask(client, body).data == ask(client, body).data


def test_the_bytes_do_not_depend_on_the_process(client: FlaskClient, settings: Any) -> None:
    script = (
        "import json, sys; from pathlib import Path\n"
        "from api.app import create_app; from api.settings import Settings\n"
        "app = create_app(Settings(Path(sys.argv[1]), sys.argv[2], 'test'))\n"
        "sys.stdout.buffer.write(app.test_client().post('/api/v1/recommend', data=sys.stdin.buffer.read(),"
        " content_type='application/json', headers={'Authorization': sys.argv[3]}).data)\n"
    )
    body, token = json.dumps(question(request=["оценивание"])).encode(), client.environ_base["HTTP_AUTHORIZATION"]
    answers = {
        subprocess.run(
            [sys.executable, "-c", script, str(settings.instance), settings.database_url, token],
            input=body,
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    }
    assert answers == {client.post("/api/v1/recommend", data=body, content_type="application/json").data}


def test_the_order_of_results_and_activities_changes_nothing(client: FlaskClient) -> None:
    body = question()
    turned = {**body, "results": body["results"][::-1], "activities": body["activities"][::-1]}
    assert ask(client, body).data == ask(client, turned).data


def test_russian_words_and_titles_mean_their_codes(client: FlaskClient) -> None:
    codes = question(limits={"formats": ["distance", "in_person"]})
    said = [
        {"competency": "формирование  функциональной ГРАМОТНОСТИ", "percent": 31, "date": "2026-10-01", "tasks": 20.0},
        {"competency": "Функции", "percent": 48.5, "form": "кейс", "stage": "Входная", "date": "2026-09-15"},
        {"competency": "мат-3", "percent": 70, "form": "самооценка", "date": "2026-09-15"},
        {"competency": "ЦИФ-1", "percent": 55, "form": "Тест", "stage": "промежуточная", "date": "2026-10-20"},
    ]
    words = {
        **codes,
        "person": {"kind": "педагог", "subjects": ["математика"]},
        "results": said,
        "limits": {"formats": ["очная", "дистанционная"]},
    }
    assert ask(client, words).data == ask(client, codes).data


def test_what_is_left_out_comes_from_the_territory(client: FlaskClient) -> None:
    rules = load_territory("muya").route
    answer = ask(client, {"territory": "muya", "results": [{"competency": "МАТ-1", "percent": 10}]}).get_json()
    today = date.today().isoformat()
    assert answer["on"] == answer["limits"]["from"] == answer["deficits"][0]["evidence"][0]["date"] == today
    assert answer["limits"]["hours"] == rules.hours
    assert answer["limits"]["term_hours"] == rules.term_hours
    assert answer["limits"]["steps"] == rules.steps
    assert answer["limits"]["formats"] == ["distance", "extramural", "in_person", "mixed"]
    assert (answer["deficits"][0]["evidence"][0]["form"], answer["person"]["kind"]) == ("test", "teacher")


def test_no_results_give_an_empty_route_that_says_so(client: FlaskClient) -> None:
    answer = ask(client, {"territory": "muya", "results": []}).get_json()
    assert answer["route"]["steps"] == answer["deficits"] == []
    assert answer["route"]["notes"][0]["code"] == "no_results"
    assert answer["route"]["notes"][0]["text"]


def test_an_empty_catalogue_leaves_every_deficit_open(client: FlaskClient) -> None:
    answer = ask(client, question(activities=[])).get_json()
    assert {one["competency"] for one in answer["open"]} == {one["competency"] for one in answer["deficits"]}
    assert {(one["reason"], one["share"]) for one in answer["open"]} == {("no_programme", 1.0)}


def test_fixed_and_forbidden_activities_are_obeyed(client: FlaskClient) -> None:
    free = ask(client, question()).get_json()
    first = free["route"]["steps"][0]["activity"]
    kept = ask(client, question(fixed=[first])).get_json()
    left = ask(client, question(forbidden=[first])).get_json()
    assert first in {step["activity"] for step in kept["route"]["steps"]}
    assert first not in {step["activity"] for step in left["route"]["steps"]}
    assert {"activity": first, "reason": "forbidden"}.items() <= next(
        item for item in left["excluded"] if item["activity"] == first
    ).items()


def test_every_reason_has_a_russian_sentence_without_holes(client: FlaskClient) -> None:
    answer = ask(client, question(limits={"hours": 40, "formats": ["distance"]}, request=["полёты на Марс"])).get_json()
    reasons = [reason for step in answer["route"]["steps"] for reason in step["reasons"]]
    told = [*reasons, *answer["route"]["notes"], *answer["open"], *answer["excluded"]]
    assert len(told) > 5
    for one in told:
        assert any("а" <= sign.lower() <= "я" for sign in one["text"]), one
        assert not {"{", "}"} & set(one["text"]), one


def test_the_example_of_the_description_is_answered(client: FlaskClient) -> None:
    assert ask(client, dict(EXAMPLE)).get_json()["deficits"]


def test_nobody_has_to_sign_in_to_ask(app: Any) -> None:
    answer = ask(app.test_client(), {"territory": "kamchatka", "results": RESULTS, "on": ON.isoformat()}).get_json()
    assert answer["deficits"]


def test_a_recommendation_needs_no_form_token_even_with_a_cookie(app: Any) -> None:
    client = app.test_client()
    client.get("/sign-in")
    assert ask(client, {"territory": "muya", "results": []})


@pytest.fixture(autouse=True)
def _no_writes(app: Any, client: FlaskClient) -> Iterator[None]:
    """A stateless question writes nothing into the database, once there is an account to ask it."""
    engine = app.extensions["engine"]
    written: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.split()[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(engine, "before_cursor_execute", look)
    yield
    event.remove(engine, "before_cursor_execute", look)
    assert written == []


def in_scale(percents: list[float], **more: Any) -> dict[str, Any]:
    codes = ("МЕТ-2", "МАТ-3", "ЦИФ-1")
    results = [{"competency": code, "percent": value} for code, value in zip(codes, percents, strict=False)]
    return question(results=results, **more)


def test_a_request_of_shares_is_refused_unless_it_says_so(client: FlaskClient) -> None:
    refused = client.post("/api/v1/recommend", json=in_scale([0.31, 0.5, 1]))
    assert refused.status_code == 422
    assert refused.get_json()["error"]["field"] == "results" and "доли" in refused.get_json()["error"]["message"]
    shares = ask(client, in_scale([0.31, 0.5, 1], scale="share")).get_json()
    assert shares == ask(client, in_scale([31, 50, 100])).get_json()


@pytest.mark.parametrize("percents", [[0, 1, 0], [0, 0, 0], [0.5, 40, 70], [1, 1, 1]])
def test_numbers_that_may_be_per_cents_are_taken_as_they_are(client: FlaskClient, percents: list[float]) -> None:
    ask(client, in_scale(percents))


def test_a_share_above_one_is_refused_with_its_place(client: FlaskClient) -> None:
    refused = client.post("/api/v1/recommend", json=in_scale([0.3, 31, 0.5], scale="share"))
    assert refused.status_code == 422
    assert refused.get_json()["error"]["field"] == "results[1].percent"
