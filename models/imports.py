"""Imported files: what was planned, what was applied, and what is needed to take it back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, and_, func, insert, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.records import Record
from models.session import Session

READING, PLANNED, APPLIED, UNDONE, DROPPED = "reading", "planned", "applied", "undone", "dropped"
WAITING: Final = (READING, PLANNED)
"""The states in which the file is still needed."""


class ImportRecord(Record):
    """One uploaded file for one table. States: reading (a large file, in the background) → planned → applied → undone;
    dropped from the first two.

    The file itself waits in `instance/uploads/<digest>` until it is applied or dropped, and is wiped then; `summary`
    is the plan as `flask import --json` prints it. `rejected` are the rows with faults, by sheet, ready to be given
    back; they are wiped when the import is dropped or taken back. `job_id` is the last job that it asked for: it reads
    the file, applies it, or drafts the routes of the people whom applying or taking back has touched.
    """

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    table: Mapped[str] = mapped_column("table_name")
    sheet: Mapped[str | None]
    file_name: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default=PLANNED)
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rejected: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))


class ImportChangeRecord(Record):
    """One row that an import wrote: `before` is its earlier content, None where the row is new."""

    __tablename__ = "import_change"
    __table_args__ = (Index(None, "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    table: Mapped[str] = mapped_column("table_name")
    row_id: Mapped[int]
    before: Mapped[dict[str, Any] | None]


def find_import(session: Session, import_id: int) -> ImportRecord | None:
    """Return an import by its id."""
    return session.get(ImportRecord, import_id)


def imports_of(
    session: Session, territory: str, *, after: int | None = None, limit: int = 50, state: str = ""
) -> Sequence[ImportRecord]:
    """Return the imports of a territory, the newest first, from behind the id `after`."""
    query = select(ImportRecord).where(ImportRecord.territory == territory)
    if after is not None:
        query = query.where(ImportRecord.id < after)
    if state:
        query = query.where(ImportRecord.state == state)
    return session.scalars(query.order_by(ImportRecord.id.desc()).limit(limit)).all()


def waiting_digests(session: Session) -> set[str]:
    """Return the digests of all files that are still needed."""
    return set(session.scalars(select(ImportRecord.digest).where(ImportRecord.state.in_(WAITING))))


def last_mapping(session: Session, territory: str, table: str, columns: Iterable[str]) -> dict[str, str]:
    """Return what people mapped the given unknown columns of this table to, the newest choice first."""
    query = select(ImportRecord.mapping).where(ImportRecord.territory == territory, ImportRecord.table == table)
    wanted, found = set(columns), dict[str, str]()
    for mapping in session.scalars(query.order_by(ImportRecord.id.desc()).limit(50)):
        found.update({name: field for name, field in mapping.items() if name in wanted - found.keys()})
    return found


def add_changes(
    session: Session, import_id: int, table: str, changes: Iterable[tuple[int, dict[str, Any] | None]]
) -> None:
    """Keep what an import changed, in one bulk statement: pairs of a row's id and its earlier content."""
    rows = [{"import_id": import_id, "table": table, "row_id": row_id, "before": old} for row_id, old in changes]
    if rows:
        session.execute(insert(ImportChangeRecord), rows)


def changes_of(session: Session, import_id: int) -> Sequence[ImportChangeRecord]:
    """Return what an import changed, in the order in which it was written."""
    query = select(ImportChangeRecord).where(ImportChangeRecord.import_id == import_id)
    return session.scalars(query.order_by(ImportChangeRecord.id)).all()


def changed_again(session: Session, import_id: int) -> int:
    """Return how many rows of an import a later one, not taken back, has changed since."""
    own, later = aliased(ImportChangeRecord), ImportChangeRecord
    query = (
        select(func.count(later.id))
        .join(own, and_(own.table == later.table, own.row_id == later.row_id, own.import_id == import_id))
        .join(ImportRecord, ImportRecord.id == later.import_id)
        .where(later.import_id > import_id, ImportRecord.state == APPLIED)
    )
    return session.scalar(query) or 0
