"""The door as a whole: what a role that sees facts only is told anywhere, and with which scopes every page reads."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask, url_for

import models.scope
from api import policy
from api.access import Access
from api.account.operations import create_account, sign_in
from api.identity import Grant, Scope, command_line
from api.mentors.pairs import operations as pairs
from api.mentors.programmes import operations as programmes
from api.mentors.runs import operations as runs
from api.policy import ROLES, SHOWN, TABLE, Action, FieldGroup, Permission, Rule
from models.diagnostics import ResultRecord
from models.pairs import PairRecord
from models.people import PersonRecord
from models.routes import RouteRecord
from models.session import Session, transaction

TERRITORY, TODAY = "kamchatka", date.today()
TOLD, MET = "слова о паре, которые не для всех", "итог встречи, который не для всех"
NUMBER = 31.4159
CANARIES = {
    "a number in other systems": "ВН-77128",
    "a birthday": "1990-03-07",
    "a result": str(NUMBER),
    "feedback": TOLD,
    "a meeting": MET,
}


@dataclass(frozen=True)
class House:
    """The service with a route, an ended pair that has everything, and the ids that stand in addresses."""

    app: Flask
    service: Any
    ids: dict[str, int]

    def addresses(self, **more: int) -> Iterator[str]:
        """Yield an address for every page, document and endpoint that is read."""
        known: dict[str, Any] = {**self.ids, "code": "П-1", "ending": "csv", "name": "people", "role": "tutor", **more}
        with self.app.test_request_context():
            for rule in sorted(self.app.url_map.iter_rules(), key=str):
                if "GET" in (rule.methods or ()) and rule.endpoint != "static":
                    asked: dict[str, Any] = {"territory": TERRITORY} if rule.endpoint in OF_TERRITORY else {}
                    yield url_for(rule.endpoint, **{name: known[name] for name in rule.arguments}, **asked)

    def account(self, login: str, person: int | None, *grants: Grant) -> None:
        """Make an account that signs in with a token."""
        operator = command_line([TERRITORY])
        with transaction(self.app.extensions["sessions"]) as session:
            create_account(
                session,
                Access(operator, Action.ACCOUNTS_MAKE),
                login=login,
                password="верный пароль",
                display_name=login,
                person_id=person,
                grants=grants,
            )
            opened = sign_in(session, login=login, password="верный пароль", address="test", hours=1)
            self.service.tokens[login] = opened.token


OF_TERRITORY = ("catalogue_api.activities", "imports_api.imports", "mentors_api.index", "mentors.index")
"""Endpoints that ask for a territory."""


def pair_in_full(session: Session, region: Any) -> PairRecord:
    """Let a pair go its whole way: agreed, in force, with a programme, met, ended, and spoken of."""
    boss, young = region.coordinator, region.of("молодой 0")
    runs.publish_run(session, Access(boss, Action.MENTORS_PUBLISH), region.run().id)
    pair = session.query(PairRecord).filter_by(mentee_id=region.ids["молодой 0"]).one()
    for side in ("mentee", "mentor"):
        pairs.agree(session, Access(boss, Action.PAIR_AGREE), pair.id, side=side)
    order: dict[str, Any] = {"order_number": "1", "order_date": TODAY - timedelta(days=40), "months": 6}
    pairs.start(session, Access(boss, Action.PAIR_ORDER), pair.id, **order)
    programmes.make_programme(session, Access(boss, Action.PAIR_PROGRAMME), pair.id)
    met: dict[str, Any] = {"held_on": TODAY, "topic": "Урок", "outcome": MET}
    pairs.note_meeting(session, Access(young, Action.PAIR_MEETING), pair.id, **met)
    pairs.end(session, Access(boss, Action.PAIR_ORDER), pair.id, on=TODAY, reason="Срок")
    pairs.give_feedback(session, Access(young, Action.PAIR_FEEDBACK), pair.id, mark=5, comment=TOLD)
    return pair


@pytest.fixture
def house(app: Flask, service: Any, filled: Callable[..., Any]) -> House:
    me = service.person("К-1")
    with transaction(app.extensions["sessions"]) as session:
        region = filled(session, places=(2, 2))
        region.weak("молодой 0", "МЕТ-2")
        for name in ("наставник 0", "наставник 1"):
            region.strong(name, "МЕТ-2")
        pair = pair_in_full(session, region)
        session.query(ResultRecord).filter_by(person_id=me).update({"percent": NUMBER})
        hidden: dict[Any, Any] = {"external_id": CANARIES["a number in other systems"], "birth_date": date(1990, 3, 7)}
        session.query(PersonRecord).filter_by(id=me).update(hidden)
        ids = {
            "person_id": me,
            "pair_id": pair.id,
            "run_id": pair.run_id,
            "import_id": 1,
            "job_id": 1,
            "mentee": pair.mentee_id,
        }
    assert service.client("tutor").post(f"/api/v1/people/{me}/routes", json={}).status_code == 201
    with transaction(app.extensions["sessions"]) as session:
        ids["route_id"] = session.query(RouteRecord).filter_by(person_id=me, current=True).one().id
        return House(app, service, ids)


@pytest.fixture
def facts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A role made here, like a head's of a school: it may read what a coordinator may, and is shown facts only."""
    table = {
        action: Permission(line.title, line.about, (*line.rules, Rule("head")), line.also)
        if policy.COORDINATOR in line.rules
        else line
        for action, line in TABLE.items()
    }
    monkeypatch.setattr(policy, "TABLE", table)
    monkeypatch.setattr(policy, "SHOWN", {**SHOWN, "head": frozenset({FieldGroup.FACTS})})
    monkeypatch.setitem(ROLES, "head", "руководитель")


