"""Whether one kind of tenant is treated better, out of the regulator's copy: what was offered, what became of parcels, who stayed behind."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

import numpy as np

from qafila.openness.fairness.fairness_preference import Sample, matched

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


_OUTCOMES = """
SELECT coalesce(tenants.kind, 'merchant'), outcome.value, claims.parcel IS NOT NULL
FROM span JOIN owners USING (number) LEFT JOIN tenants ON tenants.tenant = owners.owner
    JOIN opened outcome ON outcome.number = span.number AND outcome.field = 'outcome'
    JOIN opened about ON about.number = span.number AND about.field = 'about'
    LEFT JOIN (SELECT DISTINCT inputs.value ->> '$.evidence.parcel' AS parcel FROM entries JOIN opened inputs
        ON inputs.number = entries.number AND inputs.field = 'inputs'
        WHERE entries.kind = 'ledger.claim' AND entries.said ->> '$.kind' = 'damaged' AND entries.said ->> '$.granted'
    ) claims ON claims.parcel = about.value ->> '$.subject'
WHERE span.kind = 'shipping.outcome' AND outcome.value ->> '$.how' <> '' ORDER BY span.number
"""

_STAYED = """
SELECT number, kind FROM span WHERE kind IN ('delivery.rounds', 'sorting.scans') ORDER BY number
"""
_OPENED = "SELECT field, value FROM opened WHERE number = ? AND field IN ('owners', 'answer', 'left')"
"""What one entry says, fetched for itself: a batch of scans is large, and thousands of them are not to be sorted."""


def samples(database: sqlite3.Connection) -> list[Sample]:
    """All that is compared: requests, parcels whose way is over, parcels of rounds, scans of sorters."""
    found: list[Sample] = [measures(database), outcomes(database), *stayed(database)]
    return [one for one in found if one[1]]


def outcomes(database: sqlite3.Connection) -> Sample:
    """Of each parcel whose way is over: days after its promise, against parcels of the same way; whether it was left behind,
    damaged (as was seen, or granted as a claim), lost.

    Returns:
        float64 [N] by measure, NaN where a parcel has none; the kind of tenant of each, [N].
    """
    classes: list[str] = []
    cells: list[object] = []
    late, behind, damaged, lost = ([] for _ in range(4))
    for group, written, claimed in database.execute(_OUTCOMES):
        said = json.loads(written)
        came = said["days_late"] is not None
        classes.append(group)
        cells.append(tuple(said["way"]) if came else ("none", len(cells)))
        late.append(float(said["days_late"]) if came else 0.0)
        behind.append(float(said["left_behind"]))
        damaged.append(float(said["damaged"] or claimed))
        lost.append(float(said["how"] == "lost"))
    if not classes:
        return {}, []
    return {
        "days_late": matched(np.array(late), cells),
        "left_behind": np.array(behind),
        "damaged": np.array(damaged),
        "lost": np.array(lost),
    }, classes


def stayed(database: sqlite3.Connection) -> list[Sample]:
    """Of each parcel of a station's day whether it stayed for another, of each scan whether it went aside; with its kind of tenant."""
    kinds = {"delivery.rounds": "stayed", "sorting.scans": "put_aside"}
    told: dict[str, tuple[list[float], list[str]]] = {name: ([], []) for name in kinds}
    tenants = dict(database.execute("SELECT tenant, kind FROM tenants"))
    for number, kind in database.execute(_STAYED).fetchall():
        said = {
            field: json.loads(written) for field, written in database.execute(_OPENED, (number,)) if written
        }
        if "owners" not in said or "answer" not in said:  # erased
            continue
        owners, answers, out = said["owners"], said["answer"], said.get("left") or {}
        values, classes = told[kind]
        for at, whose in owners.items() if isinstance(owners, dict) else enumerate(owners):
            if whose is not None:
                values.append(
                    float(str(at) in out if kind == "delivery.rounds" else answers[at][0] != "plan")
                )
                classes.append(tenants.get(whose) or "merchant")
    return [({kinds[name]: np.array(values)}, classes) for name, (values, classes) in told.items()]


def measures(database: sqlite3.Connection) -> Sample:
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
