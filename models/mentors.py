"""Mentors, and whom people would like or must not be paired with."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.people import PeopleFilter, PersonRecord, narrowed
from models.records import Record
from models.scope import Scope, within
from models.session import Session


class MentorRecord(Record):
    """What a mentor's file says of a person: places (None: the territory's), declared strengths, ways to meet."""

    __tablename__ = "mentor"
    __table_args__ = (UniqueConstraint("person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    places: Mapped[int | None]
    strengths: Mapped[list[Any]] = mapped_column(default=list)
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    formats: Mapped[list[Any]] = mapped_column(default=list)
    contest: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[bool] = mapped_column(default=False)


class WishRecord(Record):
    """A wish or ban for a pair: `kind` is wanted, unwanted, banned or pinned."""

    __tablename__ = "mentor_wish"
    __table_args__ = (UniqueConstraint("mentee_id", "mentor_id"), Index(None, "mentor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    mentee_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    mentor_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str]


def mentor_records(
    session: Session, scopes: Iterable[Scope], ids: Collection[int] | None = None
) -> Sequence[MentorRecord]:
    """Return the mentors among the people that the scopes reach, in order of the person: all, or those of the ids."""
    query = select(MentorRecord).join(PersonRecord, PersonRecord.id == MentorRecord.person_id)
    if ids is not None:
        query = query.where(MentorRecord.person_id.in_(ids))
    return session.scalars(within(query.order_by(MentorRecord.person_id), scopes)).all()


def list_mentors(
    session: Session, scopes: Iterable[Scope], chosen: PeopleFilter, *, after: int = 0, limit: int | None = None
) -> Sequence[PersonRecord]:
    """Return the people who are mentors and match a list's filters, in order of id from after one on."""
    query = select(PersonRecord).join(MentorRecord, MentorRecord.person_id == PersonRecord.id)
    query = narrowed(within(query.where(PersonRecord.id > after), scopes), chosen)
    return session.scalars(query.order_by(PersonRecord.id).limit(limit)).all()


def wish_records(session: Session, scopes: Iterable[Scope], ids: Collection[int] | None = None) -> Sequence[WishRecord]:
    """Return the wishes for mentees that the scopes reach, in order of mentee and mentor: all, or those of the ids."""
    query = select(WishRecord).join(PersonRecord, PersonRecord.id == WishRecord.mentee_id)
    if ids is not None:
        query = query.where(WishRecord.mentee_id.in_(ids))
    return session.scalars(within(query.order_by(WishRecord.mentee_id, WishRecord.mentor_id), scopes)).all()
