"""Confirmed classifications, kept for each merchant: the newest of a SKU holds."""

from __future__ import annotations

from sqlalchemy import Connection, text

from qafila.customs.classification import Decision


class NotASubheading(ValueError):
    """A code that is not six digits of the HS."""


def record(connection: Connection, merchant_id: str, decision: Decision) -> None:
    """Keeps a decision; it answers for its SKU from now on, and teaches on like goods.

    Raises NotASubheading, and ValueError where nobody is named who decided.
    """
    if len(decision.hs6) != 6 or not decision.hs6.isdigit():
        raise NotASubheading(f"{decision.hs6!r} is not an HS subheading: give its six digits")
    if not decision.by.strip():
        raise ValueError("say who decided: a classification is somebody's responsibility")
    connection.execute(
        text(
            "INSERT INTO classification_decisions (merchant_id, sku, title, attributes, category, hs6, decided_by, "
            "decided_at) VALUES (:m, :sku, :title, :attributes, :category, :hs6, :by, "
            "coalesce(CAST(:on AS date), now()))"
        ),
        {"m": merchant_id, "sku": decision.sku, "title": decision.title, "attributes": decision.attributes,
         "category": decision.category, "hs6": decision.hs6, "by": decision.by, "on": decision.on},
    )  # fmt: skip


def of_merchant(connection: Connection, merchant_id: str) -> list[Decision]:
    """A merchant's decisions, the oldest first; of a SKU decided again only the newest."""
    rows = connection.execute(
        text(
            """
            SELECT sku, title, attributes, category, hs6, decided_by, decided_at::date AS on
            FROM (SELECT *, row_number() OVER (PARTITION BY CASE WHEN sku = '' THEN seq::text ELSE 's' || sku END
                      ORDER BY seq DESC) AS age FROM classification_decisions WHERE merchant_id = :m) newest
            WHERE age = 1 ORDER BY seq
            """
        ),
        {"m": merchant_id},
    )
    return [Decision(r.sku, r.title, r.attributes, r.category, r.hs6, r.decided_by, r.on) for r in rows]
