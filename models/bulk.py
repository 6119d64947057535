"""Many new rows at once, with their ids known."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, false, func, insert, select, text

from models.records import Record
from models.session import Session


def insert_rows(session: Session, record: type[Record], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add rows that all have the same columns and return their ids in the same order.

    The ids are taken beforehand: asked for with RETURNING, SQLite would take the rows one by one.
    """
    if not rows:
        return []
    ids = _new_ids(session, record, len(rows))
    table = [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)]
    session.execute(insert(record.__table__), table)  # type: ignore[arg-type]
    return ids


def _new_ids(session: Session, record: type[Record], count: int) -> list[int]:
    """Return ids that nobody else will use."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{record.__tablename__}', 'id')"
        query = text(f"SELECT nextval({sequence}) FROM generate_series(1, :count)")
        return list(session.scalars(query, {"count": count}))
    # Removing nothing takes the write lock, so that no other process adds a row before ours are in.
    session.execute(delete(record).where(false()))
    column = record.__table__.c.id
    last = session.scalar(select(func.max(column))) or 0
    return [*range(last + 1, last + 1 + count)]
