"""What is answered about long work."""

from datetime import datetime
from typing import Any, Literal

from api.fields import Answer


class WholeJob(Answer):
    """Long work in the background."""

    id: int
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    seconds_left: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: str
