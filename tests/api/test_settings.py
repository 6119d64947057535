"""Settings: numbers within limits, and files that only their owner reads."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import read_settings

ROOT = Path(__file__).resolve().parents[2]
USE = """
import os
os.umask(0)
from wsgi import app
from models import migrations
from models.locks import hold
from models.session import make_engine, transaction
from sqlalchemy import text

engine, uploads = app.extensions["engine"], app.extensions["settings"].uploads
migrations.upgrade(engine)
uploads.mkdir(exist_ok=True)
(uploads / "kept").write_text("имена")
app.extensions["queue"].storage.enqueue(b"1")
with engine.begin() as connection, hold(engine, 5):
    connection.execute(text("CREATE TABLE more (id INTEGER)"))
    print(*sorted(path.name for path in app.extensions["settings"].instance.rglob("*")))
    for path in app.extensions["settings"].instance.rglob("*"):
        print(oct(path.stat().st_mode & 0o777), path.name)
"""
OF_DATABASE = {"marshrut.sqlite3", "marshrut.sqlite3-wal", "marshrut.sqlite3-shm", "marshrut.sqlite3-job-5"}
KEPT = {*OF_DATABASE, "queue.sqlite3", "secret_key", "uploads", "kept"}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def used(instance: Path) -> dict[str, str]:
    """Let a process under a permissive umask use an installation; return the rights of its files meanwhile."""
    environment = {**os.environ, "INSTANCE_DIR": str(instance)}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-c", USE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    lines = (line.split(" ", 1) for line in done.stdout.splitlines()[1:])
    return {name: rights for rights, name in lines}


def test_only_the_owner_reads_what_an_installation_keeps(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    rights = used(instance)
    assert set(rights) >= KEPT
    assert {name: one for name, one in rights.items() if one not in ("0o600", "0o700")} == {}
    assert mode(instance) == 0o700


def test_what_was_open_to_others_is_closed_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = tmp_path / "instance"
    folders = (instance, instance / "uploads", instance / "uploads" / "old")
    for folder in folders:
        folder.mkdir()
    files = [instance / name for name in (*OF_DATABASE, "queue.sqlite3", "queue.sqlite3-wal", "secret_key")]
    files += [instance / "uploads" / "one", instance / "uploads" / "old" / "two"]
    strange = instance / "notes.sh"
    for path in (*files, strange):
        path.write_text("")
    outside = tmp_path / "outside"
    outside.write_text("")
    (instance / "uploads" / "link").symlink_to(outside)
    for path in (*folders, *files, strange, outside):
        path.chmod(0o777)
    monkeypatch.setenv("INSTANCE_DIR", str(instance))
    before = os.umask(0)
    try:
        read_settings()
    finally:
        os.umask(before)
    assert {mode(path) for path in folders} == {0o700}
    assert {mode(path) for path in files} == {0o600}
    assert (mode(strange), mode(outside)) == (0o777, 0o777)


def test_a_database_elsewhere_is_closed_and_its_folder_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "data" / "own.sqlite3"
    database.parent.mkdir(mode=0o755)
    database.write_text("")
    database.chmod(0o644)
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
    before = os.umask(0o022)
    try:
        read_settings()
    finally:
        os.umask(before)
    assert (mode(database), mode(database.parent)) == (0o600, 0o755)


@pytest.mark.parametrize("text", ["", "0", "-1", "65536", "00000008000", "9" * 5000, "٨٠٠٠", "1e3", "8000 "])
def test_a_number_that_means_nothing_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", text)
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit, match="PORT"):
            read_settings()
    finally:
        os.umask(before)
