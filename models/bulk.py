"""Many new rows at once, with their ids known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Connection, Table, bindparam, delete, false, func, select, text, update
from sqlalchemy.exc import DBAPIError

from models.records import Record
from models.session import Session, without_values

RowT = TypeVar("RowT", bound=Mapping[str, object])
"""A row as it is written: its values by column; a table's own rows are declared beside its record."""


def insert_rows(session: Session, record: type[Record], rows: Sequence[RowT]) -> list[int]:
    """Add rows that all have the same columns and return their ids in the same order.

    The ids are taken beforehand: asked for with RETURNING, SQLite would take the rows one by one.
    """
    if not rows:
        return []
    ids = _new_ids(session, record, len(rows))
    add_rows(session, record, [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)])
    return ids


def add_rows(session: Session, record: type[Record], rows: Sequence[RowT]) -> None:
    """Add rows that all have the same columns and whose ids nobody asks for.

    They go past the ORM's statements, which take longer to prepare their parameters than a database to store the rows.
    """
    if not rows:
        return
    connection, table = session.connection(), cast(Table, record.__table__)
    absent = {name: made for name, made in _defaults(table) if name not in rows[0]}
    columns = [table.columns[name] for name in (*rows[0], *absent)]
    stored = _as_stored([{**row, **absent} for row in rows] if absent else rows, columns, connection)
    preparer = connection.dialect.identifier_preparer
    into = f"{preparer.format_table(table)} ({', '.join(preparer.format_column(column) for column in columns)})"
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {into} FROM STDIN", stored)
    else:
        marks = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(stored))


def _defaults(table: Table) -> Iterator[tuple[str, Any]]:
    """Yield the columns that the records fill where nothing is said, with what they put there."""
    for column in table.columns:
        default: Any = column.default
        if default is not None:
            yield column.name, default.arg if default.is_scalar else default.arg(None)


def _as_stored(
    rows: Iterable[RowT], columns: Sequence[Column[Any]], connection: Connection
) -> Iterable[tuple[Any, ...]]:
    """Yield the values of rows as the driver of the database takes them."""
    dialect = connection.dialect
    ways = [(column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in columns]
    for row in rows:
        yield tuple([row[name] if process is None else process(row[name]) for name, process in ways])


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Send rows as one stream: as many statements cost PostgreSQL and us half as much again."""
    driver: Any = connection.dialect.dbapi
    opened: Any = connection.connection
    try:
        with opened.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row(row)
    except driver.Error as error:
        without_values(error)
        raise DBAPIError.instance(statement, None, error, driver.Error, dialect=connection.dialect) from error


def update_rows(session: Session, record: type[Record], rows: Sequence[RowT]) -> None:
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
