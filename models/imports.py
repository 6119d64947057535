"""Imported files: what was planned, what was applied, and what is needed to take it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.records import Record


class ImportRecord(Record):
    """One uploaded file for one table. States: planned → applied → undone, or dropped.

    The file itself waits in `instance/uploads/<digest>` until it is applied or dropped, and is wiped then; `summary`
    is the plan as `flask import --json` prints it.
    """

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    table: Mapped[str] = mapped_column("table_name")
    sheet: Mapped[str | None]
    file_name: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str] = mapped_column(default="planned")
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ImportChangeRecord(Record):
    """One row that an import wrote: `before` is its earlier content, None where the row is new."""

    __tablename__ = "import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    table: Mapped[str] = mapped_column("table_name")
    row_id: Mapped[int]
    before: Mapped[dict[str, Any] | None]
