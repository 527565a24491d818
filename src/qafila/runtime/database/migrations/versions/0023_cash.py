"""Cash on delivery: drivers' bags, what was collected, counts with two sign-offs, ways to the bank, and licences.

What moves money is in the ledger; these rows say what it was about. The house writes them; merchants, stations and carriers
read what is their own.

Revision ID: 0023
"""

from alembic import op

from qafila.runtime.database.rights import OWN, everybody

revision = "0023"
down_revision = "0022"

_TABLES = """
CREATE TABLE ledger_licences (
    licence    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    territory  text NOT NULL,
    kind       text NOT NULL,
    authority  text NOT NULL CHECK (authority <> ''),
    number     text NOT NULL CHECK (number <> ''),
    valid_from date NOT NULL,
    valid_to   date,
    stated_by  text NOT NULL,
    stated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (territory, kind, number)
);

CREATE TABLE cash_bags (
    bag         text PRIMARY KEY,
    tenant_id   text NOT NULL,  -- the carrier or station that the driver works for
    driver      text NOT NULL,
    driver_name text NOT NULL,
    station     text NOT NULL,
    territory   text NOT NULL,
    currency    text NOT NULL,
    most        numeric NOT NULL CHECK (most >= 0),
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'declared', 'recount', 'handed_over', 'stolen')),
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz
);
CREATE UNIQUE INDEX cash_bags_one_open ON cash_bags (tenant_id, driver, currency) WHERE state = 'open';
CREATE INDEX ON cash_bags (station, state);

CREATE TABLE cash_collections (
    collection  text PRIMARY KEY,
    tenant_id   text NOT NULL,  -- the merchant
    carrier     text NOT NULL,  -- the tenant whose driver it was
    shipment_id text NOT NULL,
    order_id    text NOT NULL,
    parcel      text NOT NULL,
    bag         text REFERENCES cash_bags,
    territory   text NOT NULL,
    currency    text NOT NULL,
    due         numeric NOT NULL CHECK (due > 0),
    kept        numeric NOT NULL CHECK (kept >= 0 AND kept <= due),
    tendered    numeric,
    change      numeric,
    short_by    text NOT NULL DEFAULT '' CHECK (short_by IN ('', 'buyer', 'driver')),
    outcome     text NOT NULL CHECK (outcome IN ('collected', 'short', 'refused', 'corrected')),
    why         text NOT NULL DEFAULT '',
    regime      text NOT NULL CHECK (regime IN ('through_us', 'own_bank')),
    at          timestamptz NOT NULL,
    entry       bigint REFERENCES ledger_entries,
    remittance  text,
    CHECK ((outcome IN ('collected', 'short')) = (kept > 0) OR outcome = 'corrected')
);
CREATE UNIQUE INDEX cash_once ON cash_collections (shipment_id) WHERE outcome IN ('collected', 'short');
CREATE INDEX ON cash_collections (bag);
CREATE INDEX ON cash_collections (tenant_id, at);
CREATE INDEX cash_to_remit ON cash_collections (tenant_id, currency) WHERE remittance IS NULL AND kept > 0;

CREATE TABLE cash_counts (
    bag         text NOT NULL REFERENCES cash_bags,
    n           smallint NOT NULL,
    tenant_id   text NOT NULL,
    driver_says jsonb NOT NULL,
    driver_sign text NOT NULL,
    declared_at timestamptz NOT NULL,
    station_says jsonb,
    station_sign text,
    received_at timestamptz,
    expected    numeric,
    outcome     text NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'agreed', 'differs', 'settled')),
    PRIMARY KEY (bag, n),
    CHECK (station_sign IS DISTINCT FROM driver_sign)
);

CREATE TABLE cash_deposits (
    deposit     text PRIMARY KEY,
    tenant_id   text NOT NULL DEFAULT '',  -- the merchant whose own bank it goes to; empty: the account for clients' money
    station     text NOT NULL,
    station_tenant text NOT NULL,
    carrier     text NOT NULL,
    currency    text NOT NULL,
    amount      numeric NOT NULL CHECK (amount > 0),
    slip        text NOT NULL,
    state       text NOT NULL DEFAULT 'sent' CHECK (state IN ('sent', 'banked')),
    credited    numeric,
    counterfeit numeric NOT NULL DEFAULT 0,
    reference   text NOT NULL DEFAULT '',
    sent_at     timestamptz NOT NULL,
    banked_at   timestamptz
);
CREATE INDEX ON cash_deposits (station, state);
"""

_RIGHTS = {
    "cash_bags": f"tenant_id = {OWN} AND tenant_id <> ''",
    "cash_collections": f"{OWN} <> '' AND (tenant_id = {OWN} OR carrier = {OWN})",
    "cash_counts": f"tenant_id = {OWN} AND tenant_id <> ''",
    "cash_deposits": f"{OWN} <> '' AND (tenant_id = {OWN} OR station_tenant = {OWN} OR carrier = {OWN})",
}


def upgrade() -> None:
    op.execute(_TABLES)
    for table, seen in _RIGHTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_rows ON {table} FOR SELECT TO qafila_merchant, qafila_partner USING ({seen})"
        )
        op.execute(f"GRANT SELECT ON {table} TO qafila_merchant, qafila_partner")
        for said in everybody(table, operator="SELECT, INSERT, UPDATE", regulator="SELECT"):
            op.execute(said)
    op.execute("GRANT SELECT ON ledger_licences TO qafila_merchant, qafila_partner, qafila_regulator")
    op.execute("GRANT SELECT, INSERT, UPDATE (valid_to) ON ledger_licences TO qafila_operator")


def downgrade() -> None:
    op.execute("DROP TABLE cash_deposits, cash_counts, cash_collections, cash_bags, ledger_licences")
