"""A pair may be marked to be replaced"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels: Any = None
depends_on: Any = None


def upgrade() -> None:
    # Rows that are there stay as they are: nothing of theirs is to be replaced.
    with op.batch_alter_table('mentor_pair', schema=None) as batch_op:
        batch_op.add_column(sa.Column('to_replace', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('mentor_pair', schema=None) as batch_op:
        batch_op.drop_column('to_replace')
