"""Declarations and their steps, papers, screening, classification decisions, bonded stock.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE declarations (
    merchant_id    text NOT NULL REFERENCES merchants,
    declaration_id text NOT NULL,
    parcel         text NOT NULL,
    procedure      text NOT NULL,
    territory      text NOT NULL,
    state          text NOT NULL,
    document       jsonb NOT NULL,
    opened_at      timestamptz NOT NULL DEFAULT now(),
    changed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, declaration_id)
);
-- a parcel is declared once for a procedure in a territory, unless the first was withdrawn
CREATE UNIQUE INDEX declarations_once ON declarations (merchant_id, parcel, procedure, territory)
    WHERE state <> 'withdrawn' AND procedure <> 'import';
CREATE INDEX ON declarations (state, changed_at);
CREATE INDEX ON declarations (parcel);

-- set when the parcel's declarations were opened, or found not to be needed
ALTER TABLE parcels ADD COLUMN declared_at timestamptz;
CREATE INDEX ON parcels (merchant_id, number) WHERE declared_at IS NULL;

-- every step and every amendment, append-only like the event history
CREATE TABLE declaration_steps (
    merchant_id    text NOT NULL,
    declaration_id text NOT NULL,
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    state          text NOT NULL,
    at             timestamptz NOT NULL,
    by             text NOT NULL,
    reason         text NOT NULL DEFAULT '',
    asks           text[] NOT NULL DEFAULT '{}',
    changes        jsonb,
    PRIMARY KEY (merchant_id, declaration_id, seq),
    FOREIGN KEY (merchant_id, declaration_id) REFERENCES declarations
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON declaration_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- papers that lift a restriction
CREATE TABLE declaration_papers (
    merchant_id    text NOT NULL,
    declaration_id text NOT NULL,
    restriction_id text NOT NULL,
    number         text NOT NULL CHECK (number <> ''),
    issued_on      date,
    added_by       text NOT NULL,
    added_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, declaration_id, restriction_id),
    FOREIGN KEY (merchant_id, declaration_id) REFERENCES declarations
);

-- lists that the operator loads; common to all merchants
CREATE TABLE screening_lists (
    list_id   text PRIMARY KEY,
    source    text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    parties   jsonb NOT NULL
);

CREATE TABLE screening_hits (
    merchant_id    text NOT NULL REFERENCES merchants,
    hit_id         text NOT NULL,
    declaration_id text NOT NULL,
    role           text NOT NULL,
    party_name     text NOT NULL,
    list_id        text NOT NULL,
    listed_id      text NOT NULL,
    listed_name    text NOT NULL,
    score          real NOT NULL,
    reason         text NOT NULL,
    found_at       timestamptz NOT NULL DEFAULT now(),
    verdict        text CHECK (verdict IN ('cleared', 'confirmed')),
    decided_by     text,
    decided_at     timestamptz,
    why            text,
    PRIMARY KEY (merchant_id, hit_id),
    UNIQUE (merchant_id, declaration_id, role, list_id, listed_id),
    FOREIGN KEY (merchant_id, declaration_id) REFERENCES declarations,
    CHECK ((verdict IS NULL) = (decided_by IS NULL) AND (verdict IS NULL) = (why IS NULL))
);

-- confirmed classifications: the newest of a SKU holds
CREATE TABLE classification_decisions (
    merchant_id text NOT NULL REFERENCES merchants,
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    sku         text NOT NULL,
    title       text NOT NULL,
    attributes  text NOT NULL DEFAULT '',
    category    text NOT NULL DEFAULT '',
    hs6         char(6) NOT NULL,
    edition     text NOT NULL DEFAULT 'HS2022',
    decided_by  text NOT NULL,
    decided_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_id, seq)
);
CREATE INDEX ON classification_decisions (merchant_id, sku, seq DESC);

-- goods under bond: what came in with a line of a declaration, and what each release took out
CREATE TABLE bonded_moves (
    merchant_id    text NOT NULL,
    entry_id       text NOT NULL,
    line           smallint NOT NULL,
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    quantity       numeric NOT NULL CHECK (quantity <> 0),
    release_id     text,
    at             timestamptz NOT NULL DEFAULT now(),
    by             text NOT NULL,
    PRIMARY KEY (merchant_id, entry_id, line, seq),
    FOREIGN KEY (merchant_id, entry_id) REFERENCES declarations
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bonded_moves
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

_GRANTS = {
    "declarations": "SELECT, INSERT, UPDATE (state, document, changed_at)",
    "declaration_steps": "SELECT, INSERT",
    "declaration_papers": "SELECT, INSERT",
    "screening_hits": "SELECT",
    "classification_decisions": "SELECT, INSERT",
    "bonded_moves": "SELECT, INSERT",
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
        "DROP TABLE bonded_moves, classification_decisions, screening_hits, screening_lists, "
        "declaration_papers, declaration_steps, declarations"
    )
    op.execute("ALTER TABLE parcels DROP COLUMN declared_at")
