"""Remittances to merchants, invoices and credit notes numbered without gaps, and claims.

Revision ID: 0024
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0024"
down_revision = "0023"

_TABLES = """
-- who stands on invoices, and where money goes; the hub's own under ''
CREATE TABLE ledger_parties (
    tenant_id  text PRIMARY KEY,
    document   jsonb NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE remittances (
    remittance text PRIMARY KEY,
    tenant_id  text NOT NULL,
    currency   text NOT NULL,
    until      timestamptz NOT NULL,
    collected  numeric NOT NULL,
    brought    numeric NOT NULL,  -- owed beside the collections: claims, what came back from a bank, corrections
    fee        numeric NOT NULL CHECK (fee >= 0),
    tax        numeric NOT NULL CHECK (tax >= 0),
    set_off    numeric NOT NULL CHECK (set_off >= 0),
    net        numeric NOT NULL CHECK (net > 0),
    state      text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'void', 'sent', 'paid', 'returned')),
    regime     text NOT NULL,
    document   jsonb NOT NULL,
    made_at    timestamptz NOT NULL,
    sent_at    timestamptz,
    ended_at   timestamptz,
    reference  text NOT NULL DEFAULT '',
    CHECK (net = collected + brought - fee - tax - set_off)
);
CREATE INDEX ON remittances (tenant_id, made_at);
CREATE UNIQUE INDEX remittances_one_draft ON remittances (tenant_id, currency) WHERE state = 'draft';
ALTER TABLE cash_collections ADD CONSTRAINT remitted_by FOREIGN KEY (remittance) REFERENCES remittances;

CREATE TABLE invoice_series (
    series text PRIMARY KEY,
    last   bigint NOT NULL DEFAULT 0
);
CREATE TABLE invoices (
    number    text PRIMARY KEY,
    series    text NOT NULL REFERENCES invoice_series,
    n         bigint NOT NULL CHECK (n > 0),
    tenant_id text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    corrects  text REFERENCES invoices,
    issued_on date NOT NULL,
    due_on    date NOT NULL,
    currency  text NOT NULL,
    net       numeric NOT NULL,
    tax       numeric NOT NULL,
    gross     numeric NOT NULL CHECK (gross = net + tax),
    document  jsonb NOT NULL,
    entry     bigint NOT NULL REFERENCES ledger_entries,
    issued_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (series, n),
    CHECK ((kind = 'credit_note') = (corrects IS NOT NULL))
);
CREATE INDEX ON invoices (tenant_id, issued_on);
-- what was invoiced, once: a booking, an advance
CREATE TABLE invoiced (
    subject   text PRIMARY KEY,
    number    text NOT NULL REFERENCES invoices,
    tenant_id text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION invoice_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.n > 1 AND NOT EXISTS (SELECT FROM invoices WHERE series = NEW.series AND n = NEW.n - 1) THEN
        RAISE EXCEPTION 'the number before % is missing', NEW.number USING ERRCODE = 'check_violation', CONSTRAINT = 'no_gap';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_gap BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION invoice_follows();

CREATE TABLE claims (
    claim      text PRIMARY KEY,
    tenant_id  text NOT NULL,
    parcel     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('lost', 'damaged', 'late')),
    asked      numeric NOT NULL CHECK (asked > 0),
    currency   text NOT NULL,
    said       text NOT NULL DEFAULT '',
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'granted', 'refused')),
    evidence   jsonb NOT NULL,
    proposed   jsonb NOT NULL,
    granted    numeric,
    reasons    jsonb,
    filed_by   text NOT NULL,
    filed_at   timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    entry      bigint REFERENCES ledger_entries,
    CHECK ((state = 'granted') = (granted IS NOT NULL)),
    CHECK ((state = 'open') = (reasons IS NULL))
);
CREATE UNIQUE INDEX claims_once ON claims (parcel, kind) WHERE state <> 'refused';
CREATE INDEX ON claims (tenant_id, filed_at);
"""


def upgrade() -> None:
    op.execute(_TABLES)
    # one entry may tell of several parcels on one account: an invoice does
    op.execute("ALTER TABLE ledger_lines DROP CONSTRAINT ledger_lines_entry_account_key")
    for said in bound(
        "ledger_parties",
        merchant="SELECT, INSERT, UPDATE",
        operator="SELECT, INSERT, UPDATE",
        column="tenant_id",
    ):
        op.execute(said)
    for table in ("remittances", "invoices", "invoiced", "claims"):
        rights = "SELECT, INSERT" if table in ("invoices", "invoiced") else "SELECT, INSERT, UPDATE"
        for said in bound(table, merchant="SELECT", operator=rights, column="tenant_id"):
            op.execute(said)
    op.execute("GRANT SELECT, INSERT, UPDATE ON invoice_series TO qafila_operator")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE ledger_lines ADD CONSTRAINT ledger_lines_entry_account_key UNIQUE (entry, account)"
    )
    op.execute("ALTER TABLE cash_collections DROP CONSTRAINT remitted_by")
    op.execute("DROP TABLE claims, invoiced, invoices, invoice_series, remittances, ledger_parties")
    op.execute("DROP FUNCTION invoice_follows")
