"""Promises: of each parcel that was delivered, whether the day given to the buyer was kept, and what became of those that were not.
Messages keep the values of their words: gateways that take approved templates are told these alone.

Revision ID: 0048
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE promises (
            parcel    text PRIMARY KEY REFERENCES parcels (number),
            tenant_id text NOT NULL,
            promised  timestamptz NOT NULL,
            delivered timestamptz NOT NULL,
            state     text NOT NULL CHECK (state IN ('kept', 'broken', 'paid', 'excused', 'claimed')),
            claim     text REFERENCES claims,  -- by which it was paid for
            looked_at timestamptz
        );
        CREATE INDEX promises_broken ON promises (parcel) WHERE state = 'broken';
        CREATE INDEX ON promises (tenant_id, delivered);
        ALTER TABLE notices ADD COLUMN said text[] NOT NULL DEFAULT '{}';  -- the values of its words, for approved templates
        """
    )
    for said in bound(
        "promises",
        merchant="SELECT",
        operator="SELECT, INSERT, UPDATE",
        regulator="SELECT",
        column="tenant_id",
    ):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE promises; ALTER TABLE notices DROP COLUMN said")
