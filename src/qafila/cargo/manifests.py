"""Flight manifests: what is aboard, by ULD and waybill; FFM content as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from qafila.cargo.waybills import waybill


def manifest(
    connection: Connection, flight: str, units: Sequence[tuple[str, str, Sequence[str]]]
) -> dict[str, Any]:
    """The FFM content of a flight: by ULD, each waybill with its pieces and weight aboard; what is on no waybill is named.

    Args:
        units: ULD, its position, and the parcels in it; loose parcels have an empty ULD.
    """
    told = []
    for uld, position, parcels in units:
        rows = connection.execute(
            text(
                "SELECT waybill, count(*) AS pieces, sum(grams) AS grams FROM waybill_parcels "
                "WHERE parcel = ANY(:p) GROUP BY 1 ORDER BY 1"
            ),
            {"p": list(parcels)},
        ).all()
        on = {
            r.waybill: {"waybill": r.waybill, "pieces": r.pieces, "kg": str(Decimal(int(r.grams)) / 1000)}
            for r in rows
        }
        for n in on:
            whole = waybill(connection, n)
            on[n] |= {
                "of": whole["pieces"],
                "part": on[n]["pieces"] < whole["pieces"],
                "origin": whole["origin"],
                "destination": whole["destination"],
                "goods": whole["goods"],
                "special_handling": whole["special_handling"],
            }
        known = set(
            connection.execute(
                text("SELECT parcel FROM waybill_parcels WHERE parcel = ANY(:p)"), {"p": list(parcels)}
            ).scalars()
        )
        told.append(
            {
                "uld": uld or None,
                "position": position or None,
                "waybills": list(on.values()),
                "without_waybill": sorted(set(parcels) - known),
            }
        )
    return {"message": "FFM", "flight": flight, "ulds": told}
