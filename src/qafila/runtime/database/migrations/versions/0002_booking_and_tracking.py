"""Merchants, orders, offers, bookings, capacity, and the event history.

Every table with a merchant_id is bound by row-level security: qafila_merchant sees and writes the rows of
the merchant that its transaction carries, and no others. The owner of the tables (the operator) is not
bound. Capacity is common to all merchants; only the operator writes it.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE merchants (
    merchant_id  text PRIMARY KEY,
    name         text NOT NULL CHECK (name <> ''),
    created_at   timestamptz NOT NULL DEFAULT now(),
    suspended_at timestamptz
);

-- only the hash of a key's secret is kept
CREATE TABLE api_keys (
    key_id      text PRIMARY KEY,
    merchant_id text NOT NULL REFERENCES merchants,
    name        text NOT NULL,
    secret_hash bytea NOT NULL,
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz,
    revoked_at  timestamptz
);
CREATE INDEX ON api_keys (merchant_id);

CREATE TABLE orders (
    merchant_id text NOT NULL REFERENCES merchants,
    order_id    text NOT NULL,
    document    jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, order_id)
);

CREATE TABLE offers (
    merchant_id text NOT NULL,
    offer_id    text NOT NULL,
    order_id    text NOT NULL,
    valid_until timestamptz NOT NULL,
    document    jsonb NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, offer_id),
    FOREIGN KEY (merchant_id, order_id) REFERENCES orders
);
CREATE INDEX ON offers (merchant_id, order_id);

CREATE TABLE bookings (
    merchant_id     text NOT NULL,
    booking_id      text NOT NULL,
    order_id        text NOT NULL,
    offer_id        text NOT NULL,
    shipment_id     text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint     bytea NOT NULL,
    price           numeric NOT NULL,
    currency        char(3) NOT NULL,
    promise_by      timestamptz NOT NULL,
    grams           bigint NOT NULL,
    cm3             bigint NOT NULL,
    booked_at       timestamptz NOT NULL DEFAULT now(),
    cancelled_at    timestamptz,
    PRIMARY KEY (merchant_id, booking_id),
    UNIQUE (merchant_id, idempotency_key),
    FOREIGN KEY (merchant_id, offer_id) REFERENCES offers
);
-- an order has one booking at a time: a shipment is never made twice
CREATE UNIQUE INDEX bookings_one_per_order ON bookings (merchant_id, order_id) WHERE cancelled_at IS NULL;

CREATE TABLE booking_legs (
    merchant_id   text NOT NULL,
    booking_id    text NOT NULL,
    leg           smallint NOT NULL,
    service_id    text NOT NULL,
    service_day   integer NOT NULL,
    calls         smallint[] NOT NULL,
    mode          smallint NOT NULL,
    from_facility text NOT NULL,
    to_facility   text NOT NULL,
    board_by      timestamptz NOT NULL,
    depart        timestamptz NOT NULL,
    arrive        timestamptz NOT NULL,
    ready_at      timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, booking_id, leg),
    FOREIGN KEY (merchant_id, booking_id) REFERENCES bookings
);
CREATE INDEX ON booking_legs (service_id, service_day);

CREATE TABLE shipments (
    merchant_id text NOT NULL,
    shipment_id text NOT NULL,
    booking_id  text NOT NULL,
    order_id    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, shipment_id),
    UNIQUE (merchant_id, booking_id),
    FOREIGN KEY (merchant_id, booking_id) REFERENCES bookings
);

CREATE TABLE parcels (
    number      text PRIMARY KEY,
    merchant_id text NOT NULL,
    shipment_id text NOT NULL,
    grams       bigint NOT NULL,
    length_mm   integer NOT NULL,
    width_mm    integer NOT NULL,
    height_mm   integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (merchant_id, number),
    FOREIGN KEY (merchant_id, shipment_id) REFERENCES shipments
);
CREATE INDEX ON parcels (merchant_id, shipment_id);

-- what booking takes: one row for each departure that anybody booked, with the total it is checked against.
-- taken never passes total, whatever the code above does
CREATE TABLE capacity (
    service_id  text NOT NULL,
    service_day integer NOT NULL,
    call        smallint NOT NULL,
    total_g     bigint NOT NULL,
    total_cm3   bigint NOT NULL,
    taken_g     bigint NOT NULL DEFAULT 0,
    taken_cm3   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (service_id, service_day, call),
    CONSTRAINT never_oversold CHECK (taken_g BETWEEN 0 AND total_g AND taken_cm3 BETWEEN 0 AND total_cm3)
);
CREATE INDEX ON capacity (service_day);

-- the append-only history: the only truth about where a parcel is
CREATE TABLE events (
    merchant_id text NOT NULL,
    parcel      text NOT NULL,
    event_id    uuid NOT NULL,
    type        text NOT NULL,
    time_kind   text NOT NULL CHECK (time_kind IN ('planned', 'estimated', 'actual')),
    time        timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    facility    text,
    leg         smallint,
    source      text NOT NULL,
    details     jsonb,
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    -- the transaction that wrote it: a reader who pages by (tx, seq) below the oldest running transaction
    -- misses nothing that commits late
    tx          xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (parcel, event_id),
    FOREIGN KEY (merchant_id, parcel) REFERENCES parcels (merchant_id, number)
);
CREATE INDEX ON events (merchant_id, tx, seq);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event history is append-only; record a correcting event instead'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    merchant_id text NOT NULL REFERENCES merchants,
    operation   text NOT NULL,
    key         text NOT NULL,
    fingerprint bytea NOT NULL,
    answer      jsonb,
    used_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, operation, key)
);

-- S10 numbers: position p of the sequence falls into the range with starts_at <= p < starts_at + count.
-- A sequence never gives a position twice, and waits for nobody; a rolled-back booking leaves a harmless gap
CREATE SEQUENCE parcel_positions MINVALUE 0 START 0;
CREATE TABLE number_ranges (
    starts_at    bigint PRIMARY KEY CHECK (starts_at >= 0),
    service      char(2) NOT NULL CHECK (service ~ '^[A-Z]{2}$'),
    country      char(2) NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    first_serial integer NOT NULL CHECK (first_serial >= 0),
    count        integer NOT NULL CHECK (count > 0 AND first_serial + count <= 100000000)
);
INSERT INTO number_ranges
    SELECT (n - 1)::bigint * 99999999, 'H' || chr(64 + n), 'MA', 1, 99999999 FROM generate_series(1, 22) n;
"""

