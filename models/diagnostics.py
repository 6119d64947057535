"""Results of diagnostics."""

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.records import Record


class ResultRecord(Record):
    """One result; `score` and `maximum` are kept where the source gave them, `percent` is always there."""

    __tablename__ = "diagnostic_result"
    __table_args__ = (UniqueConstraint("person_id", "competency", "taken_on", "stage", "form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    competency: Mapped[str]
    taken_on: Mapped[date]
    stage: Mapped[str]
    form: Mapped[str]
    percent: Mapped[float]
    score: Mapped[float | None]
    maximum: Mapped[float | None]
    source: Mapped[str] = mapped_column(default="")
