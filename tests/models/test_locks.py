"""A hold keeps others out while its process lives, and not a moment longer."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import Connection, column, func, select, table

from models.locks import hold
from models.session import Engine, address_of, make_engine

HOLDER = """
import sys, time
from models.locks import hold
from models.session import make_engine
with hold(make_engine(sys.argv[1]), 7) as held:
    print(held, flush=True)
    time.sleep(60)
"""


def held_now(engine: Engine) -> bool:
    """Try to hold the work; a server needs a moment to see that a connection is gone."""
    with hold(engine, 7) as held:
        if not held:
            time.sleep(0.02)
        return held


def test_two_cannot_hold_the_same_and_may_hold_different_work(engine: Engine) -> None:
    other = make_engine(address_of(engine))
    with hold(engine, 7) as first, hold(other, 7) as second, hold(other, 8) as different:
        assert (first, second, different) == (True, False, True)
    with hold(other, 7) as again:
        assert again
    other.dispose()


def test_a_killed_process_holds_nothing(engine: Engine) -> None:
    command = [sys.executable, "-c", HOLDER, address_of(engine)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        with hold(engine, 7) as held:
            assert not held
        holder.kill()
        holder.wait()
        assert any(held_now(engine) for _ in range(100))


def test_a_failed_work_leaves_its_lock_to_whoever_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, even while the server has not noticed yet that the connection is gone."""
    still_open: list[Connection] = []
    monkeypatch.setattr(Connection, "close", lambda connection: still_open.append(connection))
    with pytest.raises(KeyboardInterrupt), hold(engine, 7) as held:
        assert held
        raise KeyboardInterrupt
    with hold(make_engine(address_of(engine)), 7) as held:
        assert held


def test_work_whose_connection_is_lost_ends_without_another_error(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("a file has no connection to lose")
    with hold(engine, 7) as held, engine.connect() as another:
        assert held
        others = select(func.pg_terminate_backend(column("pid"))).select_from(table("pg_stat_activity"))
        another.execute(
            others.where(column("pid") != func.pg_backend_pid(), column("datname") == func.current_database())
        )
    assert any(held_now(engine) for _ in range(100))


def test_a_database_in_memory_is_held_by_its_only_process() -> None:
    with hold(make_engine("sqlite://"), 7) as held:
        assert held
