"""A broker's own particulars are kept beside senders and receivers.

Revision ID: 0033
"""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    _kinds("'sender', 'receiver', 'declarant'")


def downgrade() -> None:
    op.execute("DELETE FROM saved_addresses WHERE kind = 'declarant'")
    _kinds("'sender', 'receiver'")


def _kinds(kinds: str) -> None:
    op.execute(
        "ALTER TABLE saved_addresses DROP CONSTRAINT saved_addresses_kind_check, "
        f"ADD CONSTRAINT saved_addresses_kind_check CHECK (kind IN ({kinds}))"
    )
