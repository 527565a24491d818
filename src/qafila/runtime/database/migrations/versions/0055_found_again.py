"""What is found again, and what is lost on its way back: claims that are withdrawn or booked back, returns that are gone.

Revision ID: 0055
"""

from alembic import op

revision = "0055"
down_revision = "0054"
BREAKS = "builds an index on claims under a lock: the table has few rows and few writers"

_CLAIMS = "'open', 'granted', 'refused'"
_RETURNS = "'offered', 'asked', 'on_way', 'arrived', 'inspected', 'closed', 'void'"


def upgrade() -> None:
    op.execute(
        f"""
        ALTER TABLE claims
            DROP CONSTRAINT claims_state_check,
            ADD CONSTRAINT claims_state_check CHECK (state IN ({_CLAIMS}, 'withdrawn', 'taken_back')) NOT VALID,
            DROP CONSTRAINT claims_check,
            ADD CONSTRAINT claims_check CHECK ((state IN ('granted', 'taken_back')) = (granted IS NOT NULL)) NOT VALID,
            ADD COLUMN found_at timestamptz;  -- when the parcel of a claim for its loss was found
        DROP INDEX claims_once;
        CREATE UNIQUE INDEX claims_once ON claims (parcel, kind) WHERE state IN ('open', 'granted');
        ALTER TABLE returns
            DROP CONSTRAINT returns_state_check,
            ADD CONSTRAINT returns_state_check CHECK (state IN ({_RETURNS}, 'gone')) NOT VALID,
            ADD COLUMN settled_at timestamptz;  -- it is gone, its claim is open, and its buyer and merchant are told
        """
    )


def downgrade() -> None:
    op.execute(
        f"""
        UPDATE claims SET state = 'refused', granted = NULL WHERE state IN ('withdrawn', 'taken_back');
        DROP INDEX claims_once;
        CREATE UNIQUE INDEX claims_once ON claims (parcel, kind) WHERE state <> 'refused';
        ALTER TABLE claims
            DROP CONSTRAINT claims_state_check,
            ADD CONSTRAINT claims_state_check CHECK (state IN ({_CLAIMS})),
            DROP CONSTRAINT claims_check,
            ADD CONSTRAINT claims_check CHECK ((state = 'granted') = (granted IS NOT NULL)),
            DROP COLUMN found_at;
        UPDATE returns SET state = 'on_way' WHERE state = 'gone';
        ALTER TABLE returns
            DROP CONSTRAINT returns_state_check,
            ADD CONSTRAINT returns_state_check CHECK (state IN ({_RETURNS})),
            DROP COLUMN settled_at;
        """
    )
