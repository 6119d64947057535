"""The journal: who did what to which row, written in the same transaction as the act itself."""

from datetime import UTC, datetime

from api.access import Access
from models.journal import Detail, add_entry
from models.session import Session


def record(session: Session, access: Access, subject: str, subject_id: int | None = None, **details: Detail) -> None:
    """Note an act, or a read of personal results, under the action that allowed it.

    `details` may hold codes and counts, never a name or a result; where an action has several acts, `act` names which.
    """
    add_entry(session, datetime.now(UTC), access.actor.account_id, access.action, subject, subject_id, details)
