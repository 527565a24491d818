"""What a merchant left behind that bears on an order of his, read in one exchange with the database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import text

from qafila.core.values import value
from qafila.runtime.database import Role
from qafila.runtime.database.database_standing import read_for
from qafila.shipping.bookings.archive import Remembered
from qafila.shipping.remembered.model import SENDER, SavedAddress, SavedGoods, address_of, folded


@value
class Look:
    """What was found.

    Attributes:
        used: what the idempotency key was used for before; None where it was not.
        goods: saved goods with one of the article numbers or descriptions.
        profiles: sender profiles, the usual one first.
        newest_decision: number of the last confirmed classification; None where there is none.
    """

    used: Remembered | None
    goods: list[SavedGoods]
    profiles: list[SavedAddress]
    newest_decision: int | None


_LOOK = text(
    """
    SELECT (SELECT json_build_array(encode(fingerprint, 'hex'), answer) FROM idempotency_keys
            WHERE merchant_id = :m AND operation = 'offers' AND key = :key),
        (SELECT json_agg(json_build_array(goods_id, sku, title, hs, grams::text, origin)) FROM saved_goods
            WHERE sku_key = ANY(:skus) OR title_key = ANY(:titles)),
        (SELECT json_agg(json_build_array(address_id, kind, label, document, usual) ORDER BY usual DESC, label)
            FROM saved_addresses WHERE kind = :kind),
        (SELECT max(seq) FROM classification_decisions WHERE merchant_id = :m)
    """
)


def look(merchant_id: str, key: str | None, items: Sequence[tuple[str, str]]) -> Look:
    """What bears on an order, as its merchant sees it.

    Args:
        merchant_id: who asks for offers.
        key: the idempotency key that came with the question.
        items: article number and description of each of the order's goods; empty where there is none.
    """
    named = {
        "m": merchant_id,
        "key": key,
        "kind": SENDER,
        "skus": [folded(sku) for sku, _ in items if sku],
        "titles": [folded(title) for _, title in items if title],
    }
    ((used, goods, profiles, newest),) = read_for(Role.MERCHANT, merchant_id, _LOOK, named)
    return Look(
        None if used is None else Remembered(bytes.fromhex(used[0]), used[1]),
        [_goods(*row) for row in goods or ()],
        [
            SavedAddress(id, kind, label, address_of(told), usual)
            for id, kind, label, told, usual in profiles or ()
        ],
        newest,
    )


def _goods(id: str, sku: str, title: str, hs: str, grams: str | None, origin: str) -> SavedGoods:
    return SavedGoods(id, sku, title, hs, None if grams is None else Decimal(grams), origin)
