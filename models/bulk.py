"""Many new rows at once, with their ids known."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, false, func, insert, select, text, update

from models.records import Record
from models.session import Session


def insert_rows(session: Session, record: type[Record], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add rows that all have the same columns and return their ids in the same order.

    The ids are taken beforehand: asked for with RETURNING, SQLite would take the rows one by one.
    """
    if not rows:
        return []
    ids = _new_ids(session, record, len(rows))
    add_rows(session, record, [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)])
    return ids


def add_rows(session: Session, record: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that all have the same columns and whose ids nobody asks for."""
    if rows:
        session.execute(insert(record.__table__), rows)  # type: ignore[arg-type]


def update_rows(session: Session, record: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows, found by their `id`; all have the same columns."""
    if not rows:
        return
    table: Any = record.__table__
    names = [name for name in rows[0] if name != "id"]
    statement = update(table).where(table.c.id == bindparam("row_id"))
    values = statement.values({name: bindparam(name) for name in names})
    session.execute(values, [{"row_id": row["id"], **{name: row[name] for name in names}} for row in rows])


def hold_writes(session: Session, record: type[Record]) -> None:
    """Let nobody else write until the end of the transaction, where a database has one writer at a time (SQLite)."""
    if session.get_bind().dialect.name != "postgresql":
        # Removing nothing takes the write lock.
        session.execute(delete(record).where(false()))


def _new_ids(session: Session, record: type[Record], count: int) -> list[int]:
    """Return ids that nobody else will use."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{record.__tablename__}', 'id')"
        query = text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)")
        return list(session.scalars(query, {"count": count}))
    # No other process may add a row before ours are in.
    hold_writes(session, record)
    column = record.__table__.c.id
    last = session.scalar(select(func.max(column))) or 0
    return [*range(last + 1, last + 1 + count)]
