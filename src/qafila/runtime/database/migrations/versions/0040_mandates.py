"""A merchant gives a whole firm of brokers a mandate: its brokers act at the merchant's customs desk.

Revision ID: 0040
"""

from alembic import op

from qafila.runtime.database.rights import OWN

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE mandates (
            tenant_id  text NOT NULL REFERENCES tenants,  -- who gives it
            mandate_id text NOT NULL UNIQUE,
            broker_id  text NOT NULL REFERENCES tenants,  -- the firm
            given_by   text NOT NULL,
            given_at   timestamptz NOT NULL,
            until      timestamptz,                       -- none: until it is ended
            ended_by   text,
            ended_at   timestamptz,
            PRIMARY KEY (tenant_id, mandate_id),
            CHECK (tenant_id <> broker_id)
        );
        CREATE UNIQUE INDEX mandates_once ON mandates (tenant_id, broker_id) WHERE ended_at IS NULL;
        CREATE INDEX ON mandates (broker_id);
        ALTER TABLE mandates ENABLE ROW LEVEL SECURITY;
        CREATE POLICY doorkeeper ON mandates FOR SELECT TO qafila_doorkeeper USING (true);
        GRANT SELECT ON mandates TO qafila_doorkeeper;
        CREATE POLICY both_sides_see ON mandates FOR SELECT TO qafila_accounts USING ({OWN} IN (tenant_id, broker_id));
        CREATE POLICY own_is_given ON mandates FOR INSERT TO qafila_accounts WITH CHECK (tenant_id = {OWN});
        CREATE POLICY both_sides_end ON mandates FOR UPDATE TO qafila_accounts USING ({OWN} IN (tenant_id, broker_id));
        GRANT SELECT, INSERT, UPDATE (ended_by, ended_at) ON mandates TO qafila_accounts;

        -- where people may act: as members, and as brokers of a firm that has a mandate; for the doorkeeper alone
        CREATE VIEW acting_memberships AS
            SELECT tenant_id, person_id, array_agg(DISTINCT role ORDER BY role) AS roles,
                CASE WHEN bool_and(firm IS NOT NULL) THEN min(firm) END AS firm
            FROM (
                SELECT tenant_id, person_id, unnest(roles) AS role, NULL::text AS firm FROM memberships
                UNION ALL
                SELECT d.tenant_id, m.person_id, 'broker', b.name FROM mandates d
                    JOIN tenants b ON b.tenant_id = d.broker_id AND b.kind = 'broker' AND b.suspended_at IS NULL
                    JOIN memberships m ON m.tenant_id = d.broker_id AND m.roles && ARRAY['broker', 'administrator']
                WHERE d.ended_at IS NULL AND (d.until IS NULL OR d.until > now())
            ) each_role
            GROUP BY tenant_id, person_id;
        GRANT SELECT ON acting_memberships TO qafila_doorkeeper;
        """
    )


def downgrade() -> None:
    op.execute("DROP VIEW acting_memberships")
    op.execute("DROP TABLE mandates")
