"""How Flask-Login finds out who is asking: a cookie or a bearer token that opens a row of `sign_in`, or a password."""

from collections.abc import Callable

from flask import Flask, Request, current_app, request
from flask_login import LoginManager, UserMixin

from api import transaction
from api.account import operations
from api.account.operations import OpenSignIn, resume
from api.errors import Unauthenticated
from api.identity import Identity
from models.session import Session
from models.session import transaction as own_transaction


class Visitor(UserMixin):
    """The signed-in visitor; the cookie carries the token of the session and never the number of the account."""

    def __init__(self, opened: OpenSignIn) -> None:
        self.sign_in_id = opened.id
        self.token = opened.token
        self.identity: Identity = opened.identity

    def get_id(self) -> str:
        return self.token


def _load(token: str) -> Visitor | None:
    opened = resume(transaction.session(), token)
    return None if opened is None else Visitor(opened)


def _from_header(asked: Request) -> Visitor | None:
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return _load(token.strip())
    given = asked.authorization
    if given is None or given.type != "basic" or not asked.path.startswith("/api/"):
        return None
    login, password = given.username or "", given.password or ""

    def account(session: Session) -> OpenSignIn:
        found = operations.check_password(session, login=login, password=password, address=address())
        return OpenSignIn(0, "", operations.identity_of(found))

    return Visitor(_counted(account))


def sign_in_counted(login: str, password: str) -> OpenSignIn:
    """Open a session for a program: a wrong password is counted although the answer to it is an error."""
    hours = current_app.extensions["settings"].session_hours
    return _counted(
        lambda session: operations.sign_in(session, login=login, password=password, address=address(), hours=hours)
    )


def _counted(verb: Callable[[Session], OpenSignIn]) -> OpenSignIn:
    """Run a verb that checks a password in a transaction of its own, which keeps the count of a refusal."""
    refusal: Unauthenticated | None = None
    opened: OpenSignIn | None = None
    with own_transaction(current_app.extensions["sessions"]) as session:
        try:
            opened = verb(session)
        except Unauthenticated as error:
            refusal = error
    if opened is None:
        raise refusal or Unauthenticated(operations.WRONG)
    return opened


def init_app(app: Flask) -> None:
    """Let the application know its visitors."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.request_loader(_from_header)


def address() -> str:
    """Return the address that the request came from, as the server in front reports it."""
    return request.remote_addr or ""
