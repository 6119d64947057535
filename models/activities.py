"""The catalogue: programmes, internships, events, and their deliveries."""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.records import Record


class ActivityRecord(Record):
    """An entry of a territory's catalogue; `code` is stable, from the source or made of title and provider.

    `develops` and `proposed` are lists of [competency code, relevance]; `proposed` waits for a person's confirmation.
    """

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("territory", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    code: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    provider: Mapped[str]
    provider_kind: Mapped[str]
    hours: Mapped[float | None]
    format: Mapped[str]
    network: Mapped[bool] = mapped_column(default=False)
    registers: Mapped[list[Any]] = mapped_column(default=list)
    register_number: Mapped[str] = mapped_column(default="")
    register_until: Mapped[date | None]
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    audience: Mapped[list[Any]] = mapped_column(default=list)
    develops: Mapped[list[Any]] = mapped_column(default=list)
    proposed: Mapped[list[Any]] = mapped_column(default=list)
    requires: Mapped[list[Any]] = mapped_column(default=list)
    municipality: Mapped[str] = mapped_column(default="")
    annotation: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")

    deliveries: Mapped[list["DeliveryRecord"]] = relationship(
        cascade="all, delete-orphan", order_by="DeliveryRecord.position", lazy="selectin"
    )


class DeliveryRecord(Record):
    """One group of an activity; `position` is its index in `recommender.activity.Activity.deliveries`."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("activity_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    position: Mapped[int]
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    places: Mapped[int | None]


class DeclinedRecord(Record):
    """An activity that a person refused, with the reason that was chosen; it leaves the person's recommendations."""

    __tablename__ = "declined_activity"
    __table_args__ = (UniqueConstraint("person_id", "activity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    activity: Mapped[str]
    reason: Mapped[str]
    declined_on: Mapped[date]
