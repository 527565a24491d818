"""What carriers brought into the network, the lines to their systems, and the parcels that were given to them there.

Revision ID: 0038
"""

from alembic import op

from qafila.runtime.database.rights import OWN, bound

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE carrier_feeds (
            tenant_id text PRIMARY KEY REFERENCES tenants,
            brought   jsonb NOT NULL,  -- ids by file: what it may change again
            at        timestamptz NOT NULL
        );
        ALTER TABLE carrier_feeds ENABLE ROW LEVEL SECURITY;
        CREATE POLICY operator_sees_all ON carrier_feeds TO qafila_operator USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, UPDATE ON carrier_feeds TO qafila_operator;

        CREATE TABLE carrier_lines (
            tenant_id text PRIMARY KEY REFERENCES tenants,
            adapter   text NOT NULL,
            address   text NOT NULL,
            secret    text NOT NULL DEFAULT '',
            inside    boolean NOT NULL DEFAULT false,  -- may be within the hub's own network
            since     bigint NOT NULL,                 -- bookings behind this event are given to it
            after     text NOT NULL DEFAULT '',        -- its own events are read up to here
            read_at   timestamptz,
            trouble   text NOT NULL DEFAULT '',        -- why it could not be reached at last; empty: it was
            refused   bigint NOT NULL DEFAULT 0,       -- of its events, those that could not be recorded
            refusal   text NOT NULL DEFAULT ''         -- the last reason
        );
        ALTER TABLE carrier_lines ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own_line ON carrier_lines FOR SELECT TO qafila_partner USING (tenant_id = {OWN});
        GRANT SELECT (tenant_id, adapter, address, read_at, trouble, refused, refusal) ON carrier_lines TO qafila_partner;
        CREATE POLICY operator_sees_all ON carrier_lines FOR SELECT TO qafila_operator USING (true);
        GRANT SELECT (tenant_id, adapter, address, read_at, trouble, refused, refusal) ON carrier_lines TO qafila_operator;

        CREATE TABLE carrier_consignments (
            merchant_id text NOT NULL REFERENCES tenants,
            carrier     text NOT NULL REFERENCES tenants,
            parcel      text NOT NULL,
            state       text NOT NULL CHECK (state IN ('waits', 'given', 'refused', 'withdrawing', 'withdrawn')),
            reference   text NOT NULL DEFAULT '',  -- its number at the carrier
            label_kind  text,
            label       bytea,
            why         text NOT NULL DEFAULT '',
            at          timestamptz NOT NULL,
            PRIMARY KEY (merchant_id, parcel, carrier)
        );
        CREATE INDEX ON carrier_consignments (carrier, state);
        CREATE INDEX ON carrier_consignments (carrier, reference);
        """
    )
    for said in bound("carrier_consignments", merchant="SELECT", operator="SELECT"):
        op.execute(said)
    op.execute(
        f"CREATE POLICY carried ON carrier_consignments FOR SELECT TO qafila_partner USING (carrier = {OWN});"
        "GRANT SELECT (carrier, parcel, state, reference, why, at) ON carrier_consignments TO qafila_partner"
    )


def downgrade() -> None:
    op.execute("DROP TABLE carrier_consignments, carrier_lines, carrier_feeds")
