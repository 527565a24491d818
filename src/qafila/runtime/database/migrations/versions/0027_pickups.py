"""Pick-ups that merchants book.

Revision ID: 0027
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE pickups (
            merchant_id  text NOT NULL REFERENCES tenants,
            pickup_id    text NOT NULL,
            station      text NOT NULL,  -- the facility whose van comes
            address      text[] NOT NULL,
            opens        timestamptz NOT NULL,
            closes       timestamptz NOT NULL CHECK (closes > opens),
            parcels      text[] NOT NULL,
            grams        bigint NOT NULL,
            note         text NOT NULL DEFAULT '',
            booked_at    timestamptz NOT NULL,
            cancelled_at timestamptz,
            PRIMARY KEY (merchant_id, pickup_id)
        );
        CREATE INDEX ON pickups USING gin (parcels) WHERE cancelled_at IS NULL;
        CREATE INDEX ON pickups (station, opens) WHERE cancelled_at IS NULL;
        """
    )
    for said in bound("pickups", merchant="SELECT, INSERT, UPDATE", partner="SELECT"):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE pickups")
