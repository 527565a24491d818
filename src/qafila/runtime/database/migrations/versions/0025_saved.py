"""Sender profiles, the address book and saved goods of a merchant.

Revision ID: 0025
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE saved_addresses (
            merchant_id text NOT NULL REFERENCES tenants,
            address_id  text NOT NULL,
            kind        text NOT NULL CHECK (kind IN ('sender', 'receiver')),
            label       text NOT NULL,
            document    json NOT NULL,
            usual       boolean NOT NULL DEFAULT false,
            changed_at  timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (merchant_id, address_id),
            UNIQUE (merchant_id, kind, label)
        );
        CREATE TABLE saved_goods (
            merchant_id text NOT NULL REFERENCES tenants,
            goods_id    text NOT NULL,
            sku         text NOT NULL DEFAULT '',
            title       text NOT NULL DEFAULT '',
            hs          text NOT NULL DEFAULT '',
            grams       numeric,
            origin      text NOT NULL DEFAULT '',
            sku_key     text NOT NULL,  -- as they are compared: without case, accents, surplus spaces
            title_key   text NOT NULL,
            changed_at  timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (merchant_id, goods_id)
        );
        CREATE UNIQUE INDEX ON saved_goods (merchant_id, sku_key) WHERE sku_key <> '';
        CREATE UNIQUE INDEX ON saved_goods (merchant_id, title_key) WHERE sku_key = '';
        CREATE INDEX ON saved_goods (merchant_id, title_key);
        """
    )
    for table in ("saved_addresses", "saved_goods"):
        for said in bound(table, merchant="SELECT, INSERT, UPDATE, DELETE", regulator=""):
            op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE saved_goods, saved_addresses")
