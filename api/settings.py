"""Settings of an installation, read once from the environment."""

import glob
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from api.fields import whole_number


@dataclass(frozen=True, slots=True)
class Settings:
    """`instance` is the one folder to back up: database, queue, uploads, secret key.

    The queue lies in it too, or in the Redis of `redis_url`. With `eager_jobs` a job runs at once in the process that
    asked for it (tests). `workers` threads take long work, each of them drafting routes in `draft_jobs` processes;
    `processes` of `threads` each answer requests.
    """

    instance: Path
    database_url: str
    secret_key: str
    secure_cookies: bool = False
    upload_megabytes: int = 50
    session_hours: int = 12
    eager_jobs: bool = False
    redis_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    draft_jobs: int = 1
    threads: int = 4
    processes: int = 1
    recommend_rate: str = "120 per minute"
    rate_storage: str = "memory://"

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"


def read_settings() -> Settings:
    """Return the settings of the environment; `docs/operations.md` lists its variables."""
    # Names and results lie in files: whatever this process makes is its owner's alone.
    os.umask(0o077)
    instance = Path(os.environ.get("INSTANCE_DIR", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    database_url = os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'marshrut.sqlite3'}")
    _close_to_others(instance, Path(database_url.removeprefix("sqlite:///")))
    return Settings(
        instance=instance,
        database_url=database_url,
        secret_key=_secret_key(instance / "secret_key"),
        secure_cookies=os.environ.get("SECURE_COOKIES", "") == "1",
        upload_megabytes=_number("UPLOAD_MEGABYTES", 50, most=10_000),
        redis_url=os.environ.get("REDIS_URL", ""),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=_number("PORT", 8000, most=65_535),
        workers=_number("WORKERS", 1),
        draft_jobs=_number("DRAFT_JOBS", 1),
        threads=_number("THREADS", 4),
        processes=_number("PROCESSES", 1),
        recommend_rate=os.environ.get("RECOMMEND_RATE", "120 per minute"),
        rate_storage=os.environ.get("RATE_STORAGE", "memory://"),
    )


def _close_to_others(instance: Path, database: Path) -> None:
    """Take from others the right to read what an older version left open: the folder, databases, uploads, the key."""
    beside = database.parent.glob(f"{glob.escape(database.name)}*") if database.is_file() else ()
    own = (*instance.glob("queue.sqlite3*"), instance / "secret_key", *(instance / "uploads").rglob("*"))
    for path in (instance, instance / "uploads", *own, *beside):
        # What belongs to somebody else is not ours to close.
        with suppress(FileNotFoundError, PermissionError):
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)


def _number(name: str, default: int, *, least: int = 1, most: int = 1000) -> int:
    text = os.environ.get(name, str(default))
    number = whole_number(text, least, most)
    if number is None:
        raise SystemExit(f"{name} must be a whole number from {least} to {most}, not «{text[:100]}».")
    return number


def _secret_key(path: Path) -> str:
    """Return the installation's key, made on the first start and readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()
