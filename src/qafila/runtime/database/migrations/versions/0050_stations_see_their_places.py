"""What lies in warehouses, comes to them and leaves them, a station sees at its own places alone; before, it saw every warehouse's.

Revision ID: 0050
"""

from alembic import op

revision = "0050"
down_revision = "0049"

_TENANT = "current_setting('qafila.merchant', true)"
# in brackets of their own, so that they are asked once for a statement and not for each row
_NO_STATION = (
    f"(SELECT NOT EXISTS (SELECT FROM tenants t WHERE t.tenant_id = {_TENANT} AND t.kind = 'station'))"
)
_HERE = f"{{column}} IN (SELECT p.facility FROM tenant_places p WHERE p.tenant_id = {_TENANT})"

_BY_FACILITY = (
    "advices",
    "outbound",
    "picks",
    "stock",
    "stock_movements",
    "counts",
    "put_away_choices",
)
_OF_ANOTHER = {
    "advice_lines": "EXISTS (SELECT FROM advices a WHERE (a.merchant_id, a.advice_id) = (advice_lines.merchant_id, advice_lines.advice_id))",
    "outbound_lines": "EXISTS (SELECT FROM outbound o WHERE (o.merchant_id, o.order_id, o.part) = (outbound_lines.merchant_id, outbound_lines.order_id, outbound_lines.part))",
    "outbound_boxes": "EXISTS (SELECT FROM outbound o WHERE (o.merchant_id, o.order_id, o.part) = (outbound_boxes.merchant_id, outbound_boxes.order_id, outbound_boxes.part))",
}
_OWN_ACTS = f"tenant = {_TENANT}"
"""Acts in the middle of a tour or of packing name no place, so that an act is seen, and written, by whoever does it."""
_OF_MERCHANTS = ("products", "product_codes", "lots")
"""Who has something at a place, announces something there or has orders to fulfil there is known with his products and lots."""


def upgrade() -> None:
    for table in _BY_FACILITY:
        _bind(table, _HERE.format(column=f"{table}.facility"))
    _bind("storage_acts", _OWN_ACTS)
    for table, where in _OF_ANOTHER.items():
        _bind(table, where)
    for table in _OF_MERCHANTS:
        _bind(
            table,
            f"EXISTS (SELECT FROM advices a WHERE a.merchant_id = {table}.merchant_id) "
            f"OR EXISTS (SELECT FROM stock s WHERE s.merchant_id = {table}.merchant_id AND s.pieces > 0) "
            f"OR EXISTS (SELECT FROM outbound o WHERE o.merchant_id = {table}.merchant_id)",
        )


def _bind(table: str, where: str) -> None:
    op.execute(
        f"CREATE POLICY stations_see_their_places ON {table} AS RESTRICTIVE TO qafila_partner "
        f"USING ({_NO_STATION} OR {where})"
    )


def downgrade() -> None:
    for table in (*_BY_FACILITY, "storage_acts", *_OF_ANOTHER, *_OF_MERCHANTS):
        op.execute(f"DROP POLICY stations_see_their_places ON {table}")
