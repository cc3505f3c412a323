"""Mend letters that were read in the wrong encoding"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "e83d1a90c7b2"
down_revision = "d70c2b6e51f8"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    # The defaults are for the rows that are there already; the models give new ones theirs.
    op.add_column("field_mapping", sa.Column("repair", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("import_run", sa.Column("garbled", JSON, nullable=False, server_default="{}"))


def downgrade():
    op.drop_column("import_run", "garbled")
    op.drop_column("field_mapping", "repair")
