"""Territories in use and the competencies of their frameworks."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.records import Record


class TerritoryRecord(Record):
    """A territory of this installation; `catalogue_version` grows with every change of its activities."""

    __tablename__ = "territory"

    code: Mapped[str] = mapped_column(primary_key=True)
    catalogue_version: Mapped[int] = mapped_column(default=0)
    people_version: Mapped[int] = mapped_column(default=0)


class CompetencyRecord(Record):
    """A competency that may be diagnosed in a territory, from the reference framework or from an import."""

    __tablename__ = "competency"
    __table_args__ = (UniqueConstraint("territory", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"), index=True)
    code: Mapped[str]
    title: Mapped[str]
    area: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    framework: Mapped[str]
    framework_version: Mapped[str]
