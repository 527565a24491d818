"""What a supervisor sees: orders by state, who waits for what, tours under way, lines an hour, where it is busy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from qafila.storage import fetching


def overview(connection: Connection, facility: str, now: datetime) -> dict[str, Any]:
    """A warehouse today."""
    states = connection.execute(
        text(
            "SELECT state, count(*) AS n, min(cut_off) AS first FROM outbound WHERE facility = :f GROUP BY state"
        ),
        {"f": facility},
    )
    lines = connection.execute(
        text(
            "SELECT date_trunc('hour', at) AS hour, by, count(*) AS lines, sum(pieces) AS pieces FROM stock_movements "
            "WHERE facility = :f AND reason = 'pick' AND at > :s GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        {"f": facility, "s": now - timedelta(hours=12)},
    )
    waits = connection.execute(
        text(
            "SELECT l.merchant_id AS owner, l.sku, count(*) AS orders, sum(l.pieces - l.picked - l.short - coalesce(k.open, 0)) "
            "AS missing FROM outbound_lines l JOIN outbound o USING (merchant_id, order_id, part) LEFT JOIN LATERAL (SELECT "
            "sum(pieces - picked) AS open FROM picks k WHERE (k.merchant_id, k.order_id, k.part, k.line) = (l.merchant_id, "
            "l.order_id, l.part, l.line) AND k.state = 'reserved') k ON true WHERE o.facility = :f AND o.state = 'waiting' "
            "AND l.pieces - l.picked - l.short > coalesce(k.open, 0) GROUP BY 1, 2 ORDER BY missing DESC, 2 LIMIT 50"
        ),
        {"f": facility},
    )
    advices = connection.execute(
        text(
            "SELECT a.*, (SELECT sum(pieces) FROM advice_lines l WHERE (l.merchant_id, l.advice_id) = (a.merchant_id, "
            "a.advice_id)) AS pieces, (SELECT sum(received + damaged) FROM advice_lines l WHERE (l.merchant_id, l.advice_id) "
            "= (a.merchant_id, a.advice_id)) AS came FROM advices a WHERE facility = :f AND state IN ('announced', 'arrived') "
            "ORDER BY expected_at NULLS LAST, advice_id LIMIT 50"
        ),
        {"f": facility},
    )
    counts = connection.execute(
        text(
            "SELECT because, count(*) AS n FROM counts WHERE facility = :f AND state <> 'done' GROUP BY 1 ORDER BY 1"
        ),
        {"f": facility},
    )
    return {
        "facility": facility,
        "orders": {r.state: {"orders": r.n, "first_cut_off": r.first} for r in states},
        "tours": [dict(r._mapping) for r in fetching.open_tours(connection, facility)],
        "lines_by_hour": [dict(r._mapping) for r in lines],
        "waits_for": [dict(r._mapping) for r in waits],
        "advices": [dict(r._mapping) for r in advices],
        "counts": {r.because: r.n for r in counts},
    }


def heat(connection: Connection, facility: str, now: datetime, days: int = 30) -> dict[str, int]:
    """Picks from each place in some days."""
    rows = connection.execute(
        text(
            "SELECT source, count(*) AS n FROM stock_movements WHERE facility = :f AND reason = 'pick' AND at > :s GROUP BY 1"
        ),
        {"f": facility, "s": now - timedelta(days=days)},
    )
    return {r.source: r.n for r in rows}
