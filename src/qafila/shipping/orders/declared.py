"""Which HS codes of an order may stand on papers and before an authority."""

from __future__ import annotations

from qafila.shipping.orders.order import Order
from qafila.shipping.orders.orders_limits import limits


def declared_hs(order: Order, item: int) -> str:
    """The HS code of an item to be declared; empty where it was only guessed and the guess is not sure enough.

    Somebody must then be asked: without the code a declaration is not complete, and the parcel is not lodged.
    """
    sure = confidence(order, item)
    if sure is not None and not sure_enough(sure):
        return ""
    return order.items[item].hs or ""


def confidence(order: Order, item: int) -> float | None:
    """How sure a proposed HS code of an item is (0 to 1); None where the code was said, or there is none."""
    return next((e.confidence for e in order.estimates if e.field == f"items[{item}].hs"), None)


def sure_enough(confidence: float) -> bool:
    """Whether a proposed code reaches the stated confidence (facts/parcel-limits.csv)."""
    return confidence >= float(limits().declared_hs_confidence)
