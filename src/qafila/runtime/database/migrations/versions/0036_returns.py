"""Returns with their lines, merchants' terms for them, and charges beside freight that wait for their invoice.

Revision ID: 0036
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE return_policies (
            merchant_id text PRIMARY KEY,
            document    jsonb NOT NULL,
            changed_by  text NOT NULL,
            changed_at  timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE returns (
            merchant_id    text NOT NULL,
            return_id      text PRIMARY KEY,
            parcel         text NOT NULL,
            number         text NOT NULL UNIQUE,  -- on the label
            token          text NOT NULL UNIQUE,  -- the buyer's link
            cause          text NOT NULL CHECK (cause IN ('withdrawal', 'faulty', 'refused', 'undeliverable')),
            state          text NOT NULL
                CHECK (state IN ('offered', 'asked', 'on_way', 'arrived', 'inspected', 'closed', 'void')),
            wish           text NOT NULL DEFAULT 'refund' CHECK (wish IN ('refund', 'exchange')),
            facility       text NOT NULL,
            language       text NOT NULL DEFAULT '',
            said           text NOT NULL DEFAULT '',
            rule           jsonb NOT NULL DEFAULT '{}',  -- deadline, law, who pays, as it was when it was asked for
            freight        numeric CHECK (freight >= 0),
            freight_by     text NOT NULL DEFAULT '' CHECK (freight_by IN ('', 'buyer', 'merchant')),
            refund         numeric CHECK (refund >= 0),
            refund_how     text NOT NULL DEFAULT '',
            refunded_at    timestamptz,
            currency       text NOT NULL,
            exchange_sku   text NOT NULL DEFAULT '',
            exchange_order text NOT NULL DEFAULT '',
            made_at        timestamptz NOT NULL,
            asked_at       timestamptz,
            posted_at      timestamptz,
            arrived_at     timestamptz,
            inspected_at   timestamptz,
            closed_at      timestamptz,
            FOREIGN KEY (merchant_id, parcel) REFERENCES parcels (merchant_id, number)
        );
        CREATE INDEX ON returns (merchant_id, made_at);
        CREATE INDEX ON returns (parcel);
        CREATE INDEX ON returns (facility, state);
        -- a parcel turns round once
        CREATE UNIQUE INDEX returns_turned_once ON returns (parcel) WHERE cause IN ('refused', 'undeliverable');
        CREATE TABLE return_lines (
            merchant_id text NOT NULL,
            return_id   text NOT NULL REFERENCES returns,
            line        integer NOT NULL,
            sku         text NOT NULL DEFAULT '',
            description text NOT NULL,
            hs          text NOT NULL DEFAULT '',
            origin      text NOT NULL DEFAULT '',
            bought      integer NOT NULL CHECK (bought > 0),
            asked       integer NOT NULL CHECK (asked BETWEEN 0 AND bought),
            value       numeric NOT NULL,  -- of one piece
            currency    text NOT NULL,
            found       integer CHECK (found BETWEEN 0 AND bought),
            grade       text NOT NULL DEFAULT '',
            disposal    text NOT NULL DEFAULT '' CHECK (disposal IN ('', 'stock', 'merchant', 'destroy')),
            place       text NOT NULL DEFAULT '',
            note        text NOT NULL DEFAULT '',
            deducted    numeric NOT NULL DEFAULT 0 CHECK (deducted >= 0),
            done_at     timestamptz,
            PRIMARY KEY (return_id, line)
        );
        CREATE TABLE ledger_charges (
            charge    text PRIMARY KEY,  -- its key for good
            tenant_id text NOT NULL,
            kind      text NOT NULL,
            subject   text NOT NULL,
            said      text NOT NULL DEFAULT '',
            amount    numeric NOT NULL CHECK (amount > 0),
            currency  text NOT NULL,
            start     text NOT NULL DEFAULT '',  -- the countries between which something was carried
            ending    text NOT NULL DEFAULT '',
            at        timestamptz NOT NULL
        );
        CREATE INDEX ON ledger_charges (tenant_id, at);
        """
    )
    for said in bound(
        "return_policies", merchant="SELECT, INSERT, UPDATE", operator="SELECT, INSERT, UPDATE"
    ):
        op.execute(said)
    for table in ("returns", "return_lines"):
        for said in bound(table, merchant="SELECT, INSERT, UPDATE", operator="SELECT, INSERT, UPDATE"):
            op.execute(said)
    for said in bound("ledger_charges", merchant="SELECT", operator="SELECT, INSERT", column="tenant_id"):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE ledger_charges, return_lines, returns, return_policies")
