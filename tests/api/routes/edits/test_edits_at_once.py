"""Edits of one route at the same moment: none is lost, and whoever cannot be let in is told so."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from models.route_versions import overrides_of
from models.routes import VersionRecord
from models.scope import Scope
from models.session import transaction

AT_ONCE = 12
HEADER = "Код;Тип;Название;Организатор;Вид организатора;Реестр;Часы;Форма обучения;Компетенции"
CODES = [f"Д-{number}" for number in range(AT_ONCE)]


@pytest.fixture
def routes(service: Any, uploaded: Any) -> str:
    """The address of the routes of a person who has a draft, in a catalogue with as many activities as editors."""
    lines = [f"{code};мастер-класс;Занятие {code};ИРО;государственная;;2;дистанционная;МАТ-3" for code in CODES]
    planned = uploaded(service.client("coordinator"), "activities", "\n".join([HEADER, *lines])).get_json()
    assert service.client("coordinator").post(f"/api/v1/imports/{planned['id']}/apply").status_code == 202
    address = f"/api/v1/people/{service.person('К-1')}/routes"
    assert service.client("tutor").post(address, json={}).status_code == 201
    return address


def removal(code: str) -> dict[str, str]:
    return {"kind": "forbid", "activity": code, "comment": "Проходила"}


def test_no_edit_is_lost_among_many_at_once(service: Any, routes: str) -> None:
    together = threading.Barrier(AT_ONCE)

    def edit(code: str) -> int:
        client = service.client("tutor")
        together.wait(60)
        return int(client.patch(f"{routes}/current", json=removal(code)).status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = dict(zip(CODES, pool.map(edit, CODES), strict=True))
    kept = {code for code, status in statuses.items() if status == 200}
    assert kept and set(statuses.values()) <= {200, 409}
    person = service.person("К-1")
    with transaction(service.app.extensions["sessions"]) as session:
        asked = overrides_of(session, [Scope("kamchatka")], [person])[person]
        assert {one.activity for one in asked.removed} == kept
        edits = select(func.count()).select_from(VersionRecord).where(VersionRecord.edit.is_not(None))
        assert session.scalar(edits) == len(kept)
    for left in range(len(kept) - 1, -1, -1):
        undone = service.client("tutor").post(f"{routes}/current/undo").get_json()
        assert len(undone["asked"]["removed"]) == left


def test_a_draft_and_edits_at_once_leave_a_route_that_obeys_the_edits(service: Any, routes: str) -> None:
    together = threading.Barrier(AT_ONCE)
    first = service.client("tutor").get(routes).get_json()["items"][0]["id"]
    step = service.client("tutor").get(f"/api/v1/routes/{first}").get_json()["route"]["steps"][0]["activity"]

    def ask(number: int) -> int:
        client = service.client("tutor")
        together.wait(60)
        if number % 2:
            return int(client.post(routes, json={}).status_code)
        code = step if number == 0 else CODES[number]
        return int(client.patch(f"{routes}/current", json=removal(code)).status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(ask, range(AT_ONCE)))
    assert set(statuses) <= {200, 201, 409} and statuses[0] == 200
    steps = service.client("tutor").get(f"/api/v1/routes/{first}").get_json()["route"]["steps"]
    assert step not in {one["activity"] for one in steps}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_edit_that_waits_too_long_is_a_conflict(service: Any, routes: str) -> None:
    engine = service.app.extensions["engine"]
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout = 50"))
    service.app.testing = False
    with closing(sqlite3.connect(Path(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = service.client("tutor").patch(f"{routes}/current", json=removal("Д-1"))
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "conflict")
        assert "Данные изменились" in refused.get_json()["error"]["message"]
        other.execute("ROLLBACK")
    assert service.client("tutor").patch(f"{routes}/current", json=removal("Д-1")).status_code == 200
