"""Follows deliveries: of each parcel, whether the day given to its buyer was kept; and whether what is claimed as lost was found.
Small, for every process loads it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from qafila.runtime.events.envelope import SubjectKind, TimeKind
from qafila.runtime.events.projection import Projection, Recorded


def _follow(connection: Connection, events: Sequence[Recorded]) -> None:
    """Notes what was delivered; only the first delivery of a parcel counts."""
    done = [
        (e.event.subject_id, e.event.time)
        for e in events
        if (e.event.subject_kind, e.event.type, e.event.time_kind)
        == (SubjectKind.PARCEL.value, "delivered", TimeKind.ACTUAL.value)
    ]
    if done:
        connection.execute(
            text(
                "INSERT INTO promises (parcel, tenant_id, promised, delivered, state) "
                "SELECT DISTINCT ON (p.number) p.number, p.merchant_id, b.promise_by, d.at, "
                "CASE WHEN d.at <= b.promise_by THEN 'kept' ELSE 'broken' END "
                "FROM unnest(CAST(:numbers AS text[]), CAST(:times AS timestamptz[])) WITH ORDINALITY AS d (number, at, n) "
                "JOIN parcels p ON p.number = d.number JOIN shipments s USING (merchant_id, shipment_id) "
                "JOIN bookings b USING (merchant_id, booking_id) WHERE b.cancelled_at IS NULL "
                # what another installation carried it answers for, and its own row of it comes along with the merchant
                "AND NOT EXISTS (SELECT FROM brought_bookings x "
                "WHERE (x.tenant_id, x.booking_id) = (b.merchant_id, b.booking_id)) "
                "ORDER BY p.number, d.n ON CONFLICT DO NOTHING"
            ),
            {"numbers": [number for number, _ in done], "times": [at for _, at in done]},
        )


def _found(connection: Connection, events: Sequence[Recorded]) -> None:
    """Looks at claims for losses of the parcels of which something was told; there are few."""
    told = {
        e.event.subject_id: e.event.time for e in events if e.event.subject_kind == SubjectKind.PARCEL.value
    }
    claimed = text(
        "SELECT parcel FROM claims WHERE kind = 'lost' AND state IN ('open', 'granted') AND parcel = ANY(:p)"
    )
    parcels = list(connection.execute(claimed, {"p": sorted(told)}).scalars()) if told else []
    if parcels:
        from qafila.ledger.claims import claims_finding  # read when it runs, and not before

        claims_finding.follow(connection, parcels, max(told[p] for p in parcels))


PROMISES = Projection("ledger.promises", _follow)
FOUND = Projection("ledger.found", _found)
