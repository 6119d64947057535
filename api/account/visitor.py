"""How Flask-Login finds out who is asking: a cookie or a bearer token that opens a row of `sign_in`."""

from flask import Flask, Request, request
from flask_login import LoginManager, UserMixin

from api import transaction
from api.account.operations import OpenSignIn, resume
from api.identity import Identity


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
    return _load(token.strip()) if scheme.lower() == "bearer" and token.strip() else None


def init_app(app: Flask) -> None:
    """Let the application know its visitors."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    manager.request_loader(_from_header)


def address() -> str:
    """Return the address that the request came from, as the server in front reports it."""
    return request.remote_addr or ""
