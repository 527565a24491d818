"""How many parcels a pick-up point takes a day, and how many returns a station; and for which day each was promised.

Revision ID: 0052
"""

from alembic import op

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE deliveries VALIDATE CONSTRAINT deliveries_state_check;
        CREATE TABLE place_limits (
            facility text NOT NULL,
            kind     text NOT NULL CHECK (kind IN ('point', 'returns')),
            per_day  integer NOT NULL CHECK (per_day >= 0),
            by       text NOT NULL,
            at       timestamptz NOT NULL,
            PRIMARY KEY (facility, kind)
        );
        GRANT SELECT, INSERT, UPDATE, DELETE ON place_limits TO qafila_operator;
        ALTER TABLE compartment_stays ADD COLUMN for_day date;  -- on which it is to come
        ALTER TABLE returns ADD COLUMN for_day date;
        """
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE returns DROP COLUMN for_day; ALTER TABLE compartment_stays DROP COLUMN for_day; DROP TABLE place_limits"
    )