def text_of(answer: Any) -> str:
    """Return all that an answer says; a workbook or a document by its parts."""
    if is_zipfile(BytesIO(answer.data)):
        with ZipFile(BytesIO(answer.data)) as parts:
            return "".join(parts.read(name).decode(errors="ignore") for name in parts.namelist())
    return str(answer.get_data(as_text=True))


def telling(house: House, login: str) -> dict[str, set[str]]:
    """Return which canaries are told at which addresses; nothing may break."""
    found: dict[str, set[str]] = {name: set() for name in CANARIES}
    for address in house.addresses():
        answer = house.service.client(login).get(address)
        assert answer.status_code < 500, address
        for name, canary in CANARIES.items():
            if canary in text_of(answer):
                found[name].add(address)
    return found


def test_a_role_that_sees_facts_only_is_told_no_number_contact_or_comment_anywhere(
    house: House, facts_only: None
) -> None:
    house.account("head", None, Grant("head", Scope(TERRITORY)))
    # A search that finds nothing with the coordinator either would prove nothing.
    assert all(len(places) > 0 for places in telling(house, "coordinator").values())
    assert telling(house, "head") == {name: set() for name in CANARIES}


def test_what_is_hidden_is_empty_in_lists_and_refused_where_it_is_the_whole_answer(
    house: House, facts_only: None
) -> None:
    house.account("head", None, Grant("head", Scope(TERRITORY)))
    head, me, pair = house.service.client("head"), house.ids["person_id"], house.ids["pair_id"]
    listed = head.get("/api/v1/people?q=елкина").get_json()["items"]
    told = {name: listed[0][name] for name in ("full_name", "external_id", "closed", "deficits", "heaviest")}
    assert told == {
        "full_name": "Ёлкина Анна Петровна",
        "external_id": "",
        "closed": None,
        "deficits": None,
        "heaviest": [],
    }
    assert listed[0]["route_state"] == "draft"
    whole = head.get(f"/api/v1/people/{me}").get_json()
    assert (whole["birth_year"], whole["birth_date"], whole["external_id"]) == (None, None, "")
    assert (whole["organisation"], whole["full_name"]) == ("Школа № 1", "Ёлкина Анна Петровна")
    assert head.get(f"/api/v1/people/{me}/routes").get_json()["items"][0]["closed"] is None
    for part in (f"people/{me}/profile", f"people/{me}/deficits", f"routes/{house.ids['route_id']}"):
        refusal = head.get(f"/api/v1/{part}")
        assert (refusal.status_code, "не показываются" in refusal.get_json()["error"]["message"]) == (403, True), part
    shown = head.get(f"/api/v1/pairs/{pair}").get_json()
    assert (shown["parts"], shown["meetings"], shown["feedback"], shown["fit"]) == ([], [], [], None)
    assert shown["state"] == "ended" and shown["mentee"]["full_name"] == "молодой 0"
    assert head.get("/people").status_code == 200


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Scope], list[Scope]]:
    """Two lists that are filled while something is read: the scopes that actions gave, and those that selects got."""
    given: list[Scope] = []
    used: list[Scope] = []
    of_action = policy.scopes

    def noted(*arguments: Any) -> tuple[Scope, ...]:
        found = of_action(*arguments)
        given.extend(found)
        return found

    monkeypatch.setattr(policy, "scopes", noted)
    for found in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"models.{found.name}")
        narrow = vars(module).get("within")
        if narrow is None or module is models.scope:
            continue

        def narrowed(select: Any, scopes: Sequence[Scope], narrow: Any = narrow) -> Any:
            used.extend(scopes)
            return narrow(select, scopes)

        monkeypatch.setattr(module, "within", narrowed)
    return given, used


@pytest.mark.parametrize("login", ["teacher", "tutor", "young"])
def test_no_page_reads_people_with_other_scopes_than_an_action_gave(
    house: House, reads: tuple[list[Scope], list[Scope]], login: str
) -> None:
    """Seen from below: whatever a request reads of people lies within what some action of its reader reaches."""
    house.account("young", house.ids["mentee"], Grant("teacher", Scope(TERRITORY)))
    given, used = reads
    seen = 0
    mine = {"person_id": house.ids["mentee"]} if login == "young" else {}
    for address in house.addresses(**mine):
        given.clear()
        used.clear()
        house.service.client(login).get(address)
        seen += len(used)
        astray = [scope for scope in used if not any(one.reaches(scope) for one in given)]
        assert not astray, address
    assert seen > 10