# what the merchant's role may do, table by table; nothing is granted by default
_GRANTS = {
    "merchants": "SELECT",
    "api_keys": "SELECT (key_id, merchant_id, name, scopes, created_at, expires_at, revoked_at)",
    "orders": "SELECT, INSERT, UPDATE",
    "offers": "SELECT, INSERT",
    "bookings": "SELECT, INSERT, UPDATE (cancelled_at), DELETE",
    "booking_legs": "SELECT, INSERT",
    "shipments": "SELECT, INSERT",
    "parcels": "SELECT, INSERT",
    "events": "SELECT, INSERT",
    "idempotency_keys": "SELECT, INSERT, UPDATE (answer)",
}


def upgrade() -> None:
    op.execute(_TABLES)
    for table, rights in _GRANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_rows ON {table} TO qafila_merchant "
            "USING (merchant_id = current_setting('qafila.merchant')) "
            "WITH CHECK (merchant_id = current_setting('qafila.merchant'))"
        )
        op.execute(f"GRANT {rights} ON {table} TO qafila_merchant")


def downgrade() -> None:
    op.execute(
        "DROP TABLE events, parcels, shipments, booking_legs, bookings, offers, orders, idempotency_keys, "
        "api_keys, merchants, capacity, number_ranges"
    )
    op.execute("DROP SEQUENCE parcel_positions")
    op.execute("DROP FUNCTION refuse_change")
