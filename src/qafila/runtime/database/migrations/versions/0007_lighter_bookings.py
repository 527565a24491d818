"""A booking costs less to write: JSON that no query looks into is kept as it was sent, legs lose what nobody reads.

Orders, offers and the details of events are json: jsonb is taken apart, sorted and put together for queries of which there
are hardly any. Offers are not compressed, which took longer than all the rest of an offer; their documents are shorter now.
Nobody looks for offers by their order, or for legs by their service: those indexes go.
Of a leg remains what capacity and plans ask; its times are in the offer and in the history. That it belongs to a
booking is checked once for each statement, as with events; no booking goes while its shipment stays.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE orders ALTER document TYPE json USING document::json;
        ALTER TABLE offers ALTER document TYPE json USING document::json;
        ALTER TABLE offers ALTER document SET STORAGE EXTERNAL;
        DROP INDEX offers_merchant_id_order_id_idx;
        ALTER TABLE events ALTER details TYPE json USING details::json;

        ALTER TABLE booking_legs
            DROP COLUMN mode, DROP COLUMN depart, DROP COLUMN arrive, DROP COLUMN ready_at,
            DROP CONSTRAINT booking_legs_merchant_id_booking_id_fkey;
        DROP INDEX booking_legs_service_id_service_day_idx;

        CREATE FUNCTION legs_have_a_booking() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stray text;
        BEGIN
            SELECT f.booking_id INTO stray
                FROM (SELECT DISTINCT merchant_id, booking_id FROM fresh) f
                LEFT JOIN bookings b USING (merchant_id, booking_id)
                WHERE b.booking_id IS NULL LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'leg of booking %, which is no booking of this merchant', stray
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER has_a_booking AFTER INSERT ON booking_legs
            REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION legs_have_a_booking();
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TRIGGER has_a_booking ON booking_legs;
        DROP FUNCTION legs_have_a_booking;
        CREATE INDEX ON booking_legs (service_id, service_day);
        -- what they held is in the offers
        ALTER TABLE booking_legs
            ADD COLUMN mode smallint, ADD COLUMN depart timestamptz, ADD COLUMN arrive timestamptz,
            ADD COLUMN ready_at timestamptz,
            ADD FOREIGN KEY (merchant_id, booking_id) REFERENCES bookings;

        ALTER TABLE events ALTER details TYPE jsonb USING details::jsonb;
        CREATE INDEX ON offers (merchant_id, order_id);
        ALTER TABLE offers ALTER document SET STORAGE EXTENDED;
        ALTER TABLE offers ALTER document TYPE jsonb USING document::jsonb;
        ALTER TABLE orders ALTER document TYPE jsonb USING document::jsonb;
        """
    )
