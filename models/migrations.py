"""The schema of the database and its numbered migrations."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData

from models.records import Record

FOLDER: Final = Path(__file__).resolve().parent.parent / "migrations"
HEAD: Final = FOLDER / "HEAD"
"""Holds the newest revision, so that two branches that both add a migration collide on merging."""


def metadata() -> MetaData:
    """Return the schema as the records declare it."""
    for module in sorted(Path(__file__).parent.glob("*.py")):
        if module.stem not in ("__init__", "migrations"):
            import_module(f"models.{module.stem}")
    return Record.metadata


def head() -> str:
    """Return the newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(engine: Engine) -> str:
    """Return the revision of a database, empty for a new one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest revision in one transaction; a new one gets all tables."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def add_revision(engine: Engine, message: str) -> str:
    """Write the next numbered migration from the difference between the records and a migrated database."""
    number = f"{int(head() or 0) + 1:04d}"
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)
    HEAD.write_text(f"{number}\n")
    return number


def differences(engine: Engine) -> list[Any]:
    """Return what a migrated database has otherwise than the records declare; empty where all is well."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata()))


def _config(connection: Any = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
