"""Routes (ИОМ) and their steps."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.records import Record


class RouteRecord(Record):
    """A route of a person. `answer` is the whole explained answer (see `recommender/answer.py`) without its steps;
    it names the versions of everything it was computed from, so that it can be explained years later."""

    __tablename__ = "route"
    __table_args__ = (Index(None, "person_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="draft")
    created_at: Mapped[datetime]
    value: Mapped[float]
    bound: Mapped[float]
    hours: Mapped[float]
    closed: Mapped[float]
    answer: Mapped[dict[str, Any]]

    steps: Mapped[list["StepRecord"]] = relationship(
        cascade="all, delete-orphan", order_by="StepRecord.position", lazy="selectin"
    )


class StepRecord(Record):
    """One step of a route; `answer` is the step's part of the explained answer, kept as it was agreed on."""

    __tablename__ = "route_step"
    __table_args__ = (UniqueConstraint("route_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id", ondelete="CASCADE"))
    position: Mapped[int]
    activity: Mapped[str]
    delivery: Mapped[int]
    term: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    hours: Mapped[float]
    state: Mapped[str] = mapped_column(default="planned")
    answer: Mapped[dict[str, Any]]
