"""Keys of persons, what is locked because law obliges us to keep it, and who read what.

Revision ID: 0028
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE person_keys (
            merchant_id text NOT NULL REFERENCES tenants,
            order_id    text NOT NULL,  -- the person to whom this order goes
            purpose     text NOT NULL CHECK (purpose IN ('live', 'locked')),
            wrapped     bytea,  -- by the home's master key; none once it is erased
            made_at     timestamptz NOT NULL DEFAULT now(),
            erased_at   timestamptz,
            PRIMARY KEY (merchant_id, order_id, purpose),
            CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
        );

        -- under whose key the details about a parcel lie; who may report on it need not see the order
        CREATE FUNCTION order_of_parcel(number text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = public AS $$
            SELECT s.order_id FROM parcels p JOIN shipments s USING (merchant_id, shipment_id)
            WHERE p.number = order_of_parcel.number
        $$;
        REVOKE ALL ON FUNCTION order_of_parcel FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION order_of_parcel TO qafila_merchant, qafila_operator, qafila_regulator, qafila_partner;

        CREATE TABLE locked_values (
            merchant_id text NOT NULL REFERENCES tenants,
            lock_id     bigint GENERATED ALWAYS AS IDENTITY,
            order_id    text NOT NULL,
            table_name  text NOT NULL,
            sealed      text NOT NULL,  -- the rows as they were, under the order's locked key
            law         text NOT NULL,
            keep_until  date NOT NULL,
            locked_at   timestamptz NOT NULL,
            PRIMARY KEY (merchant_id, lock_id)
        );
        CREATE INDEX ON locked_values (keep_until);

        CREATE TABLE access_records (
            record_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant_id text,  -- whose data were read; none: everybody's
            at        timestamptz NOT NULL,
            by_tenant text NOT NULL,
            by_id     text NOT NULL,
            by_name   text NOT NULL,
            what      text NOT NULL,  -- the door
            subject   text NOT NULL DEFAULT ''
        );
        CREATE INDEX ON access_records (tenant_id, record_id);
        CREATE INDEX ON access_records (at);
        CREATE TRIGGER append_only BEFORE UPDATE ON access_records FOR EACH ROW EXECUTE FUNCTION refuse_change();
        """
    )
    for said in bound(
        "person_keys", merchant="SELECT, INSERT", operator="SELECT, INSERT", partner="SELECT, INSERT"
    ):
        op.execute(said)
    op.execute(
        "GRANT SELECT ON person_keys TO qafila_public"
    )  # and no policy: whoever has a number alone sees no key
    for said in bound(
        "locked_values",
        merchant="SELECT (merchant_id, lock_id, order_id, table_name, law, keep_until, locked_at)",
        operator="SELECT (merchant_id, lock_id, order_id, table_name, law, keep_until, locked_at)",
        regulator="SELECT (merchant_id, lock_id, order_id, table_name, law, keep_until, locked_at)",
    ):
        op.execute(said)
    for said in bound("access_records", merchant="SELECT", column="tenant_id"):
        op.execute(said)
    # what was read of everybody's concerns each of them
    op.execute(
        "CREATE POLICY everybodys ON access_records FOR SELECT TO qafila_merchant USING (tenant_id IS NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE access_records, locked_values, person_keys")
    op.execute("DROP FUNCTION order_of_parcel")
