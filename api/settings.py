"""Settings of an installation, read once from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


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
    instance = Path(os.environ.get("INSTANCE_DIR", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    return Settings(
        instance=instance,
        database_url=os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'marshrut.sqlite3'}"),
        secret_key=_secret_key(instance / "secret_key"),
        secure_cookies=os.environ.get("SECURE_COOKIES", "") == "1",
        upload_megabytes=_number("UPLOAD_MEGABYTES", 50),
        redis_url=os.environ.get("REDIS_URL", ""),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=_number("PORT", 8000),
        workers=_number("WORKERS", 1),
        draft_jobs=max(1, _number("DRAFT_JOBS", 1)),
        threads=_number("THREADS", 4),
        processes=_number("PROCESSES", 1),
        recommend_rate=os.environ.get("RECOMMEND_RATE", "120 per minute"),
        rate_storage=os.environ.get("RATE_STORAGE", "memory://"),
    )


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isdecimal():
        raise SystemExit(f"{name} must be a whole number, not «{text}».")
    return int(text)


def _secret_key(path: Path) -> str:
    """Return the installation's key, made on the first start and readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()
