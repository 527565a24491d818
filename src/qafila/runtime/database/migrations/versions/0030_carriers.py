"""On which services parcels ride, for whoever reports on them: carriers report on their own alone.

Revision ID: 0030
"""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION services_of_parcels(numbers text[]) RETURNS TABLE (number text, service_id text)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT p.number, l.service_id FROM parcels p
                JOIN shipments s USING (merchant_id, shipment_id)
                JOIN booking_legs l ON (l.merchant_id, l.booking_id) = (s.merchant_id, s.booking_id)
                    AND l.parcel IN ('', p.number)
            WHERE p.number = ANY(numbers)
        $$;
        REVOKE ALL ON FUNCTION services_of_parcels FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION services_of_parcels TO qafila_partner;
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION services_of_parcels")
