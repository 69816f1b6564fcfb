"""what the checks read out of each contract, beside its likely passages"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.migrating import lock_tables

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock_tables(op.get_bind(), "passages")
    op.add_column("passages", sa.Column("contract", JSONB()))


def downgrade() -> None:
    op.drop_column("passages", "contract")
