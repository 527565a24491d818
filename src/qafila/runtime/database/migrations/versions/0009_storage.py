"""Storage: products, places, movements and their sum, orders to pick, what comes in, counts.

The movements are the truth and are only ever added to; a trigger keeps their sum in `stock`, whose checks refuse
whatever would take more than there is, whichever code asks.

Revision ID: 0009
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0009"
down_revision = "0008"

_TABLES = """
CREATE TABLE products (
    merchant_id text NOT NULL REFERENCES tenants,
    sku         text NOT NULL CHECK (sku <> ''),
    document    jsonb NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, sku)
);
CREATE TABLE product_codes (
    merchant_id text NOT NULL,
    code        text NOT NULL,
    sku         text NOT NULL,
    pieces      integer NOT NULL CHECK (pieces > 0),
    PRIMARY KEY (merchant_id, code),
    FOREIGN KEY (merchant_id, sku) REFERENCES products ON DELETE CASCADE
);
CREATE INDEX ON product_codes (code);

CREATE TABLE lots (
    merchant_id      text NOT NULL,
    sku              text NOT NULL,
    lot              text NOT NULL,
    expires_on       date,
    supplier         text NOT NULL DEFAULT '',
    advice           text NOT NULL DEFAULT '',
    held             text NOT NULL DEFAULT '',
    customs_entry    text NOT NULL DEFAULT '',
    customs_status   text NOT NULL DEFAULT '',
    customs_deadline date,
    first_seen       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, sku, lot),
    FOREIGN KEY (merchant_id, sku) REFERENCES products
);

CREATE TABLE warehouses (
    facility text PRIMARY KEY,
    layout   jsonb NOT NULL,
    rules    jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE places (
    facility text NOT NULL REFERENCES warehouses,
    place    text NOT NULL CHECK (place <> ''),
    kind     text NOT NULL,
    zone     text NOT NULL DEFAULT '',
    max_cm3  bigint,
    max_g    bigint,
    rank     integer NOT NULL DEFAULT 0, -- by the way from the packing station: 0 is nearest
    closed   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (facility, place)
);

-- one row for each request that was done, with what was answered: the same key gets the same answer
CREATE TABLE storage_acts (
    tenant      text NOT NULL,
    key         text NOT NULL CHECK (key <> ''),
    kind        text NOT NULL,
    facility    text NOT NULL,
    fingerprint bytea NOT NULL,
    by          text NOT NULL,
    device      text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    answer      jsonb,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX ON storage_acts (facility, recorded_at);

CREATE TABLE stock_movements (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facility    text NOT NULL REFERENCES warehouses,
    merchant_id text NOT NULL,
    sku         text NOT NULL,
    lot         text NOT NULL,
    serial      text NOT NULL,
    condition   text NOT NULL,
    becomes     text NOT NULL,
    source      text,
    target      text,
    pieces      integer NOT NULL CHECK (pieces > 0),
    unreserved  integer NOT NULL DEFAULT 0 CHECK (unreserved BETWEEN 0 AND pieces),
    grams       bigint NOT NULL DEFAULT 0,
    reason      text NOT NULL,
    subject     text NOT NULL DEFAULT '',
    tenant      text NOT NULL,
    act         text NOT NULL,
    by          text NOT NULL,
    device      text NOT NULL DEFAULT '',
    why         text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (source IS NOT NULL OR target IS NOT NULL),
    CHECK (source IS DISTINCT FROM target OR condition <> becomes),
    CHECK (reason <> 'correction' OR why <> ''),
    FOREIGN KEY (merchant_id, sku) REFERENCES products,
    FOREIGN KEY (facility, source) REFERENCES places (facility, place),
    FOREIGN KEY (facility, target) REFERENCES places (facility, place),
    FOREIGN KEY (tenant, act) REFERENCES storage_acts (tenant, key)
);
CREATE INDEX ON stock_movements (merchant_id, sku, lot, seq);
CREATE INDEX ON stock_movements (facility, seq);
CREATE INDEX ON stock_movements (subject) WHERE subject <> '';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON stock_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON stock_movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE stock (
    facility    text NOT NULL,
    place       text NOT NULL,
    merchant_id text NOT NULL,
    sku         text NOT NULL,
    lot         text NOT NULL,
    serial      text NOT NULL,
    condition   text NOT NULL,
    pieces      integer NOT NULL,
    reserved    integer NOT NULL DEFAULT 0,
    grams       bigint NOT NULL DEFAULT 0,
    since       timestamptz NOT NULL DEFAULT now(),
    counted_at  timestamptz,
    PRIMARY KEY (facility, place, merchant_id, sku, lot, serial, condition),
    CONSTRAINT never_negative CHECK (pieces >= 0),
    CONSTRAINT never_promised_twice CHECK (reserved BETWEEN 0 AND pieces),
    CONSTRAINT a_serial_is_one_piece CHECK (serial = '' OR pieces <= 1)
);
CREATE INDEX ON stock (merchant_id, sku, facility) WHERE pieces > 0;
CREATE UNIQUE INDEX a_serial_is_in_one_place ON stock (merchant_id, sku, serial) WHERE serial <> '' AND pieces > 0;

CREATE FUNCTION apply_movement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NEW.source IS NOT NULL THEN
        UPDATE stock SET pieces = pieces - NEW.pieces, reserved = reserved - NEW.unreserved, grams = grams - NEW.grams
        WHERE (facility, place, merchant_id, sku, lot, serial, condition)
            = (NEW.facility, NEW.source, NEW.merchant_id, NEW.sku, NEW.lot, NEW.serial, NEW.condition);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'nothing of this lies there' USING ERRCODE = 'check_violation', CONSTRAINT = 'never_negative';
        END IF;
    END IF;
    IF NEW.target IS NOT NULL THEN
        INSERT INTO stock (facility, place, merchant_id, sku, lot, serial, condition, pieces, grams)
        VALUES (NEW.facility, NEW.target, NEW.merchant_id, NEW.sku, NEW.lot, NEW.serial, NEW.becomes, NEW.pieces, NEW.grams)
        ON CONFLICT (facility, place, merchant_id, sku, lot, serial, condition)
        DO UPDATE SET pieces = stock.pieces + EXCLUDED.pieces, grams = stock.grams + EXCLUDED.grams,
            since = CASE WHEN stock.pieces = 0 THEN now() ELSE stock.since END;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER summed AFTER INSERT ON stock_movements FOR EACH ROW EXECUTE FUNCTION apply_movement();

-- what comes in
CREATE TABLE advices (
    merchant_id text NOT NULL REFERENCES tenants,
    advice_id   text NOT NULL,
    facility    text NOT NULL REFERENCES warehouses,
    supplier    text NOT NULL DEFAULT '',
    expected_at timestamptz,
    dock        text,
    dock_until  timestamptz,
    state       text NOT NULL DEFAULT 'announced' CHECK (state IN ('announced', 'arrived', 'received', 'cancelled')),
    differences jsonb,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, advice_id),
    CHECK ((dock IS NULL) = (dock_until IS NULL))
);
CREATE INDEX ON advices (facility, state);
CREATE TABLE advice_lines (
    merchant_id text NOT NULL,
    advice_id   text NOT NULL,
    line        smallint NOT NULL,
    sku         text NOT NULL,
    lot         text NOT NULL DEFAULT '',
    expires_on  date,
    condition   text NOT NULL DEFAULT 'good',
    pieces      integer NOT NULL CHECK (pieces >= 0),
    received    integer NOT NULL DEFAULT 0,
    damaged     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, advice_id, line),
    FOREIGN KEY (merchant_id, advice_id) REFERENCES advices,
    FOREIGN KEY (merchant_id, sku) REFERENCES products
);

