"""Headcounts of a year: the denominators of indicators."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.records import Record
from models.session import Session


class HeadcountRecord(Record):
    """How many there are of something (`what`) in a year; municipality and subject are empty for all of them."""

    __tablename__ = "headcount"
    __table_args__ = (UniqueConstraint("territory", "year", "municipality", "subject", "what"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    year: Mapped[int]
    municipality: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    what: Mapped[str]
    value: Mapped[float]
    source: Mapped[str] = mapped_column(default="")


def headcounts_of(session: Session, territory: str) -> Sequence[HeadcountRecord]:
    """Return the headcounts of a territory in order of id."""
    query = select(HeadcountRecord).where(HeadcountRecord.territory == territory)
    return session.scalars(query.order_by(HeadcountRecord.id)).all()
