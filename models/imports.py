"""Imported files: what was planned, what was applied, and what is needed to take it back."""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Values
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, func, insert, select, update
from sqlalchemy.orm import Mapped, aliased, mapped_column
from typing_extensions import TypedDict

from models.bulk import hold_writes
from models.records import KEPT, Record
from models.session import Session

READING, PLANNED, APPLYING, APPLIED, UNDONE, DROPPED = (
    "reading",
    "planned",
    "applying",
    "applied",
    "undone",
    "dropped",
)
WAITING: Final = (READING, PLANNED, APPLYING)
"""The states in which the file is still needed."""


class OptionSaid(TypedDict):
    """One answer that a question has, and how people read it."""

    value: str
    title: str


class QuestionSaid(TypedDict):
    """What must be answered before rows are written; with `number` a maximum in points is an answer too."""

    code: str
    kind: Literal["yes_no", "choice", "mapping"]
    options: Sequence[OptionSaid]
    number: bool
    answer: str | None


class WarningSaid(TypedDict):
    """A warning of a plan; without a line it is about a column or the whole sheet."""

    line: int | None
    column: str | None
    code: str
    message: str
    question: QuestionSaid | None


class FaultSaid(TypedDict):
    """A faulty cell of the file."""

    line: int
    column: str
    value: str
    code: str
    message: str


class SheetSaid(TypedDict):
    """The plan of one sheet; the sheet of CSV has no name. `left_out` counts rows that are no data (totals, notes)."""

    sheet: str | None
    accepted: int
    unchanged: int
    faults: Sequence[FaultSaid]
    ignored_columns: Sequence[str]
    left_out: int
    warnings: Sequence[WarningSaid]


class SheetCounts(TypedDict):
    """Rows of a sheet by what becomes of them, and what each of its columns was taken for."""

    new: int
    changed: int
    unchanged: int
    faulty: int
    columns: dict[str, str]


class FileSaid(TypedDict):
    """A planned file: its sheets, what a page counts of each, and those that were left out with the reason."""

    sheets: Sequence[SheetSaid]
    counts: Sequence[SheetCounts]
    skipped: Sequence[str]


class RejectedSaid(TypedDict):
    """Rejected rows of a sheet under its header."""

    title: str | None
    delimiter: str | None
    header: Sequence[Sequence[str | int | float | None]]
    rows: Sequence[Sequence[str | int | float | None]]


class ImportRecord(Record):
    """One uploaded file for one table. States: reading (a large file, in the background) → planned → applying → applied
    → undone; dropped from the first two.

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
    mapping: Mapped[dict[str, str]] = mapped_column(KEPT, default=dict)
    answers: Mapped[dict[str, str]] = mapped_column(KEPT, default=dict)
    summary: Mapped[FileSaid] = mapped_column(KEPT)
    rejected: Mapped[list[RejectedSaid]] = mapped_column(KEPT, default=list, deferred=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))


class ImportChoiceRecord(Record):
    """What people decided about files of one header of a territory: columns matched by hand, and answers.

    `header` is a digest of the names of the columns: the same form is recognised by it the next time.
    """

    __tablename__ = "import_choice"
    __table_args__ = (UniqueConstraint("territory", "table_name", "header"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    table: Mapped[str] = mapped_column("table_name")
    header: Mapped[str]
    mapping: Mapped[dict[str, str]] = mapped_column(KEPT, default=dict)
    answers: Mapped[dict[str, str]] = mapped_column(KEPT, default=dict)
    made_at: Mapped[datetime]


class ImportChangeRecord(Record):
    """One row that an import wrote: `before` is its earlier content, None where the row is new."""

    __tablename__ = "import_change"
    __table_args__ = (Index(None, "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    table: Mapped[str] = mapped_column("table_name")
    row_id: Mapped[int]
    before: Mapped[dict[str, Any] | None]


def find_import(session: Session, import_id: int, *, held: bool = False) -> ImportRecord | None:
    """Return an import by its id; one that is `held` is read as it is now, and nobody else changes it until the end."""
    if held:
        hold_writes(session, ImportRecord)
    return session.get(ImportRecord, import_id, with_for_update=held or None, populate_existing=held)


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


def take_import(session: Session, record: ImportRecord, state: str) -> bool:
    """Mark an import as being applied, if its state and job are still these; of several who ask one gets it."""
    same_job = ImportRecord.job_id.is_(None) if record.job_id is None else ImportRecord.job_id == record.job_id
    waiting = update(ImportRecord).where(ImportRecord.id == record.id, ImportRecord.state == state, same_job)
    taken: int = session.execute(waiting.values(state=APPLYING)).rowcount  # type: ignore[attr-defined]
    session.refresh(record)
    return taken == 1


def choices_of(session: Session, territory: str, table: str, headers: Collection[str]) -> ImportChoiceRecord | None:
    """Return what was decided last about files of one of these headers."""
    choice = ImportChoiceRecord
    query = select(choice).where(choice.territory == territory, choice.table == table, choice.header.in_(headers))
    return session.scalar(query.order_by(choice.made_at.desc(), choice.id.desc()).limit(1))


def table_of(session: Session, territory: str, headers: Collection[str]) -> str | None:
    """Return which table files of one of these headers were last read as, where people decided something about them."""
    choice = ImportChoiceRecord
    query = select(choice.table).where(choice.territory == territory, choice.header.in_(headers))
    return session.scalar(query.order_by(choice.made_at.desc(), choice.id.desc()).limit(1))


def keep_choices(
    session: Session,
    territory: str,
    table: str,
    headers: Iterable[str],
    *,
    mapping: Values[str, str],
    answers: Values[str, str],
    at: datetime,
) -> None:
    """Keep what was decided about files of these headers, in the place of what was decided before."""
    for header in headers:
        query = select(ImportChoiceRecord).filter_by(territory=territory, table=table, header=header)
        choice = session.scalar(query)
        if choice is None:
            choice = ImportChoiceRecord(territory=territory, table=table, header=header)
            session.add(choice)
        choice.mapping, choice.answers, choice.made_at = dict(mapping), dict(answers), at
    session.flush()


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
