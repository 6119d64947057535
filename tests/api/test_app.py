"""What holds for every route of the application."""

from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from flask import Blueprint, Flask

import api

PUBLIC = {
    *("static", "account.home", "account.sign_in", "account.sign_in_post", "account.view", "account.view_form"),
    "account.help_page",
}
VALUES = {"ending": "csv", "name": "people", "role": "teacher", "code": "П-1", "filename": "pages.css", "act": "pin"}


def addresses(app: Flask, method: str) -> list[tuple[str, str]]:
    """Return (endpoint, path) of every rule of the pages, its parameters filled in."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in (rule.methods or ()) and not rule.rule.startswith("/api/"):
                values: dict[str, Any] = {name: VALUES.get(name, 1) for name in rule.arguments}
                found.append((rule.endpoint, app.url_for(rule.endpoint, **values)))
    return found


def test_every_door_of_every_room_is_open(service: Any) -> None:
    modules = (import_module(found.name) for found in walk_packages(api.__path__, "api."))
    doors = {id(module.bp): module.bp for module in modules if isinstance(getattr(module, "bp", None), Blueprint)}
    assert sorted(door.name for door in doors.values()) == sorted(service.app.blueprints)
    assert all(service.app.blueprints[door.name] is door for door in doors.values())


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("login", ["", "teacher", "tutor", "coordinator"])
def test_every_page_has_the_security_headers_and_none_breaks(service: Any, visit: Any, login: str) -> None:
    reader = visit(login)
    for endpoint, path in [*addresses(service.app, "GET"), ("missing", "/no-such-page")]:
        answer = reader.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
        assert "default-src 'self'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert endpoint == "static" or answer.headers["Cache-Control"] == "no-store", path
        assert answer.status_code < 500, path


def test_transport_security_is_promised_only_behind_tls(app: Flask) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers
    secure = app.test_client().get("/sign-in", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_stranger_is_led_to_the_sign_in_from_every_page_that_is_not_public(service: Any) -> None:
    client = service.app.test_client()
    for endpoint, path in addresses(service.app, "GET"):
        if endpoint not in PUBLIC:
            answer = client.get(path)
            assert answer.status_code == 302, path
            assert answer.location.startswith("/sign-in?next="), path


def test_every_form_is_refused_without_its_token(service: Any, visit: Any) -> None:
    reader = visit("coordinator")
    for _, path in addresses(service.app, "POST"):
        answer = reader.client.post(path, data={})
        assert answer.status_code == 400, path
        assert "Страница устарела" in answer.text, path


@pytest.mark.parametrize("login", ["teacher", "tutor", "coordinator"])
def test_no_page_uses_words_that_rank_people(service: Any, visit: Any, login: str) -> None:
    reader = visit(login)
    for _, path in addresses(service.app, "GET"):
        text = reader.get(path).get_data(as_text=True).lower() if not path.endswith((".xlsx", ".docx", ".css")) else ""
        assert not any(word in text for word in ("скор", "матч", "рейтинг учителей")), path


def test_an_error_is_a_page_for_people_and_json_for_programs(app: Flask) -> None:
    page = app.test_client().get("/no-such-page")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Такой страницы нет" in page.text
    assert app.test_client().get("/api/v1/no-such-page").get_json()["error"]["code"] == "not_found"


def test_what_breaks_shows_a_plain_sentence_and_no_trace(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("secret of the server")

    app.add_url_rule("/broken", view_func=broken)
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Что-то сломалось у нас" in answer.text
    assert "secret" not in answer.text


def test_a_file_that_is_too_large_is_refused_with_a_sentence(service: Any, visit: Any) -> None:
    reader = visit("coordinator")
    service.app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = reader.client.post("/imports", data={"file": "x" * 2000})
    assert answer.status_code == 413
    assert "слишком большой" in answer.text
