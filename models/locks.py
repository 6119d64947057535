"""A hold on long work that nobody has to open after a kill: the system or the database server does."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from models.session import Engine, in_memory

LOCKS: Final = 7_104_001
"""Sets our advisory locks apart from those that others may take in the same PostgreSQL."""

KEPT_ALIVE: Final = ("tcp_keepalives_idle = 60", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 6")
"""With these the server notices within two minutes that a whole machine is gone; a dead process it notices at once."""


@contextmanager
def hold(engine: Engine, number: int) -> Iterator[bool]:
    """Hold a piece of work while this process lives: True, or False where another one that lives holds it.

    A process that was killed holds nothing any more, so no time has to pass before another one may go on.
    """
    if engine.dialect.name == "postgresql":
        holding = _hold_in_server(engine, number)
    elif in_memory(engine):
        # Nobody else can see such a database.
        holding = _hold_alone()
    else:
        holding = _hold_beside_file(Path(f"{engine.url.database}-job-{number}"))
    with holding as held:
        yield held


@contextmanager
def _hold_in_server(engine: Engine, number: int) -> Iterator[bool]:
    """Take an advisory lock: it belongs to a connection, and a connection ends with its process."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # Not given back to the pool: its end opens the lock, whatever becomes of this process.
    connection.detach()
    with connection:
        for setting in KEPT_ALIVE:
            connection.execute(text(f"SET {setting}"))
        held = bool(connection.scalar(select(func.pg_try_advisory_lock(LOCKS, number))))
        try:
            yield held
        finally:
            # The server notices a closed connection some time later; whoever goes on at once must find the lock open.
            # Where the connection is lost, so is the lock.
            with suppress(DBAPIError):
                if held:
                    connection.scalar(select(func.pg_advisory_unlock(LOCKS, number)))


@contextmanager
def _hold_alone() -> Iterator[bool]:
    yield True


@contextmanager
def _hold_beside_file(path: Path) -> Iterator[bool]:
    """Take the lock of an empty SQLite file, which works wherever the database itself does.

    The file is removed only where the work was brought to its end: while it is unfinished, whoever goes on must meet
    the same file.
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        if not _locked(connection):
            yield False
            return
        yield True
        with suppress(OSError):
            path.unlink(missing_ok=True)
    finally:
        connection.close()


def _locked(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True
