"""What lies in a warehouse as lists for people: goods found by a word, lots, kits that could be made, whose goods they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

_FREE = (
    "CASE WHEN pl.kind IN ('pick', 'reserve', 'dock') AND s.condition IN ('good', 'bonded') AND coalesce(l.held, '') = '' "
    "THEN s.pieces - s.reserved ELSE 0 END"
)
"""What may still be promised: what lies on a cart or in a box is on its way out, and what is held or damaged stays."""

_FOUND = (
    "FROM stock s JOIN places pl USING (facility, place) LEFT JOIN lots l USING (merchant_id, sku, lot) LEFT JOIN products p USING (merchant_id, sku) "
    "WHERE s.facility = :f AND s.pieces > 0 AND (:q = '' OR strpos(lower(s.sku), :q) > 0 OR strpos(lower(s.place), :q) > 0 "
    "OR strpos(lower(s.lot), :q) > 0 OR strpos(lower(p.document->>'title'), :q) > 0)"
)


def goods(
    connection: Connection, facility: str, word: str = "", limit: int = 100, offset: int = 0
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Goods of a warehouse by SKU, and their totals (rows, skus, pieces, free).

    word: a part of a SKU, a title, a place or a lot; empty: all. limit, offset: of rows.
    """
    asked = {"f": facility, "q": word.strip().lower(), "n": limit, "o": offset}
    rows = connection.execute(
        text(
            "SELECT s.merchant_id AS owner, s.sku, p.document->>'title' AS title, s.place, s.lot, s.serial, s.condition, "
            f"pl.kind, s.pieces, s.reserved, {_FREE} AS free, l.expires_on, coalesce(l.held, '') AS held {_FOUND} "
            "ORDER BY s.sku, l.expires_on NULLS LAST, s.place, s.merchant_id, s.lot, s.serial LIMIT :n OFFSET :o"
        ),
        asked,
    )
    found = [dict(r._mapping) for r in rows]
    total = connection.execute(
        text(
            "SELECT count(*) AS rows, count(DISTINCT (s.merchant_id, s.sku)) AS skus, coalesce(sum(s.pieces), 0) AS pieces, "
            f"coalesce(sum({_FREE}), 0) AS free {_FOUND}"
        ),
        asked,
    ).one()
    return found, {name: int(n) for name, n in total._mapping.items()}


def owners(connection: Connection) -> list[tuple[str, str]]:
    """Whose products the role may see, by name: id and name."""
    rows = connection.execute(
        text(
            "SELECT m.merchant_id, coalesce(t.name, m.merchant_id) AS name FROM (SELECT DISTINCT merchant_id FROM products) m "
            "LEFT JOIN tenants t ON t.tenant_id = m.merchant_id ORDER BY name, m.merchant_id"
        )
    )
    return [(r.merchant_id, r.name) for r in rows]


def lots(
    connection: Connection, owner: str, word: str = "", held: bool = False, limit: int = 200
) -> list[dict[str, Any]]:
    """Lots with the pieces that lie there, what expires first before the others.

    owner: empty for all that the role may see; word: a part of SKU or lot; held: only those that may not leave.
    """
    rows = connection.execute(
        text(
            "SELECT l.merchant_id AS owner, l.sku, l.lot, l.expires_on, l.held, l.customs_status, l.customs_deadline, "
            "coalesce((SELECT sum(pieces) FROM stock s WHERE (s.merchant_id, s.sku, s.lot) = (l.merchant_id, l.sku, l.lot)), 0) "
            "AS pieces FROM lots l WHERE (:o = '' OR l.merchant_id = :o) AND (NOT :h OR l.held <> '') AND "
            "(:q = '' OR strpos(lower(l.sku), :q) > 0 OR strpos(lower(l.lot), :q) > 0) "
            "ORDER BY l.held = '', l.expires_on NULLS LAST, l.sku, l.lot LIMIT :n"
        ),
        {"o": owner, "q": word.strip().lower(), "h": held, "n": limit},
    )
    return [dict(r._mapping) for r in rows]


def kits(connection: Connection, facility: str) -> list[dict[str, Any]]:
    """Kits of all owners that the role may see: their parts, how many lie here, and where how many could be made of parts
    that lie together (`places`: place and number, most first)."""
    rows = connection.execute(
        text(
            "SELECT p.merchant_id AS owner, p.sku, p.document->>'title' AS title, p.document->'parts' AS parts, "
            "coalesce((SELECT sum(pieces) FROM stock s WHERE s.facility = :f AND (s.merchant_id, s.sku) = (p.merchant_id, p.sku)), 0) "
            "AS pieces FROM products p WHERE jsonb_array_length(coalesce(p.document->'parts', '[]')) > 0 ORDER BY p.sku LIMIT 200"
        ),
        {"f": facility},
    )
    found = [dict(r._mapping) for r in rows]
    wanted = {(k["owner"], part[0]) for k in found for part in k["parts"]}
    lies: dict[tuple[str, str], dict[str, int]] = {}
    for row in connection.execute(
        text(
            "SELECT s.merchant_id, s.sku, s.place, sum(s.pieces - s.reserved) AS free FROM stock s JOIN places p "
            "USING (facility, place) WHERE s.facility = :f AND s.pieces > s.reserved AND s.sku = ANY(:skus) AND s.condition = 'good' "
            "AND p.kind IN ('pick', 'reserve', 'dock', 'pack') GROUP BY 1, 2, 3"
        ),
        {"f": facility, "skus": sorted({sku for _, sku in wanted})},
    ):
        lies.setdefault((row.merchant_id, row.sku), {})[row.place] = int(row.free)
    for kit in found:
        of = [(lies.get((kit["owner"], sku), {}), int(each)) for sku, each in kit["parts"]]
        together = set.intersection(*(set(there) for there, _ in of))
        could = [(place, min(there[place] // each for there, each in of)) for place in together]
        kit["places"] = sorted(((p, n) for p, n in could if n), key=lambda one: (-one[1], one[0]))[:5]
    return found


def docks(connection: Connection, facility: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """When docks are taken between two instants: dock, since, until, and by which delivery. As a role that sees them."""
    rows = connection.execute(
        text(
            "SELECT merchant_id AS owner, advice_id, supplier, dock, expected_at AS since, dock_until AS until, state FROM advices "
            "WHERE facility = :f AND dock IS NOT NULL AND expected_at < :u AND dock_until > :s AND state <> 'cancelled' "
            "ORDER BY dock, expected_at LIMIT 500"
        ),
        {"f": facility, "s": since, "u": until},
    )
    return [dict(r._mapping) for r in rows]
