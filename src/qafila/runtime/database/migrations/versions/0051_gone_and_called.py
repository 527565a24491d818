"""Parcels that are gone on their way have a state of their own; and what calls to buyers before the door came to.

Revision ID: 0051
"""

from alembic import op

revision = "0051"
down_revision = "0050"

_STATES = "'open', 'planned', 'out', 'failed', 'at_point', 'delivered', 'returning'"


def upgrade() -> None:
    op.execute(
        f"""
        ALTER TABLE deliveries
            DROP CONSTRAINT deliveries_state_check,
            ADD CONSTRAINT deliveries_state_check CHECK (state IN ({_STATES}, 'gone')) NOT VALID,
            ADD COLUMN gone_why text NOT NULL DEFAULT '' CHECK (gone_why IN ('', 'stolen', 'lost', 'destroyed')),
            ADD COLUMN gone_report text NOT NULL DEFAULT '',
            ADD COLUMN settled_at timestamptz,  -- its cash is noted, its claim is open, and its buyer and merchant are told
            ADD COLUMN called text NOT NULL DEFAULT ''
                CHECK (called IN ('', 'confirmed', 'other_day', 'wrong_number', 'no_answer')),
            ADD COLUMN called_at timestamptz;
        """
    )


def downgrade() -> None:
    op.execute(
        f"""
        UPDATE deliveries SET state = 'failed' WHERE state = 'gone';
        ALTER TABLE deliveries
            DROP CONSTRAINT deliveries_state_check,
            ADD CONSTRAINT deliveries_state_check CHECK (state IN ({_STATES})),
            DROP COLUMN gone_why, DROP COLUMN gone_report, DROP COLUMN settled_at, DROP COLUMN called, DROP COLUMN called_at;
        """
    )
