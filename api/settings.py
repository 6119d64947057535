"""Settings of an installation, read once from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`instance` is the one folder to back up: database, queue, uploads, secret key."""

    instance: Path
    database_url: str
    secret_key: str
    secure_cookies: bool = False
    upload_megabytes: int = 50
    session_hours: int = 12
    eager_jobs: bool = False

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"


def read_settings() -> Settings:
    """Return the settings of the environment: INSTANCE_DIR, DATABASE_URL, SECURE_COOKIES, UPLOAD_MEGABYTES."""
    instance = Path(os.environ.get("INSTANCE_DIR", "instance")).resolve()
    instance.mkdir(parents=True, exist_ok=True)
    return Settings(
        instance=instance,
        database_url=os.environ.get("DATABASE_URL", f"sqlite:///{instance / 'marshrut.sqlite3'}"),
        secret_key=_secret_key(instance / "secret_key"),
        secure_cookies=os.environ.get("SECURE_COOKIES", "") == "1",
        upload_megabytes=int(os.environ.get("UPLOAD_MEGABYTES", "50")),
    )


def _secret_key(path: Path) -> str:
    """Return the installation's key, made on the first start and readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()