-- where people put things instead of where they were told to
CREATE TABLE put_away_choices (
    facility    text NOT NULL,
    merchant_id text NOT NULL,
    sku         text NOT NULL,
    place       text NOT NULL,
    times       integer NOT NULL DEFAULT 1,
    last_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (facility, merchant_id, sku, place)
);

-- what goes out
CREATE TABLE outbound (
    merchant_id  text NOT NULL REFERENCES tenants,
    order_id     text NOT NULL,
    part         smallint NOT NULL DEFAULT 0, -- an order served from several warehouses has several parts
    facility     text NOT NULL REFERENCES warehouses,
    state        text NOT NULL CHECK (state IN ('waiting', 'reserved', 'released', 'picking', 'picked', 'packed',
                                                'handed_over', 'cancelled')),
    cut_off      timestamptz,
    parcel       text,
    service      text,
    service_day  integer,
    tour         text,
    compartment  smallint,
    carton       text,
    grams        bigint,
    partial      boolean NOT NULL DEFAULT true, -- what is short may be left out
    substitute   boolean NOT NULL DEFAULT false,
    bonded       boolean NOT NULL DEFAULT false, -- it leaves the territory: goods under bond may serve it
    note         text NOT NULL DEFAULT '',
    cancel_asked boolean NOT NULL DEFAULT false,
    placed_at    timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, order_id, part)
);
CREATE INDEX ON outbound (facility, state, cut_off);
CREATE INDEX ON outbound (tour);
CREATE UNIQUE INDEX ON outbound (parcel) WHERE state <> 'cancelled';
CREATE TABLE outbound_lines (
    merchant_id text NOT NULL,
    order_id    text NOT NULL,
    part        smallint NOT NULL,
    line        smallint NOT NULL,
    sku         text NOT NULL,
    pieces      integer NOT NULL CHECK (pieces > 0),
    picked      integer NOT NULL DEFAULT 0,
    short       integer NOT NULL DEFAULT 0,
    instead_of  text NOT NULL DEFAULT '', -- the SKU that was ordered, where another goes
    PRIMARY KEY (merchant_id, order_id, part, line),
    FOREIGN KEY (merchant_id, order_id, part) REFERENCES outbound,
    FOREIGN KEY (merchant_id, sku) REFERENCES products,
    CHECK (picked + short <= pieces)
);

