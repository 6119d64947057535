"""How Alembic reaches the database: over the connection that `models/migrations.py` hands in."""

from typing import Any, Literal

from alembic import context

from models.migrations import metadata
from models.records import Moment


def plain_moment(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write moments as the column type that they are in the database: migrations outlive the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_item=plain_moment,
    # SQLite cannot alter a table, so Alembic copies it.
    render_as_batch=True,
    compare_type=True,
)

with context.begin_transaction():
    context.run_migrations()
