"""Parcels of one shipment may leave for another network together, with one document.

Revision ID: 0039
"""

from alembic import op

revision = "0039"
down_revision = "0038"
BREAKS = "builds an index on handovers under a lock: the table has few rows and few writers"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE handovers
            DROP CONSTRAINT handovers_merchant_id_direction_digest_key,
            ADD COLUMN position smallint NOT NULL DEFAULT 0;  -- of the parcel in its document
        CREATE INDEX ON handovers (merchant_id, direction, digest);
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP INDEX handovers_merchant_id_direction_digest_idx;
        ALTER TABLE handovers DROP COLUMN position,
            ADD CONSTRAINT handovers_merchant_id_direction_digest_key UNIQUE (merchant_id, direction, digest);
        """
    )
