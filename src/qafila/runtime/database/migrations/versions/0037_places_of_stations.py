"""At which facilities a station works: of these alone its keys and its people may speak, whatever door they come through.

Stations of before keep the places of which they have reported so far.

Revision ID: 0037
"""

from alembic import op

from qafila.runtime.database.rights import OWN

revision = "0037"
down_revision = "0036"

_TENANT = "current_setting('qafila.merchant', true)"  # none where a transaction is nobody's


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE tenant_places (
            tenant_id text NOT NULL REFERENCES tenants,
            facility  text NOT NULL CHECK (facility <> ''),
            since     timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, facility)
        );
        INSERT INTO tenant_places (tenant_id, facility)
            SELECT DISTINCT e.tenant, e.facility FROM events e JOIN tenants t ON t.tenant_id = e.tenant
            WHERE t.kind = 'station' AND e.facility <> '';
        ALTER TABLE tenant_places ENABLE ROW LEVEL SECURITY;
        CREATE POLICY operator_sees_all ON tenant_places TO qafila_operator USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, DELETE ON tenant_places TO qafila_operator;
        CREATE POLICY regulator_sees_all ON tenant_places FOR SELECT TO qafila_regulator USING (true);
        GRANT SELECT ON tenant_places TO qafila_regulator;
        CREATE POLICY own_places ON tenant_places FOR SELECT TO qafila_partner, qafila_accounts USING (tenant_id = {OWN});
        GRANT SELECT ON tenant_places TO qafila_partner, qafila_accounts;

        CREATE POLICY doorkeeper ON tenant_places FOR SELECT TO qafila_doorkeeper USING (true);
        GRANT SELECT ON tenant_places TO qafila_doorkeeper;

        CREATE FUNCTION may_speak_of(place text) RETURNS boolean
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT place IS NULL
                OR EXISTS (SELECT FROM tenant_places WHERE tenant_id = {_TENANT} AND facility = place)
                OR NOT EXISTS (SELECT FROM tenants WHERE tenant_id = {_TENANT} AND kind = 'station')
        $$;
        REVOKE ALL ON FUNCTION may_speak_of FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION may_speak_of TO qafila_partner;
        CREATE POLICY stations_speak_of_their_places ON events AS RESTRICTIVE FOR INSERT TO qafila_partner
            WITH CHECK (may_speak_of(facility) AND (subject_kind <> 'facility' OR may_speak_of(subject_id)));

        CREATE FUNCTION places_of_parcels(numbers text[]) RETURNS TABLE (number text, facility text)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT p.number, place FROM parcels p
                JOIN shipments s USING (merchant_id, shipment_id)
                JOIN booking_legs l ON (l.merchant_id, l.booking_id) = (s.merchant_id, s.booking_id)
                    AND l.parcel IN ('', p.number)
                CROSS JOIN LATERAL (VALUES (l.from_facility), (l.to_facility)) AS calls (place)
            WHERE p.number = ANY(numbers)
            UNION
            SELECT e.subject_id, e.facility FROM events e
            WHERE e.subject_kind = 'parcel' AND e.subject_id = ANY(numbers) AND e.facility IS NOT NULL
        $$;
        REVOKE ALL ON FUNCTION places_of_parcels FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION places_of_parcels TO qafila_partner, qafila_operator;
        """
    )


def downgrade() -> None:
    op.execute("DROP POLICY stations_speak_of_their_places ON events")
    op.execute("DROP FUNCTION may_speak_of, places_of_parcels")
    op.execute("DROP TABLE tenant_places")
