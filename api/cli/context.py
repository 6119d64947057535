"""What every command needs: the application's parts, the actor, and refusals that end with a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from api.access import Access
from api.errors import InvalidInput, ServiceError
from api.identity import command_line
from api.policy import Action
from api.settings import Settings
from data.reference.loading import territory_codes
from models import migrations
from models.session import Engine, Sessions

P = ParamSpec("P")
T = TypeVar("T")

REFUSED = 2
"""The exit code of a command whose question as a whole is refused."""


def settings() -> Settings:
    """Return the settings of this installation."""
    found: Settings = current_app.extensions["settings"]
    return found


def engine() -> Engine:
    """Return the engine of this installation's database."""
    found: Engine = current_app.extensions["engine"]
    return found


def sessions() -> Sessions:
    """Return the factory of sessions, once the database is known to have the schema of this code."""
    if migrations.current(engine()) != migrations.head():
        raise InvalidInput("База данных не готова к работе с этой версией. Выполните: flask db upgrade")
    found: Sessions = current_app.extensions["sessions"]
    return found


def access(action: Action) -> Access:
    """Return the access of whoever may start commands here to the verbs of an action."""
    return Access(command_line(territory_codes()), action)


def known_territory(code: str) -> str:
    """Return a territory's code, or refuse one that there is not."""
    if code not in territory_codes():
        raise InvalidInput(f"Территории «{code}» нет; есть {', '.join(territory_codes())}.", field="territory")
    return code


def refusing(command: Callable[P, T]) -> Callable[P, T]:
    """Run a command within the application; a refusal is its sentence on the error stream and the exit code 2."""

    @wraps(command)
    def refused(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except ServiceError as refusal:
            click.echo(refusal.message, err=True)
            raise SystemExit(REFUSED) from None

    return with_appcontext(refused)


def territory_option(command: Callable[P, T]) -> Callable[P, T]:
    """Give a command the option that says which territory it is about."""
    return click.option("--territory", required=True, metavar="CODE", help="Код территории.")(command)
