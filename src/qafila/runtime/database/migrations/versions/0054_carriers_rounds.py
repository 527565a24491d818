"""A vehicle, and each round that it drives, may be a carrier's: its own drivers see these rounds, and no others.

Revision ID: 0054
"""

from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE fleet ADD COLUMN carrier text NOT NULL DEFAULT ''; ALTER TABLE rounds ADD COLUMN carrier text NOT NULL DEFAULT ''"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE rounds DROP COLUMN carrier; ALTER TABLE fleet DROP COLUMN carrier")
