"""`flask db`: the schema of the database and the reference data in it."""

import click
from flask.cli import AppGroup

from api.catalogue.operations import sync_reference
from api.cli.context import engine, refusing, sessions
from models import migrations
from models.session import transaction

db = AppGroup("db", help="Схема базы данных.")


@db.command("upgrade", help="Создать базу или привести её к схеме этой версии.")
@refusing
def upgrade() -> None:
    bring_up()


def bring_up() -> None:
    """Bring schema and reference data to the state of this version."""
    before = migrations.current(engine())
    migrations.upgrade(engine())
    with transaction(sessions()) as session:
        sync_reference(session)
    if before != migrations.head():
        click.echo(f"База данных: версия схемы {before or '–'} → {migrations.head()}.")


@db.command("current", help="Показать версию схемы базы.")
def current() -> None:
    found = migrations.current(engine()) or "–"
    click.echo(f"{found} (последняя {migrations.head()})")


@db.command("revision", help="Записать следующую миграцию по разнице между моделями и базой.")
@click.argument("message")
def revision(message: str) -> None:
    click.echo(f"Миграция {migrations.add_revision(engine(), message)} записана, прочтите её.")
