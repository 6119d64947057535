"""The journal of acts and of reads of personal results."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.records import KEPT, Record
from models.session import Session

Detail = str | int | None
"""What a detail may be: a code, an id, a count, or nothing."""


class JournalRecord(Record):
    """Who did what to which row; `details` never holds a name or a result."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    details: Mapped[Mapping[str, Detail]] = mapped_column(KEPT, default=dict)


def add_entry(
    session: Session,
    at: datetime,
    account_id: int | None,
    action: str,
    subject: str,
    subject_id: int | None,
    details: Mapping[str, Detail],
) -> None:
    """Write one entry within the caller's transaction."""
    session.add(
        JournalRecord(
            at=at, account_id=account_id, action=action, subject=subject, subject_id=subject_id, details=details
        )
    )
