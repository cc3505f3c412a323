"""Choose what becomes of those who are gone from the source"""

import sqlalchemy as sa
from alembic import op

revision = "d70c2b6e51f8"
down_revision = "c41f7d0b93aa"


def upgrade():
    # The defaults are for the rows that are there already; the models give new ones theirs.
    op.add_column(
        "recurring_import", sa.Column("absence", sa.String(length=32), nullable=False, server_default="ignore")
    )
    op.add_column("import_run", sa.Column("gone", sa.Integer(), nullable=False, server_default="0"))


def downgrade():
    op.drop_column("import_run", "gone")
    op.drop_column("recurring_import", "absence")
