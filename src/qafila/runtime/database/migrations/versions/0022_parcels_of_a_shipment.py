"""A shipment has one or many parcels; an order that several facilities send is several parts.

What was booked before has one parcel each, which is what the defaults say. Of a leg's columns that are null the booking
tells: only where parcels of one booking go different ways do they say how many ride, and how much they take.

Revision ID: 0022
"""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE parcels
            ADD COLUMN position smallint NOT NULL DEFAULT 1 CHECK (position >= 1),
            -- the way of a parcel that was booked on alone; null: that of its booking
            ADD COLUMN offer_id text,
            ADD FOREIGN KEY (merchant_id, offer_id) REFERENCES offers;
        DROP INDEX parcels_merchant_id_shipment_id_idx;
        GRANT SELECT (position) ON parcels TO qafila_public;
        CREATE UNIQUE INDEX parcels_of_a_shipment ON parcels (merchant_id, shipment_id, position);
        ALTER TABLE bookings ADD COLUMN parcels smallint NOT NULL DEFAULT 1 CHECK (parcels >= 1);
        ALTER TABLE booking_legs
            ADD COLUMN parcel text NOT NULL DEFAULT '',  -- the number of one that goes its own way
            ADD COLUMN parcels smallint, ADD COLUMN grams bigint, ADD COLUMN cm3 bigint,
            DROP CONSTRAINT booking_legs_pkey,
            ADD PRIMARY KEY (merchant_id, booking_id, parcel, leg);
        CREATE INDEX orders_parts ON orders (merchant_id, (document->>'whole')) WHERE document->>'whole' <> '';
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM bookings WHERE parcels > 1) THEN
                RAISE EXCEPTION 'there are shipments of several parcels, which the version before does not know';
            END IF;
        END $$;
        DROP INDEX orders_parts;
        ALTER TABLE booking_legs
            DROP CONSTRAINT booking_legs_pkey, DROP COLUMN parcel, DROP COLUMN parcels, DROP COLUMN grams, DROP COLUMN cm3,
            ADD PRIMARY KEY (merchant_id, booking_id, leg);
        ALTER TABLE bookings DROP COLUMN parcels;
        DROP INDEX parcels_of_a_shipment;
        CREATE INDEX ON parcels (merchant_id, shipment_id);
        ALTER TABLE parcels DROP COLUMN position, DROP COLUMN offer_id;
        """
    )
