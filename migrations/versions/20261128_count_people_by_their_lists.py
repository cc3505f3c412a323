"""Count people by their lists

Every query names the account, so SQLite took an index that began with it for the import's own questions, and read whole lists.
"""

from alembic import op

revision = "c81f4e6a2d57"
down_revision = "b5d21c7e9f04"


def upgrade():
    # Databases have one or the other, by the day on which they came past 5d0c7be2a914.
    for name in ("ix_contact_list_id_status", "ix_contact_account_id_list_id_status"):
        op.drop_index(name, "contact", if_exists=True)
    op.create_index("ix_contact_list_id_status_account_id", "contact", ["list_id", "status", "account_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE contact SET (fillfactor = 85)")
        op.execute("ALTER TABLE source_record SET (fillfactor = 50)")


def downgrade():
    op.drop_index("ix_contact_list_id_status_account_id", "contact")
    op.create_index("ix_contact_list_id_status", "contact", ["list_id", "status"])
