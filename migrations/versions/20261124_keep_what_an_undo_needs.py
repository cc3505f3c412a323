"""Keep what an undo needs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c41f7d0b93aa"
down_revision = "823ec952b8d8"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "run_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("kept", sa.String(length=32), nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_run_change_account_id_account", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_run_change_contact_id_contact", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name="fk_run_change_run_id_import_run", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run_change"),
    )
    op.create_index("ix_run_change_account_id", "run_change", ["account_id"])
    op.create_index("ix_run_change_contact_id", "run_change", ["contact_id"])
    op.create_index("ix_run_change_run_id_id", "run_change", ["run_id", "id"])
    op.add_column("import_run", sa.Column("undo_asked_at", TIME, nullable=True))
    op.add_column("import_run", sa.Column("undone_at", TIME, nullable=True))
    # The default is for the runs that are there already; the model gives new ones theirs.
    op.add_column("import_run", sa.Column("undone", JSON, nullable=False, server_default="{}"))


def downgrade():
    for name in ("undone", "undone_at", "undo_asked_at"):
        op.drop_column("import_run", name)
    op.drop_table("run_change")
