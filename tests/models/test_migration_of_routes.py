"""Routes that were overwritten in place become versions and go back, with rows, on both kinds of database."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, DateTime, MetaData, Table, select

from models import migrations
from models.accounts import AccountRecord
from models.people import insert_people
from models.route_drafts import Making, store_versions
from models.route_versions import last_edit, overrides_of, take_back, versions_of
from models.routes import RouteDeficitRecord, current_route
from models.scope import Scope
from models.session import Engine, Session, make_sessions, transaction
from recommender.overrides import Overrides

HERE = [Scope("kamchatka")]
OLD = ("route", "route_step", "route_edit")
Rows = list[dict[str, Any]]


def move_to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        move = command.upgrade if revision == "head" else command.downgrade
        move(migrations._config(connection), revision)


def tables(connection: Connection, *names: str) -> list[Table]:
    found = MetaData()
    found.reflect(connection, only=names)
    return [found.tables[name] for name in names]


def typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the file with moments and days as the driver takes them."""
    made: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.columns[name].type.python_type
        if isinstance(value, str) and kind is datetime:
            value = datetime.fromisoformat(value).replace(tzinfo=UTC)
        elif isinstance(value, str) and kind is date:
            value = date.fromisoformat(value)
        made[name] = bool(value) if kind is bool else value
    return made


def kept(connection: Connection, table: Table) -> Rows:
    """Return the rows of a table as both databases give them: moments in UTC."""
    rows = [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
    moments = {column.name for column in table.columns if isinstance(column.type, DateTime)}
    for row in rows:
        for name in moments:
            row[name] = row[name] if row[name].tzinfo else row[name].replace(tzinfo=UTC)
    return rows


@pytest.fixture
def before(engine: Engine, old_routes: dict[str, Any]) -> dict[str, Rows]:
    """The rows of the file in a database of schema 0005, as they are read there. One of the accounts is gone."""
    move_to(engine, "0005")
    with transaction(make_sessions(engine)) as session:
        for account in old_routes["account"]:
            session.add(AccountRecord(**account, password_hash=""))
    with engine.begin() as connection:
        for table in tables(connection, "person", *OLD, "journal"):
            connection.execute(table.insert(), [typed(table, row) for row in rows_of(old_routes, table.name)])
        return {table.name: kept(connection, table) for table in tables(connection, *OLD)}


def rows_of(old_routes: dict[str, Any], table: str) -> Rows:
    known = {account["id"] for account in old_routes["account"]}
    rows: Rows = old_routes[table]
    if table == "journal":
        return [{**row, "account_id": row["account_id"] if row["account_id"] in known else None} for row in rows]
    return rows


def test_every_route_becomes_its_versions_with_the_same_answer(
    engine: Engine, before: dict[str, Rows], old_routes: dict[str, Any]
) -> None:
    move_to(engine, "head")
    with make_sessions(engine)() as session:
        for row in before["route"]:
            route = current_route(session, HERE, row["person_id"])
            assert route is not None and route.id == row["id"]
            told = old_routes["api"][str(row["person_id"])]
            assert (route.value, route.closed, route.created_at) == (row["value"], row["closed"], row["created_at"])
            # The answer went out with sentences beside the codes; all else is what was answered then.
            answer = route.full_answer
            assert json.loads(json.dumps(answer["deficits"], default=str)) == told["deficits"] and list(answer) == [
                key for key in told if key in answer
            ]
            assert [step["activity"] for step in answer["route"]["steps"]] == [
                step["activity"] for step in told["route"]["steps"]
            ]
            version = route.in_force
            assert (version.format, version.catalogue) == (1, told["versions"]["catalogue"])
            assert [one.competency for one in version.deficits] == [one["competency"] for one in told["deficits"]]
            steps = [row["id"] for row in before["route_step"] if row["route_id"] == route.id]
            assert [seat.step_id for seat in route.steps] == steps
            assert {seat.state for seat in route.steps} == {"proposed"}


def test_edits_and_routes_become_one_history(engine: Engine, before: dict[str, Rows]) -> None:
    move_to(engine, "head")
    with make_sessions(engine)() as session:
        found = {
            route_id: [
                (one.number, one.format, one.edit and one.edit["kind"], one.account_id, one.run)
                for one in versions_of(session, HERE, route_id)
            ]
            for route_id in (1, 2, 3)
        }
        # The first: two edits, the second by an account that is gone; a third one was taken back, and left a version.
        assert found[1] == [(2, 0, "forbid", 2, None), (3, 0, "fix", None, None), (4, 1, None, None, None)]
        # The second: the last edit made the route. The third: as the batch left it.
        assert found[2] == [(2, 0, "hours", 2, None), (3, 1, "fix", 2, None)]
        assert found[3] == [(1, 1, None, None, 4)]
        looked = {version.looked_at for version in versions_of(session, HERE, 3)}
        assert looked == {None}, "nobody had read the third route"


def test_what_was_asked_by_hand_still_holds_and_can_be_taken_back(engine: Engine, before: dict[str, Rows]) -> None:
    move_to(engine, "head")
    with make_sessions(engine)() as session:
        asked = overrides_of(session, HERE, [1, 2, 3])
        assert (asked[1].fixed, [one.comment for one in asked[1].removed]) == (("П-4",), ["Проходила в прошлом году"])
        assert (asked[2].hours, asked[2].fixed, 3 in asked) == (72.0, ("П-2",), False)
        for expected in (Overrides(hours=72.0), Overrides()):
            last = last_edit(session, HERE, 2)
            assert last is not None
            assert take_back(session, HERE, last, datetime.now(UTC)) == expected
        assert last_edit(session, HERE, 2) is None


def test_ids_go_on_behind_those_that_were_kept(
    engine: Engine, before: dict[str, Rows], person: Any, draft: Any
) -> None:
    move_to(engine, "head")
    with transaction(make_sessions(engine)) as session:
        if engine.dialect.name == "postgresql":
            session.connection().exec_driver_sql("SELECT setval(pg_get_serial_sequence('person', 'id'), 100)")
        [new] = insert_people(session, [person(9, "Яковлева Яна")])
        ids = store_versions(session, HERE, [draft(new), draft(3, seen=1)], Making(datetime.now(UTC)))
    assert ids[new] > 3 and ids[3] == 3
    with make_sessions(engine)() as session:
        assert [version.number for version in versions_of(session, HERE, 3)] == [1, 2]
        assert session.query(RouteDeficitRecord).count() == 6


def test_going_back_gives_the_rows_that_were(engine: Engine, before: dict[str, Rows], session: Session) -> None:
    session.close()
    move_to(engine, "head")
    move_to(engine, "0005")
    with engine.begin() as connection:
        after = {table.name: kept(connection, table) for table in tables(connection, *OLD)}
    # An account that is gone is not written down again, and edits are numbered anew.
    known = [
        {**row, "account_id": None if row["account_id"] == 5 else row["account_id"]} for row in before["route_edit"]
    ]
    assert after == {**before, "route_edit": known}
    move_to(engine, "head")
    assert migrations.differences(engine) == []


def test_a_database_without_routes_goes_up_and_down(engine: Engine) -> None:
    move_to(engine, "0005")
    move_to(engine, "head")
    assert migrations.differences(engine) == []
