"""Storage: the cartons in which an order is packed, each a parcel of its own; shops that are told of free stock.

Revision ID: 0042
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0042"
down_revision = "0041"

_TABLES = """
CREATE TABLE outbound_boxes (
    merchant_id text NOT NULL,
    order_id    text NOT NULL,
    part        smallint NOT NULL,
    box         smallint NOT NULL CHECK (box > 0),
    carton      text NOT NULL,
    grams       bigint,
    parcel      text, -- its number, where it was booked
    packed_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, order_id, part, box),
    FOREIGN KEY (merchant_id, order_id, part) REFERENCES outbound
);
CREATE INDEX ON outbound_boxes (parcel);

-- shops of merchants: their keys are for nobody to read but the house itself
CREATE TABLE shop_links (
    merchant_id text NOT NULL REFERENCES tenants,
    link_id     text PRIMARY KEY,
    shop        text NOT NULL CHECK (shop IN ('shopify', 'woocommerce')),
    address     text NOT NULL,
    location    text NOT NULL DEFAULT '', -- of Shopify: which of its locations the pieces lie at
    facilities  text[] NOT NULL DEFAULT '{}', -- whose stock counts; none named: every warehouse's
    secret      text NOT NULL,
    inside      boolean NOT NULL DEFAULT false,
    told        jsonb NOT NULL DEFAULT '{}', -- pieces by SKU, as the shop was told last
    unknown     text[] NOT NULL DEFAULT '{}', -- SKUs that the shop does not have
    failures    integer NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    last_at     timestamptz,
    due_at      timestamptz NOT NULL DEFAULT now(),
    made_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (merchant_id, shop, address, location)
);
CREATE INDEX ON shop_links (due_at);
"""

_SEEN = (
    "merchant_id, link_id, shop, address, location, facilities, told, unknown, failures, last_error, last_at, due_at, "
    "made_at"
)


def upgrade() -> None:
    op.execute(_TABLES)
    floor = "SELECT, INSERT, UPDATE, DELETE"
    for said in (
        *bound("outbound_boxes", merchant="SELECT", operator=floor, partner=floor),
        *bound(
            "shop_links",
            merchant=f"SELECT ({_SEEN}), DELETE",
            operator=f"SELECT ({_SEEN}), DELETE",
            regulator="",
        ),
    ):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE outbound_boxes, shop_links")
