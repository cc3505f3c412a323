"""Count and name people in dry runs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "823ec952b8d8"
down_revision = "8a51c0d2e7b4"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    # The defaults are for the runs that are there already; the model gives new ones theirs.
    op.add_column("import_run", sa.Column("over_cap", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("import_run", sa.Column("samples", JSON, nullable=False, server_default="{}"))


def downgrade():
    op.drop_column("import_run", "samples")
    op.drop_column("import_run", "over_cap")
