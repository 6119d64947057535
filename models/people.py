"""People who are diagnosed and taught."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.records import Record


class PersonRecord(Record):
    """A teacher or manager. `name_key` and `organisation_key` are the texts as they are compared on import.

    A bare year of birth is kept in `birth_year` with `birth_date` empty; both are set where the date is known.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("territory", "external_id"),
        Index(None, "territory", "name_key", "organisation_key"),
        Index(None, "territory", "municipality", "organisation_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    external_id: Mapped[str | None]
    full_name: Mapped[str]
    name_key: Mapped[str]
    birth_date: Mapped[date | None]
    birth_year: Mapped[int | None]
    kind: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    organisation: Mapped[str]
    organisation_key: Mapped[str]
    municipality: Mapped[str] = mapped_column(default="")
    work_started: Mapped[date | None]
    experience_years: Mapped[float | None]
    experience_on: Mapped[date | None]
    qualification: Mapped[str] = mapped_column(default="")
    tutor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", use_alter=True), index=True)
