"""The door of pages and endpoints: who asks, and what they may do, by the table of `policy`."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import flask_login
from flask import abort

from api import policy, transaction
from api.access import Access
from api.identity import Identity
from api.policy import Action
from models.scope import Scope
from models.session import Session

P = ParamSpec("P")
T = TypeVar("T")

visitor: Final[Any] = flask_login.current_user
"""Whoever sends the request, signed in or not."""


def asking() -> Identity:
    """Return who asks; an unknown visitor is sent to the sign-in."""
    if not visitor.is_authenticated:
        abort(401)
    identity: Identity = visitor.identity
    return identity


def access(action: Action) -> Access:
    """Return the access with which whoever asks calls the verbs of an action; the verbs check it."""
    return Access(asking(), action)


def at(action: Action) -> tuple[Session, Access]:
    """Return what every verb begins with: the session of the request, and the access of whoever asks."""
    return transaction.session(), access(action)


def require(action: Action, *places: Scope) -> Access:
    """Return the access of whoever asks if they may do this to one of the places, or end the request with 403."""
    entered = access(action)
    entered.require(*places)
    return entered


def may(action: str, *places: Scope) -> bool:
    """Tell whether whoever asks may do this: what pages show or leave out."""
    return policy.may(asking(), Action(action), *places).allowed


def needs(action: Action) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a view be reached only by those who may do this to something."""

    def guard(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            require(action)
            return view(*args, **kwargs)

        return guarded

    return guard
