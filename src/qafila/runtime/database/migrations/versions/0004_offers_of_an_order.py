"""An offer knows the order it was made for: it is not booked for one that has changed since.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE offers ADD COLUMN order_digest bytea NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE offers DROP COLUMN order_digest")
