"""Accounts, what they are granted, and their sessions."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.records import Record


class AccountRecord(Record):
    """Someone who signs in; a teacher's account points to the person it belongs to."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    active: Mapped[bool] = mapped_column(default=True)

    grants: Mapped[list["GrantRecord"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class GrantRecord(Record):
    """A role within a scope; an empty municipality or organisation means the whole of the level above."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    territory: Mapped[str] = mapped_column(ForeignKey("territory.code"))
    municipality: Mapped[str] = mapped_column(default="")
    organisation_key: Mapped[str] = mapped_column(default="")


class SignInRecord(Record):
    """A server-side session: the cookie holds a random token, the table only its SHA-256."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttemptRecord(Record):
    """A failed sign-in, counted per login and address to slow guessing down."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(index=True)
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
