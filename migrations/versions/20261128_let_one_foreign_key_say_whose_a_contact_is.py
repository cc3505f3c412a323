"""Let one foreign key say whose a contact is, and the contact which run added it

Each foreign key costs an import as much as writing the row, and each added person cost a row of run_change besides.
"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c7be2a914"
down_revision = "e83d1a90c7b2"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GONE = {
    "contact": ["fk_contact_account_id_account", "fk_contact_list_id_contact_list"],
    "source_record": [
        "fk_source_record_account_id_account",
        "fk_source_record_integration_id_integration",
        "fk_source_record_list_id_contact_list",
    ],
    "run_change": ["fk_run_change_account_id_account"],
}
OF_LIST = ("fk_contact_list_id_contact_list", "contact_list", ["list_id", "account_id"], ["id", "account_id"])


def upgrade():
    op.drop_index("ix_contact_account_id", "contact")
    op.drop_index("ix_source_record_account_id", "source_record")
    op.drop_index("ix_source_record_integration_id", "source_record")
    op.drop_index("ix_run_change_account_id", "run_change")
    with op.batch_alter_table("contact_list") as table:
        table.create_unique_constraint("uq_contact_list_id_account_id", ["id", "account_id"])
    for name, constraints in GONE.items():
        with op.batch_alter_table(name) as table:
            for constraint in constraints:
                table.drop_constraint(constraint, type_="foreignkey")
            if name == "contact":
                table.add_column(sa.Column("added_run_id", BIG, nullable=True))
    with op.batch_alter_table("contact") as table:
        table.create_foreign_key(*OF_LIST, ondelete="CASCADE")
    note_who_was_added()
    op.create_index("ix_contact_added_run_id", "contact", ["added_run_id"])


def note_who_was_added():
    """Whom an undo has already decided to keep stays in run_change, with the reason."""
    added = "run_change.contact_id = contact.id AND run_change.added AND run_change.kept IS NULL"
    op.execute(f"UPDATE contact SET added_run_id = (SELECT max(run_id) FROM run_change WHERE {added})")  # noqa: S608
    op.execute("DELETE FROM run_change WHERE added AND kept IS NULL")


def downgrade():
    raise NotImplementedError("Restore the backup that was made before the upgrade.")
