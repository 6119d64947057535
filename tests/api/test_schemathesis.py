"""Generated requests to every endpoint find no 500 and no answer outside its description.

`make test` tries FUZZ_CASES = 25 per endpoint, `make fuzz` a thousand.
"""

import os
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from api.app import create_app
from api.openapi import build
from api.settings import Settings
from data.reference.loading import load_framework

CASES = int(os.environ.get("FUZZ_CASES", "25"))
DOCUMENT: Any = build(create_app(Settings(Path(gettempdir()), "sqlite://", "test")))
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
SIGN_OUT = "/api/v1/sign-ins/current"

# What a request that fits its description may be refused with: names and states that no schema can know.
EXPECTED = ["2xx", "401", "403", "404", "409", "422"]

usual = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=CASES <= 25,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def places(stored: Any) -> dict[str, Any]:
    """What real addresses of the service are filled with."""
    person = stored.person("К-1")
    route = stored.client("coordinator").post(f"/api/v1/people/{person}/routes", json={}).get_json()["id"]
    mentoring = mentoring_of(stored)
    return {"person_id": person, "route_id": route, "import_id": 3, "job_id": 1, "code": "muya", **mentoring}


MENTORED = """ID;ФИО;Дата рождения;Дата начала работы;Предмет;Организация;Муниципалитет
М-1;Юнина Инна Ильинична;2001;01.09.2025;Математика;Школа № 1;Елизовский муниципальный район
М-2;Юнкер Илья Петрович;2000;01.09.2025;Математика;Школа № 1;Елизовский муниципальный район
М-3;Опытная Ольга Игоревна;1970;01.09.1995;Математика;Школа № 1;Елизовский муниципальный район
"""
MENTORS = """ID;Согласие;Мест
М-3;да;3
"""


def mentoring_of(stored: Any) -> dict[str, Any]:
    """Make two runs, one of them published, a pair in force and its programme; return their ids."""
    boss = stored.client("coordinator")
    for table, text in (("people", MENTORED), ("mentors", MENTORS)):
        data = {"territory": "kamchatka", "table": table, "file": (BytesIO(text.encode()), "файл.csv")}
        planned = boss.post("/api/v1/imports", data=data).get_json()
        assert boss.post(f"/api/v1/imports/{planned['id']}/apply").status_code == 202
    runs = [boss.post("/api/v1/mentor-runs", json={"territory": "kamchatka", "kind": "young"}) for _ in range(2)]
    published, kept = (run.get_json()["id"] for run in runs)
    assert boss.get(f"/api/v1/mentor-runs/{published}/rows?covered=true").get_json()["items"]
    assert boss.post(f"/api/v1/mentor-runs/{published}/publish").status_code == 200
    pair = boss.get("/api/v1/pairs").get_json()["items"][0]["id"]
    for side in ("mentee", "mentor"):
        boss.post(f"/api/v1/pairs/{pair}/agree", json={"side": side})
    order = {"order_number": "1", "order_date": "2026-10-01", "months": 6}
    assert boss.post(f"/api/v1/pairs/{pair}/start", json=order).status_code == 200
    assert boss.post(f"/api/v1/pairs/{pair}/programme", json={}).status_code == 201
    own = {"month": 1, "kind": "masterclass", "text": "Занятие"}
    made = boss.post(f"/api/v1/pairs/{pair}/programme/measures", json=own).get_json()
    return {"run_id": kept, "pair_id": pair, "measure_id": made["measures"][0]["id"]}


def described(app: Any, document: dict[str, Any]) -> Any:
    """Return a document as schemathesis takes it, with the application behind it."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    schema.config.generation.with_security_parameters = False
    schema.config.checks.positive_data_acceptance.expected_statuses = EXPECTED
    return schema


def cases(schema: Any, method: str, path: str, places: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return requests that fit the description of an endpoint and requests that just miss it, half to real rows."""
    operation = schema[path][method]
    real = {name: value for name, value in places.items() if f"{{{name}}}" in path} or None
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    found: list[st.SearchStrategy[Any]] = [
        operation.as_strategy(generation_mode=mode, path_parameters=given)
        for mode in modes
        for given in {id(None): None, id(real): real}.values()
    ]
    return st.one_of(found)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_breaks_an_endpoint(stored: Any, places: dict[str, Any], method: str, path: str) -> None:
    # Signing out ends a token, and the other endpoints still need theirs.
    token = stored.tokens["forgetful" if path == SIGN_OUT else "coordinator"]

    @usual
    @given(cases(described(stored.app, deepcopy(DOCUMENT)), method, path, places))
    def attempt(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    attempt()


def knowing(territory: str = "kamchatka") -> dict[str, Any]:
    """Return the description with names that a territory has, so that requests reach the arithmetic behind it."""
    document: dict[str, Any] = deepcopy(DOCUMENT)
    schemas = document["components"]["schemas"]
    codes = {"enum": [competency.code for competency in load_framework("common").competencies][:12]}
    schemas["RecommendForm"]["properties"]["territory"] = {"const": territory}
    schemas["ResultForm"]["properties"]["competency"] = codes
    schemas["DevelopsForm"]["properties"]["competency"] = codes
    for name in ("fixed", "forbidden"):
        schemas["RecommendForm"]["properties"].pop(name)
    schemas["PersonForm"]["properties"].pop("municipality")
    for name in ("municipality", "requires"):
        schemas["ActivityForm"]["properties"].pop(name)
    for schema in (content for name, content in schemas.items() if name.endswith("Form")):
        for one in schema.get("properties", {}).values():
            if one.get("format") == "date" or {"format": "date", "type": "string"} in one.get("anyOf", ()):
                one.clear()
                one.update({"type": "string", "pattern": "^202[5-7]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"})
    return document


def test_no_sensible_question_breaks_the_recommendation(stored: Any) -> None:
    path = "/api/v1/recommend"

    @usual
    @given(described(stored.app, knowing())[path]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE))
    def attempt(case: Any) -> None:
        # A catalogue of one's own is taken from who has signed in.
        case.call_and_validate(headers={"Authorization": f"Bearer {stored.tokens['coordinator']}"})

    attempt()
