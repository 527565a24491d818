"""What another network tells of parcels that were handed over to it, and the keys by which partners follow one another.

Revision ID: 0046
"""

from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE handovers ADD COLUMN told jsonb;  -- by whom, how many events, the state there, when it was asked last
        GRANT UPDATE (told) ON handovers TO qafila_merchant;
        CREATE TABLE partner_networks (
            origin     text PRIMARY KEY,  -- the name of its log
            statements jsonb NOT NULL,    -- by which its keys follow one another
            read_at    timestamptz NOT NULL,
            trouble    text NOT NULL DEFAULT ''
        );
        GRANT SELECT ON partner_networks TO qafila_merchant, qafila_operator, qafila_regulator;
        GRANT INSERT, UPDATE ON partner_networks TO qafila_operator;
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE partner_networks; ALTER TABLE handovers DROP COLUMN told")
