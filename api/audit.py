"""The journal: who did what to which row, written in the same transaction as the act itself."""

from datetime import UTC, datetime
from typing import Protocol

from models.journal import add_entry
from models.session import Session


class Actor(Protocol):
    """Whoever acts: an `api.identity.Identity`, or anything else that belongs to an account."""

    @property
    def account_id(self) -> int | None: ...


def record(
    session: Session, actor: Actor, action: str, subject: str, subject_id: int | None = None, **details: object
) -> None:
    """Note an act, or a read of personal results; `details` may hold codes and counts, never a name or a result."""
    add_entry(session, datetime.now(UTC), actor.account_id, action, subject, subject_id, details)
