"""`flask accounts`: the first accounts of an installation; the others are made on its pages."""

import click
from flask.cli import AppGroup

from api.account.operations import create_account
from api.cli.context import access, known_territory, refusing, sessions, territory_option
from api.errors import InvalidInput
from api.identity import Grant, Scope
from api.policy import Action
from models.session import transaction

ROLES = ("tutor", "coordinator")

accounts = AppGroup("accounts", help="Учётные записи.")


@accounts.command("add", help="Завести учётную запись тьютора или координатора; пароль спрашивается.")
@click.argument("login")
@click.option("--role", required=True, metavar="ROLE", help=f"Роль: {', '.join(ROLES)}.")
@click.option("--name", required=True, help="Имя, которое видят люди.")
@territory_option
@click.password_option("--password", prompt="Пароль", confirmation_prompt="Ещё раз", help="Пароль (лучше ввести).")
@refusing
def add(login: str, role: str, name: str, territory: str, password: str) -> None:
    if role not in ROLES:
        raise InvalidInput(f"Роли «{role}» нет; есть {', '.join(ROLES)}.", field="role")
    if len(password) < 10:
        raise InvalidInput("Пароль короче 10 знаков.", field="password")
    grant = Grant(role, Scope(known_territory(territory)))
    with transaction(sessions()) as session:
        create_account(
            session, access(Action.ACCOUNTS_MAKE), login=login, password=password, display_name=name, grants=[grant]
        )
    click.echo(f"Учётная запись «{login}» заведена.")
