"""The ledger: accounts, entries and their lines, and the balances of accounts that must not pass zero.

Entries and lines are only ever added. Whichever code asks, the database refuses at the end of a transaction an entry whose
lines do not add up to zero in each currency, and at once a bag or a safe with less than nothing in it.

Revision ID: 0019
"""

from alembic import op

from qafila.runtime.database.rights import OWN, everybody

revision = "0019"
down_revision = "0018"

_TABLES = """
CREATE TABLE ledger_accounts (
    account    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  text NOT NULL DEFAULT '',  -- who may read it beside the hub
    owner_kind text NOT NULL,
    owner      text NOT NULL,
    purpose    text NOT NULL,
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    decimals   smallint NOT NULL CHECK (decimals BETWEEN 0 AND 4),
    guard      text NOT NULL DEFAULT '' CHECK (guard IN ('', 'debit', 'credit')),
    opened_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner_kind, owner, purpose, currency),
    UNIQUE (account, tenant_id, currency, decimals)
);
CREATE INDEX ON ledger_accounts (tenant_id) WHERE tenant_id <> '';

CREATE TABLE ledger_entries (
    entry       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text NOT NULL UNIQUE CHECK (key <> ''),
    kind        text NOT NULL CHECK (kind <> ''),
    fingerprint bytea NOT NULL,
    at          timestamptz NOT NULL,
    by          text NOT NULL,
    by_tenant   text NOT NULL,
    subject     text NOT NULL DEFAULT '',
    reverses    bigint UNIQUE REFERENCES ledger_entries,
    told        jsonb NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    written_in  xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ON ledger_entries (subject) WHERE subject <> '';
CREATE INDEX ON ledger_entries (at);

CREATE TABLE ledger_lines (
    entry     bigint NOT NULL REFERENCES ledger_entries,
    line      smallint NOT NULL,
    account   bigint NOT NULL,
    tenant_id text NOT NULL,
    currency  text NOT NULL,
    decimals  smallint NOT NULL,
    amount    numeric NOT NULL CHECK (amount <> 0 AND abs(amount) < 1e12 AND amount = round(amount, decimals)),
    subject   text NOT NULL DEFAULT '',
    PRIMARY KEY (entry, line),
    UNIQUE (entry, account),
    FOREIGN KEY (account, tenant_id, currency, decimals)
        REFERENCES ledger_accounts (account, tenant_id, currency, decimals)
);
CREATE INDEX ON ledger_lines (account, entry) INCLUDE (amount);
CREATE INDEX ON ledger_lines (tenant_id, entry) WHERE tenant_id <> '';

CREATE TABLE ledger_balances (
    account   bigint PRIMARY KEY REFERENCES ledger_accounts,
    tenant_id text NOT NULL,
    balance   numeric NOT NULL
);

-- the functions run as the tables' owner: whoever acts sees not all lines of an entry, and a sum of some is none
CREATE FUNCTION ledger_line_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    side text;
    now_on numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entries e WHERE e.entry = NEW.entry AND e.written_in = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'the entry % is closed', NEW.entry USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_is_closed';
    END IF;
    SELECT guard INTO side FROM ledger_accounts WHERE account = NEW.account;
    IF side <> '' THEN
        INSERT INTO ledger_balances AS b (account, tenant_id, balance) VALUES (NEW.account, NEW.tenant_id, NEW.amount)
        ON CONFLICT (account) DO UPDATE SET balance = b.balance + EXCLUDED.balance RETURNING b.balance INTO now_on;
        IF (side = 'debit' AND now_on < 0) OR (side = 'credit' AND now_on > 0) THEN
            RAISE EXCEPTION 'an account would pass zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'never_past_zero',
                DETAIL = (SELECT owner_kind || ':' || owner || ':' || purpose || ' ' || currency
                    FROM ledger_accounts WHERE account = NEW.account);
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_added BEFORE INSERT ON ledger_lines FOR EACH ROW EXECUTE FUNCTION ledger_line_added();

CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    wrong text;
BEGIN
    SELECT string_agg(total || ' ' || currency, ', ') INTO wrong FROM (
        SELECT currency, sum(amount) AS total FROM ledger_lines WHERE entry = NEW.entry
        GROUP BY currency HAVING sum(amount) <> 0) sums;
    IF wrong IS NOT NULL OR (SELECT count(*) FROM ledger_lines WHERE entry = NEW.entry) < 2 THEN
        RAISE EXCEPTION 'the entry % does not balance: %', NEW.entry, coalesce(wrong, 'it has no two lines')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON ledger_lines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""

_FIXED = ("ledger_accounts", "ledger_entries", "ledger_lines")
_SEEN = f"EXISTS (SELECT FROM ledger_lines l WHERE l.entry = ledger_entries.entry AND l.tenant_id = {OWN} AND l.tenant_id <> '')"


def upgrade() -> None:
    op.execute(_TABLES)
    for table in _FIXED:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change();"
            f"CREATE TRIGGER never_truncated BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    # nobody but the house books; merchants, stations and carriers read what is their own
    own = f"tenant_id = {OWN} AND tenant_id <> ''"
    for table, seen in (
        ("ledger_accounts", own),
        ("ledger_lines", own),
        ("ledger_balances", own),
        ("ledger_entries", _SEEN),
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_rows ON {table} FOR SELECT TO qafila_merchant, qafila_partner USING ({seen})"
        )
        columns = (
            "(entry, key, kind, at, subject, reverses, told, recorded_at)"
            if table == "ledger_entries"
            else ""
        )
        op.execute(f"GRANT SELECT {columns} ON {table} TO qafila_merchant, qafila_partner")
        rights = "SELECT" if table == "ledger_balances" else "SELECT, INSERT"
        for said in everybody(table, operator=rights, regulator="SELECT"):
            op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE ledger_balances, ledger_lines, ledger_entries, ledger_accounts")
    op.execute("DROP FUNCTION ledger_line_added, ledger_entry_balances")