CREATE TABLE tours (
    tour       text PRIMARY KEY,
    facility   text NOT NULL REFERENCES warehouses,
    wave       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'walking', 'done')),
    picker     text NOT NULL DEFAULT '',
    metres     real NOT NULL,
    habit      real NOT NULL, -- metres of an S-shape past the same stops
    released_at timestamptz NOT NULL DEFAULT now(),
    begun_at   timestamptz,
    ended_at   timestamptz
);
CREATE INDEX ON tours (facility, state);

-- pieces at a place that are promised to a line, and the stop of a tour where they are fetched
CREATE TABLE picks (
    pick        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facility    text NOT NULL,
    merchant_id text NOT NULL,
    order_id    text NOT NULL,
    part        smallint NOT NULL,
    line        smallint NOT NULL,
    place       text NOT NULL,
    sku         text NOT NULL,
    lot         text NOT NULL,
    serial      text NOT NULL,
    condition   text NOT NULL,
    pieces      integer NOT NULL CHECK (pieces > 0),
    picked      integer NOT NULL DEFAULT 0 CHECK (picked BETWEEN 0 AND pieces),
    state       text NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'done', 'short', 'dropped')),
    tour        text REFERENCES tours,
    stop        integer,
    compartment smallint,
    FOREIGN KEY (merchant_id, order_id, part, line) REFERENCES outbound_lines
);
CREATE INDEX ON picks (merchant_id, order_id, part);
CREATE INDEX ON picks (tour, stop);
CREATE INDEX ON picks (facility, place) WHERE state = 'reserved';

-- places to count, by hand or because something does not add up
CREATE TABLE counts (
    count_id    text PRIMARY KEY,
    facility    text NOT NULL REFERENCES warehouses,
    place       text NOT NULL,
    merchant_id text NOT NULL,
    sku         text NOT NULL,
    lot         text NOT NULL DEFAULT '',
    serial      text NOT NULL DEFAULT '',
    condition   text NOT NULL DEFAULT 'good',
    because     text NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'again', 'done')),
    expected    integer,
    counted     integer,
    by          text NOT NULL DEFAULT '',
    second      integer,
    second_by   text NOT NULL DEFAULT '',
    details     jsonb,
    made_at     timestamptz NOT NULL DEFAULT now(),
    done_at     timestamptz
);
CREATE INDEX ON counts (facility, state);
CREATE UNIQUE INDEX counts_once ON counts (facility, place, merchant_id, sku, lot, serial, condition) WHERE state <> 'done';
"""

_FLOOR = "SELECT, INSERT, UPDATE, DELETE"
_OWNED = {
    "products": _FLOOR,
    "product_codes": _FLOOR,
    "lots": "SELECT",
    "stock_movements": "SELECT",
    "stock": "SELECT, UPDATE (reserved)",
    "advices": "SELECT, INSERT, UPDATE",
    "advice_lines": _FLOOR,
    "outbound": "SELECT, INSERT, UPDATE",
    "outbound_lines": _FLOOR,
    "picks": "SELECT, INSERT, UPDATE",
    "counts": "SELECT",
    "put_away_choices": "SELECT",
}
"""What a merchant may do with his own rows: announce, order and cancel. What moves goods is for who works there."""

_COMMON = ("warehouses", "places", "tours")


def upgrade() -> None:
    op.execute(_TABLES)
    for table, merchant in _OWNED.items():
        floor = "SELECT, INSERT" if table == "stock_movements" else _FLOOR
        for said in bound(table, merchant=merchant, operator=floor, partner=floor):
            op.execute(said)
    for said in bound(
        "storage_acts",
        merchant="SELECT, INSERT, UPDATE (answer)",
        operator="SELECT, INSERT, UPDATE (answer)",
        partner="SELECT, INSERT, UPDATE (answer)",
        column="tenant",
    ):
        op.execute(said)
    for table in _COMMON:
        op.execute(f"GRANT SELECT ON {table} TO qafila_merchant, qafila_regulator")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO qafila_operator, qafila_partner")


def downgrade() -> None:
    op.execute(
        "DROP TABLE counts, picks, tours, outbound_lines, outbound, put_away_choices, advice_lines, advices"
    )
    op.execute(
        "DROP TABLE stock, stock_movements, storage_acts, places, warehouses, lots, product_codes, products"
    )
    op.execute("DROP FUNCTION apply_movement()")
