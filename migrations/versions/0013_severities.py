"""what a project says of findings' severities"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("severities", JSONB(), server_default="{}", nullable=False))
    op.create_check_constraint("severities", "projects", "jsonb_typeof(severities) = 'object'")


def downgrade() -> None:
    op.drop_column("projects", "severities")
