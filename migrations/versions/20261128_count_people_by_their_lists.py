"""Count people by their lists

Every query names the account, so SQLite took the index that began with it for the import's own questions, and read whole lists.
"""

from alembic import op

revision = "c81f4e6a2d57"
down_revision = "b5d21c7e9f04"


def upgrade():
    op.drop_index("ix_contact_account_id_list_id_status", "contact")
    op.create_index("ix_contact_list_id_status_account_id", "contact", ["list_id", "status", "account_id"])


def downgrade():
    op.drop_index("ix_contact_list_id_status_account_id", "contact")
    op.create_index("ix_contact_account_id_list_id_status", "contact", ["account_id", "list_id", "status"])
