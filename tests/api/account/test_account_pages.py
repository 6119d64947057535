"""Signing in, out, and the sign-ins of an account."""

from typing import Any

import pytest
from flask import Flask

from api.access import Access
from api.account import operations
from api.identity import Identity
from api.policy import Action
from models.accounts import account_by_login
from models.session import transaction

PASSWORD = "верный пароль"


def test_the_right_password_opens_the_home_of_the_role(service: Any, visit: Any) -> None:
    assert visit("teacher").get("/").location == "/route"
    assert visit("tutor").get("/").location == "/people"


def test_a_wrong_password_says_so_and_opens_nothing(service: Any, visit: Any) -> None:
    reader = visit()
    reader.post("/sign-in", {"login": "teacher", "password": "не тот"}, source="/sign-in")
    page = reader.get("/sign-in").text
    assert "Логин или пароль не подошли" in page
    assert 'value="teacher"' in page
    assert reader.get("/route").status_code == 302


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(service: Any, visit: Any) -> None:
    reader = visit()
    for _ in range(operations.ATTEMPTS_PER_LOGIN):
        reader.post("/sign-in", {"login": "teacher", "password": "не тот"}, source="/sign-in")
    reader.post("/sign-in", {"login": "teacher", "password": PASSWORD}, source="/sign-in")
    assert "Подождите 15 минут" in reader.get("/sign-in").text
    assert visit("tutor").get("/people").status_code == 200


def test_the_sign_in_goes_on_to_the_asked_page_but_never_to_another_site(service: Any, visit: Any) -> None:
    for asked, reached in (
        ("/catalogue", "/catalogue"),
        ("/catalogue?q=урок", "/catalogue?q=%D1%83%D1%80%D0%BE%D0%BA"),
    ):
        data = {"login": "teacher", "password": PASSWORD, "next": asked}
        assert visit().post("/sign-in", data, source="/sign-in").location == reached


ELSEWHERE = (
    *("//evil.example/", "https://evil.example", "javascript:alert(1)", "evil.example", "\\\\evil.example"),
    *("/\\evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/\n/", "/\r\nSet-Cookie: a=b"),
    *("/catalogue\x00", "/catalogue\u2028", "/\x7f/evil.example", "/" + "a" * 5000),
)


@pytest.mark.parametrize("asked", ELSEWHERE)
def test_no_address_leads_to_another_site_or_breaks_the_sign_in(service: Any, visit: Any, asked: str) -> None:
    right = {"login": "teacher", "password": PASSWORD, "next": asked}
    reader = visit()
    wrong = reader.post("/sign-in", {**right, "password": "не тот"}, source="/sign-in")
    assert (wrong.status_code, wrong.location) == (303, "/sign-in?next=")
    signed = reader.post("/sign-in", right, source="/sign-in")
    assert (signed.status_code, signed.location) == (303, "/")
    seen = reader.post("/view", {"view": "plain", "size": "100", "next": asked})
    assert (seen.status_code, seen.location) == (303, "/")


def test_a_revoked_sign_in_asks_for_the_password_again(service: Any, visit: Any) -> None:
    here, there = visit("teacher"), visit("teacher")
    revoke = [part.split('"')[0] for part in here.get("/sign-ins").text.split('action="/sign-ins/')[1:]]
    assert there.get("/route").status_code == 200
    for path in revoke:
        here.post(f"/sign-ins/{path}")
    assert there.get("/route").status_code == 302
    assert here.get("/route").status_code == 200


def test_nobody_closes_the_sign_in_of_another(service: Any, visit: Any) -> None:
    visit("teacher")
    reader = visit("tutor")
    assert reader.post("/sign-ins/1/revoke").status_code == 404


def test_signing_out_closes_the_session_on_the_server(service: Any, visit: Any) -> None:
    reader = visit("teacher")
    stolen = reader.client.get_cookie("session")
    reader.post("/sign-out")
    thief = service.app.test_client()
    thief.set_cookie("session", stolen.value)
    assert thief.get("/route").status_code == 302


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(service: Any, visit: Any) -> None:
    cookie = visit("teacher").client.get_cookie("session")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_an_account_that_is_switched_off_is_out_at_once(service: Any, visit: Any) -> None:
    reader = visit("teacher")
    with transaction(service.app.extensions["sessions"]) as session:
        account = account_by_login(session, "teacher")
        assert account is not None
        account.active = False
    assert reader.get("/route").status_code == 302


def test_the_look_of_pages_is_kept_in_a_cookie(service: Any, visit: Any) -> None:
    reader = visit()
    assert reader.post("/view", {"view": "contrast", "size": "150", "next": "/help/tutor"}).location == "/help/tutor"
    assert 'class="theme-contrast size-150"' in reader.get("/sign-in").text
    assert reader.post("/view", {"view": "pink", "size": "150"}).status_code == 422


def test_a_forged_look_changes_nothing(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("view", '"><script>.999')
    assert 'class="theme-plain size-100"' in client.get("/sign-in").text


def test_demo_accounts_are_shown_and_others_are_not(app: Flask, operator: Identity, visit: Any) -> None:
    with transaction(app.extensions["sessions"]) as session:
        operations.create_account(
            session,
            Access(operator, Action.ACCOUNTS_MAKE),
            login="show",
            password="show-me",
            display_name="Показ",
            demo=True,
        )
        operations.create_account(
            session, Access(operator, Action.ACCOUNTS_MAKE), login="hide", password="hide-me", display_name="Тайна"
        )
    page = visit().get("/sign-in").text
    assert "show-me" in page
    assert "hide" not in page


def test_every_role_has_its_help(service: Any, visit: Any) -> None:
    for login in ("teacher", "tutor", "coordinator"):
        assert visit(login).get("/help").location == f"/help/{login}"
    assert visit().get("/help/nobody").status_code == 404
