"""The description of the API is whole: every address, every refusal, every name that a request may use."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from data.reference.words import words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    return described


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_every_address_of_the_api_is_described(app: Flask, document: dict[str, Any]) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    addresses = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in rules}
    assert addresses - set(document["paths"]) == {"/api/v1/openapi.json", "/api/v1/docs"}
    assert document["openapi"] == "3.1.0"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_endpoint_says_what_it_answers_and_refuses(document: dict[str, Any]) -> None:
    names = []
    for method, path, operation in operations(document):
        names.append(operation["operationId"])
        responses = operation["responses"]
        assert operation["summary"] and operation["tags"]
        assert any(status.startswith("2") and told["content"] for status, told in responses.items())
        assert {"422", "500"} <= set(responses)
        assert ("401" in responses) or not operation["security"]
        assert ("404" in responses) == ("{" in path) or path.endswith("/sign-ins/current")
        assert {"400", "413", "415"} <= set(responses) or "requestBody" not in operation
        assert method == "get" or "400" in responses
    assert len(names) == len(set(names))


def test_every_refusal_has_the_one_shape(document: dict[str, Any]) -> None:
    for refusal in document["components"]["responses"].values():
        assert refusal["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Failure"}
        assert refusal["content"]["application/json"]["example"]["error"]["message"]


def test_requests_may_use_codes_and_russian_words(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for group, schema, field in (
        ("form", "ResultForm", "form"),
        ("stage", "ResultForm", "stage"),
        ("person_kind", "PersonForm", "kind"),
        ("activity_kind", "ActivityForm", "kind"),
        ("format", "ActivityForm", "format"),
    ):
        known = words(group)
        assert set(schemas[schema]["properties"][field]["enum"]) == {*known, *known.values()}


def test_unknown_fields_are_refused_in_every_form(document: dict[str, Any]) -> None:
    forms = {name: schema for name, schema in document["components"]["schemas"].items() if name.endswith("Form")}
    assert len(forms) > 8
    assert {name for name, schema in forms.items() if schema["additionalProperties"] is not False} == set()


def test_nothing_of_the_description_is_in_english(document: dict[str, Any]) -> None:
    def told(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, one in value.items():
                if name in ("description", "summary") and isinstance(one, str):
                    yield one
                else:
                    yield from told(one)
        elif isinstance(value, list):
            for one in value:
                yield from told(one)

    texts = list(told(document))
    assert len(texts) > 60
    assert [text for text in texts if not re.search("[а-яё]", text.lower())] == []


def test_the_page_of_the_description_needs_nothing_from_elsewhere(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    answer = client.get("/api/v1/docs")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<script" not in page and "style=" not in page
    assert re.findall(r'(?:src|href)="(?!/|#)[^"]*"', page) == []
    for method, path, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page
        assert f"{method.upper()} {path}" in page
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
