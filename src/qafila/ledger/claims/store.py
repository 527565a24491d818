"""The SQL of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it stands. `reasons` are messages as JSON keeps them; None while it is open."""

    id: str
    tenant: str
    parcel: str
    kind: str
    asked: Decimal
    currency: str
    said: str
    state: str  # open, granted, refused, withdrawn, taken_back
    evidence: dict[str, Any]
    proposed: dict[str, Any]
    granted: Decimal | None
    reasons: list[Any] | None
    filed_by: str
    filed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    entry: int | None


_COLUMNS = (
    "claim, tenant_id, parcel, kind, asked, currency, said, state, evidence, proposed, granted, reasons, filed_by, filed_at, "
    "decided_by, decided_at, entry"
)


def add(connection: Connection, made: Claim) -> bool:
    """Files a claim; False where there is one about the same already that is open or granted."""
    return bool(
        connection.execute(
            text(
                "INSERT INTO claims (claim, tenant_id, parcel, kind, asked, currency, said, evidence, proposed, filed_by, filed_at) "
                "VALUES (:id, :tenant, :parcel, :kind, :asked, :currency, :said, CAST(:e AS jsonb), CAST(:p AS jsonb), :filed_by, "
                ":filed_at) ON CONFLICT DO NOTHING"
            ),
            {
                name: getattr(made, name)
                for name in Claim.__slots__
                if name not in ("evidence", "proposed", "reasons")
            }
            | {
                "e": orjson.dumps(made.evidence, default=str).decode(),
                "p": orjson.dumps(made.proposed, default=str).decode(),
            },
        ).rowcount
    )


def one(connection: Connection, id: str, lock: bool = False) -> Claim | None:
    """A claim, or None."""
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM claims WHERE claim = :c {'FOR UPDATE' if lock else ''}"), {"c": id}
    ).one_or_none()
    return None if row is None else Claim(*row)


def standing(connection: Connection, parcel: str, kind: str) -> Claim | None:
    """The claim about a parcel that is open or granted, or None."""
    row = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM claims WHERE parcel = :p AND kind = :k AND state IN ('open', 'granted')"
        ),
        {"p": parcel, "k": kind},
    ).one_or_none()
    return None if row is None else Claim(*row)


def listed(connection: Connection, tenant: str = "", state: str = "", limit: int = 200) -> list[Claim]:
    """Claims of a merchant, or all that who asks may see, the newest first."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM claims WHERE (:t = '' OR tenant_id = :t) AND (:s = '' OR state = :s) "
            "ORDER BY filed_at DESC, claim LIMIT :n"
        ),
        {"t": tenant, "s": state, "n": limit},
    )
    return [Claim(*row) for row in rows]


def decide(
    connection: Connection,
    id: str,
    granted: Decimal | None,
    reasons: list[Any],
    by: str,
    at: datetime,
    entry: int | None,
) -> None:
    """Notes what was decided; `granted` None: it was refused."""
    connection.execute(
        text(
            "UPDATE claims SET state = :s, granted = :g, reasons = CAST(:r AS jsonb), decided_by = :by, decided_at = :at, "
            "entry = :e WHERE claim = :c"
        ),
        {
            "c": id,
            "s": "refused" if granted is None else "granted",
            "g": granted,
            "r": orjson.dumps(reasons).decode(),
            "by": by,
            "at": at,
            "e": entry,
        },
    )


def of_losses(connection: Connection, parcels: Sequence[str]) -> list[Claim]:
    """Claims of some parcels for a loss that are open, or granted and not known to be found; locked."""
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM claims WHERE parcel = ANY(:p) AND kind = 'lost' AND (state = 'open' OR state = 'granted' AND "
            "found_at IS NULL) ORDER BY claim FOR UPDATE"
        ),
        {"p": list(parcels)},
    )
    return [Claim(*row) for row in rows]


def found_and_paid(connection: Connection, most: int = 500) -> list[str]:
    """Granted claims for losses whose parcels were found since."""
    rows = connection.execute(
        text(
            "SELECT claim FROM claims WHERE state = 'granted' AND found_at IS NOT NULL ORDER BY claim LIMIT :n"
        ),
        {"n": most},
    )
    return list(rows.scalars())


def withdraw(connection: Connection, id: str, reasons: list[Any], by: str, at: datetime) -> None:
    """An open claim is withdrawn."""
    connection.execute(
        text(
            "UPDATE claims SET state = 'withdrawn', reasons = CAST(:r AS jsonb), decided_by = :by, decided_at = :at, found_at = :at "
            "WHERE claim = :c"
        ),
        {"c": id, "r": orjson.dumps(reasons).decode(), "by": by, "at": at},
    )


def reopen(connection: Connection, id: str) -> None:
    """A claim that was withdrawn is open again."""
    connection.execute(
        text(
            "UPDATE claims SET state = 'open', reasons = NULL, decided_by = NULL, decided_at = NULL, found_at = NULL WHERE claim = :c"
        ),
        {"c": id},
    )


def found(
    connection: Connection, id: str, reasons: list[Any], at: datetime | None, back: bool = False
) -> None:
    """Notes of a granted claim when its parcel was found (None: it is lost after all); `back`: what was paid is booked back."""
    connection.execute(
        text(
            "UPDATE claims SET reasons = CAST(:r AS jsonb), found_at = :at, state = CASE WHEN :back THEN 'taken_back' ELSE state END "
            "WHERE claim = :c"
        ),
        {"c": id, "r": orjson.dumps(reasons).decode(), "at": at, "back": back},
    )


def booked_elsewhere(connection: Connection, parcel: str) -> str | None:
    """The installation at which a parcel was booked, where its merchant brought it from there."""
    found = connection.execute(
        text(
            "SELECT x.installation FROM parcels p JOIN shipments s USING (merchant_id, shipment_id) "
            "JOIN brought_bookings x ON (x.tenant_id, x.booking_id) = (s.merchant_id, s.booking_id) WHERE p.number = :n"
        ),
        {"n": parcel},
    ).scalar()
    return None if found is None else str(found)
