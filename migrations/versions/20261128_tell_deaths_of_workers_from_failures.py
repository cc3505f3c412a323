"""Tell deaths of workers from failures of the vendor"""

import sqlalchemy as sa
from alembic import op

revision = "b5d21c7e9f04"
down_revision = "9b1e64c07f3d"


def upgrade():
    # The default is for the rows that are there already; the model gives new ones theirs.
    op.add_column("import_run", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))


def downgrade():
    op.drop_column("import_run", "deaths")
