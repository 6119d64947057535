"""Verbs of accounts: create one, sign in, sign out, revoke a session."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from api.access import Access, verb
from api.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from api.identity import Grant, Identity, Scope
from api.policy import Action
from models.accounts import (
    AccountRecord,
    GrantRecord,
    SignInAttemptRecord,
    SignInRecord,
    account_by_login,
    failed_attempts,
    open_sign_in,
)
from models.session import Session

ATTEMPT_WINDOW = timedelta(minutes=15)
ATTEMPTS_PER_LOGIN = 5
ATTEMPTS_PER_ADDRESS = 50
SEEN_EVERY = timedelta(minutes=5)

WRONG = "Логин или пароль не подошли. Проверьте раскладку клавиатуры и попробуйте ещё раз."
TOO_MANY = "Слишком много неудачных попыток. Подождите 15 минут и попробуйте снова."

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A session in use: its row, its token and who it belongs to."""

    id: int
    token: str
    identity: Identity


@verb(Action.ACCOUNTS_MAKE)
def create_account(
    session: Session,
    access: Access,
    *,
    login: str,
    password: str,
    display_name: str,
    person_id: int | None = None,
    grants: Sequence[Grant] = (),
    demo: bool = False,
) -> AccountRecord:
    """Add an account with its grants; with `demo` its password is shown on the sign-in page."""
    # Nobody gives away more than they reach themselves.
    for grant in grants:
        access.require(grant.scope)
    login = login.strip().lower()
    if not login:
        raise InvalidInput("Укажите логин.", field="login")
    if account_by_login(session, login) is not None:
        raise Conflict(f"Логин «{login}» уже занят.", field="login")
    account = AccountRecord(
        login=login,
        password_hash=_hasher.hash(password),
        display_name=display_name,
        person_id=person_id,
        demo_password=password if demo else "",
        grants=[_grant_record(grant) for grant in grants],
    )
    session.add(account)
    session.flush()
    return account


def _grant_record(grant: Grant) -> GrantRecord:
    scope = grant.scope
    return GrantRecord(
        role=grant.role,
        territory=scope.territory,
        municipality=scope.municipality,
        organisation_key=scope.organisation_key,
    )


def identity_of(account: AccountRecord) -> Identity:
    """Return the account as verbs and selects see it."""
    grants = tuple(Grant(g.role, Scope(g.territory, g.municipality, g.organisation_key)) for g in account.grants)
    return Identity(account.id, account.display_name, account.person_id, grants)


def sign_in(session: Session, *, login: str, password: str, address: str, hours: int) -> OpenSignIn:
    """Open a session for the right password; a wrong one is counted, and too many of them close the door for a while.

    The count is written by the caller's transaction, so a page that shows the refusal must still let it commit.
    """
    now, account = datetime.now(UTC), check_password(session, login=login, password=password, address=address)
    token = secrets.token_urlsafe(32)
    record = SignInRecord(
        account_id=account.id,
        token_hash=_digest(token),
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    session.add(record)
    session.flush()
    return OpenSignIn(record.id, token, identity_of(account))


def check_password(session: Session, *, login: str, password: str, address: str) -> AccountRecord:
    """Return the account of a login with the right password; a wrong one is counted as in `sign_in`."""
    # PostgreSQL refuses to be asked about a NUL, and no login has one.
    now, login = datetime.now(UTC), login.replace("\x00", "").strip().lower()
    _check_attempts(session, login, address, now)
    account = account_by_login(session, login)
    if not _matches(account, password) or account is None or not account.active:
        session.add(SignInAttemptRecord(login=login, address=address, at=now))
        raise Unauthenticated(WRONG, field="password")
    return account


def _check_attempts(session: Session, login: str, address: str, now: datetime) -> None:
    since = now - ATTEMPT_WINDOW
    by_login = failed_attempts(session, since, login=login) if login else 0
    by_address = failed_attempts(session, since, address=address) if address else 0
    if by_login >= ATTEMPTS_PER_LOGIN or by_address >= ATTEMPTS_PER_ADDRESS:
        raise Unauthenticated(TOO_MANY, field="login")


def _matches(account: AccountRecord | None, password: str) -> bool:
    """Compare a password; an unknown login costs as much time as a known one, so that logins cannot be probed."""
    if account is None:
        _hasher.hash(password)
        return False
    try:
        return _hasher.verify(account.password_hash, password)
    except VerifyMismatchError:
        return False


def resume(session: Session, token: str) -> OpenSignIn | None:
    """Return the session that a cookie's token opens, and note now and then that it was seen."""
    now = datetime.now(UTC)
    found = open_sign_in(session, _digest(token), now)
    if found is None:
        return None
    record, account = found
    if now - record.seen_at > SEEN_EVERY:
        record.seen_at = now
    return OpenSignIn(record.id, token, identity_of(account))


@verb(Action.SIGN_INS_END)
def revoke(session: Session, access: Access, sign_in_id: int) -> None:
    """Close one of the actor's own sessions."""
    record = session.get(SignInRecord, sign_in_id)
    if record is None or record.account_id != access.actor.account_id:
        raise NotFound("Такого входа нет.")
    record.revoked_at = record.revoked_at or datetime.now(UTC)


@verb(Action.SIGN_INS_END)
def sign_out(session: Session, access: Access, sign_in_id: int) -> None:
    """Close the session in which the actor asks for it."""
    revoke(session, access, sign_in_id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
