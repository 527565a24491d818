"""Parcels that leave this network for another, and those that come from one.

Revision ID: 0034
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE handovers (
            merchant_id text NOT NULL REFERENCES tenants,
            direction   text NOT NULL CHECK (direction IN ('out', 'in')),
            parcel      text NOT NULL,  -- its number here
            other       text NOT NULL,  -- the network or carrier at the other side
            reference   text NOT NULL DEFAULT '',  -- its number there
            facility    text NOT NULL,
            digest      text NOT NULL,  -- SHA-256 of the document
            document    text NOT NULL,
            note        text NOT NULL,  -- the signature of whoever handed over
            at          timestamptz NOT NULL,
            PRIMARY KEY (merchant_id, direction, parcel),
            UNIQUE (merchant_id, direction, digest)
        );
        """
    )
    for said in bound("handovers", merchant="SELECT, INSERT, UPDATE (reference)", operator="SELECT"):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE handovers")
