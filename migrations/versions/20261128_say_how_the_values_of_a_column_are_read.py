"""Say how the values of a column are read, and keep some of those that did not fit"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "9b1e64c07f3d"
down_revision = "a6f20d4c81e9"

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade():
    # The defaults are for the rows that are there already; the models give new ones theirs.
    op.add_column("field_mapping", sa.Column("reading", JSON, nullable=False, server_default="{}"))
    op.add_column("import_run", sa.Column("unfit", JSON, nullable=False, server_default="{}"))


def downgrade():
    op.drop_column("import_run", "unfit")
    op.drop_column("field_mapping", "reading")
