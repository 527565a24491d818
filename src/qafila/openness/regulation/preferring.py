"""Whether one kind of tenant is treated better: measures of each request, out of the regulator's copy."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from qafila.openness.fairness.preference import matched

_REQUESTS = """
SELECT coalesce(tenants.kind, 'merchant'), span.kind = 'shipping.offers', answer.value, inputs.value,
    coalesce(like.value, json_object('from', o.value ->> '$.sender.facility_id', 'to', o.value ->> '$.receiver.facility_id',
        'grams', o.value ->> '$.grams', 'rule', o.value ->> '$.rule'))
FROM span JOIN owners USING (number) LEFT JOIN tenants ON tenants.tenant = owners.owner
    JOIN opened answer ON answer.number = span.number AND answer.field = 'answer'
    JOIN opened inputs ON inputs.number = span.number AND inputs.field = 'inputs'
    LEFT JOIN opened like ON like.number = span.number AND like.field = 'like'
    LEFT JOIN opened o ON o.number = span.number AND o.field = 'order'
WHERE span.kind IN ('shipping.offers', 'shipping.refusal') AND coalesce(like.value, o.value) IS NOT NULL
ORDER BY span.number
"""


def measures(database: sqlite3.Connection) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """Acceptance, price, days and waiting of each request, price and days against like requests, and its class.

    Returns:
        float64 [N] by measure, NaN where a request has none; the kind of tenant of each request, [N].
    """
    classes: list[str] = []
    cells: list[tuple[object, ...]] = []
    accepted, price, days, waited = ([] for _ in range(4))
    for group, offered, answer, inputs, like in database.execute(_REQUESTS):
        first = json.loads(answer)[0] if offered else None
        asked, same = json.loads(inputs), json.loads(like)
        classes.append(group)
        accepted.append(float(offered))
        waited.append(float(asked.get("waited_ms", 0)))
        price.append(float(first["price"]) if first else 0.0)
        took = (
            datetime.fromisoformat(first["arrival"]) - datetime.fromisoformat(asked["asked"])
            if first
            else None
        )
        days.append(took.total_seconds() / 86400 if took else 0.0)
        cells.append(
            (same["from"], same["to"], same["grams"], same["rule"], first["currency"])
            if first
            else ("none", len(cells))
        )
    if not classes:
        return {}, []
    return {
        "accepted": np.array(accepted),
        "price": matched(np.array(price), cells),
        "days": matched(np.array(days), cells),
        "waited_ms": np.array(waited),
    }, classes
