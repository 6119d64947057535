"""The engine and the one place where the service commits."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

__all__ = ["Busy", "Clash", "Engine", "Session", "Sessions", "make_engine"]

Busy = OperationalError
"""What a write meets when another one holds the database for too long."""

Clash = IntegrityError
"""What a write meets when another one has just written the same thing."""


Sessions = sessionmaker[Session]
ItemT = TypeVar("ItemT")

LOST: Final = ("SQLITE_BUSY", "SQLITE_CONSTRAINT_UNIQUE", "23505", "40001", "40P01", "55P03")
"""A database that is held, a unique row that is there, and in PostgreSQL also a serialization, a deadlock, a lock."""

CHUNK: Final = 5000
"""Ids in one statement: every database takes that many parameters."""


def chunks(items: Sequence[ItemT], size: int = CHUNK) -> Iterator[Sequence[ItemT]]:
    """Cut a long sequence into pieces that one statement takes."""
    return (items[start : start + size] for start in range(0, len(items), size))


def make_engine(url: str) -> Engine:
    """Return an engine; SQLite gets a write-ahead log, foreign keys and a busy timeout.

    JSON keeps Russian letters as they are: the database stays readable and may be searched by them. What went wrong
    with a statement is told without the values in it: they are names and results, and errors end up in logs.
    """
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.partition("://")[2]
    engine = create_engine(url, json_serializer=_json, json_deserializer=orjson.loads, hide_parameters=True)
    event.listen(engine, "handle_error", _hide_values)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _hide_values(context: ExceptionContext) -> None:
    without_values(context.original_exception)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (str(context.original_exception),)


def without_values(error: BaseException) -> None:
    """Take out of a driver's error what PostgreSQL quotes of the row: leave its code and the name of the constraint."""
    code = getattr(error, "sqlstate", None)
    if code:
        told: Any = getattr(error, "diag", None)
        error.args = (f"{code} {getattr(told, 'constraint_name', None) or getattr(told, 'table_name', None) or ''}",)


def lost_to_another(error: BaseException | None) -> bool:
    """Tell whether a transaction failed only because another one wrote the same, or wrote for too long, meanwhile."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) in LOST or str(getattr(cause, "sqlite_errorname", "")).startswith(LOST)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def make_sessions(engine: Engine) -> Sessions:
    """Return the factory of sessions; objects stay readable after the commit."""
    sessions = sessionmaker(engine, expire_on_commit=False)

    @event.listens_for(sessions, "after_commit")
    def committed(session: Session) -> None:
        for action in session.info.pop("after", []):
            action()

    @event.listens_for(sessions, "after_soft_rollback")
    def rolled_back(session: Session, _previous: Any) -> None:
        session.info.clear()

    return sessions


def engine_of(sessions: Sessions) -> Engine:
    """Return the engine that a factory of sessions works with."""
    engine: Engine = sessions.kw["bind"]
    return engine


def address_of(engine: Engine) -> str:
    """Return the whole address of a database, its password too, for a process of ours that opens it for itself."""
    return engine.url.render_as_string(hide_password=False)


def in_memory(engine: Engine) -> bool:
    """Tell whether a database lives in this process alone."""
    return engine.dialect.name == "sqlite" and (engine.url.database or ":memory:") == ":memory:"


def after_this_commit(session: Session, action: Callable[[], None]) -> None:
    """Do something outside the database (remove a file) once the transaction is committed, and only then."""
    session.info.setdefault("after", []).append(action)


def send_jobs(sessions: Sessions, send: Callable[[Sequence[int]], None]) -> None:
    """Call `send` with the ids of the jobs that a transaction asked for, once it is committed and only then."""

    @event.listens_for(sessions, "after_commit")
    def committed(session: Session) -> None:
        waiting = session.info.pop("jobs", [])
        if waiting:
            send(waiting)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """Give a session for one request or job and commit it at the end; any exception leaves nothing written."""
    with sessions() as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


def finish(session: Session, *, keep: bool) -> None:
    """End a request's transaction: commit what it wrote, or leave nothing of it."""
    if keep:
        session.commit()
    else:
        session.rollback()
