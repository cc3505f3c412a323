"""Find undos that are asked for by an index"""

import sqlalchemy as sa
from alembic import op

revision = "a6f20d4c81e9"
down_revision = "5d0c7be2a914"

PENDING = sa.text("undo_asked_at IS NOT NULL AND undone_at IS NULL")


def upgrade():
    op.create_index(
        "ix_import_run_undo_pending",
        "import_run",
        ["recurring_import_id"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def downgrade():
    op.drop_index("ix_import_run_undo_pending", "import_run")
