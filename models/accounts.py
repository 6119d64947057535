"""Accounts, what they are granted, and their sessions."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.records import Record


class AccountRecord(Record):
    """Someone who signs in; a teacher's account points to the person it belongs to.

    `demo_password` is filled for accounts of the demo region only: the sign-in page of a demo installation shows it.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    display_name: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    demo_password: Mapped[str] = mapped_column(default="")

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


def account_by_login(session: Session, login: str) -> AccountRecord | None:
    """Return the account with this login, active or not."""
    return session.scalar(select(AccountRecord).where(AccountRecord.login == login))


def names_of(session: Session, account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the names of accounts by id; nobody without an account, or whose account is gone."""
    ids = {account_id for account_id in account_ids if account_id is not None}
    rows = session.execute(select(AccountRecord.id, AccountRecord.display_name).where(AccountRecord.id.in_(ids)))
    return dict(rows.all())


def demo_accounts(session: Session) -> list[AccountRecord]:
    """Return the accounts whose passwords the sign-in page may show."""
    shown = select(AccountRecord).where(AccountRecord.demo_password != "", AccountRecord.active)
    return list(session.scalars(shown.order_by(AccountRecord.id)))


def open_sign_in(session: Session, token_hash: str, now: datetime) -> tuple[SignInRecord, AccountRecord] | None:
    """Return the session that this token opens and its account, unless revoked, expired or switched off."""
    wanted = (
        select(SignInRecord, AccountRecord)
        .join(AccountRecord, AccountRecord.id == SignInRecord.account_id)
        .where(SignInRecord.token_hash == token_hash, SignInRecord.revoked_at.is_(None))
        .where(SignInRecord.expires_at > now, AccountRecord.active)
    )
    found = session.execute(wanted).one_or_none()
    return None if found is None else (found[0], found[1])


def sign_ins_of(session: Session, account_id: int, now: datetime) -> list[SignInRecord]:
    """Return the open sessions of an account, the most recently used first."""
    wanted = select(SignInRecord).where(SignInRecord.account_id == account_id, SignInRecord.revoked_at.is_(None))
    return list(session.scalars(wanted.where(SignInRecord.expires_at > now).order_by(SignInRecord.seen_at.desc())))


def failed_attempts(session: Session, since: datetime, *, login: str = "", address: str = "") -> int:
    """Count the failed sign-ins since a moment, with this login or from this address."""
    counted = select(func.count()).select_from(SignInAttemptRecord).where(SignInAttemptRecord.at > since)
    if login:
        counted = counted.where(SignInAttemptRecord.login == login)
    if address:
        counted = counted.where(SignInAttemptRecord.address == address)
    return session.scalar(counted) or 0
