"""The licences that the hub has stated: kept with who stated them, ended and never taken away."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, text

from qafila.core.fault import Fault, NotFound
from qafila.ledger import ledger_messages as m
from qafila.ledger.law.law_rules import LICENCES, Licence, Regime, regime


def stated(connection: Connection) -> list[Licence]:
    """Every licence, also those that have ended, by territory."""
    rows = connection.execute(
        text(
            "SELECT territory, kind, authority, number, valid_from, valid_to FROM ledger_licences "
            "ORDER BY territory, valid_from, number"
        )
    )
    return [Licence(*row) for row in rows]


def state(connection: Connection, licence: Licence, by: str) -> None:
    """States a licence. The same again changes nothing. Raises Fault where its kind is none or a field is empty."""
    if licence.kind not in LICENCES:
        raise Fault(
            m.NO_LICENCE_KIND(kind=licence.kind[:40], known=", ".join(LICENCES)),
            field="kind",
            value=licence.kind[:40],
        )
    if not licence.number.strip() or not licence.authority.strip():
        raise Fault(m.LICENCE_UNSAID(), field="number", value=licence.number)
    connection.execute(
        text(
            "INSERT INTO ledger_licences (territory, kind, authority, number, valid_from, valid_to, stated_by) "
            "VALUES (:t, :k, :a, :n, :f, :u, :by) ON CONFLICT DO NOTHING"
        ),
        {
            "t": licence.territory.upper(),
            "k": licence.kind,
            "a": licence.authority.strip(),
            "n": licence.number.strip(),
            "f": licence.valid_from,
            "u": licence.valid_to,
            "by": by,
        },
    )


def end(connection: Connection, territory: str, number: str, last: date) -> None:
    """Ends a licence after a day. Raises NotFound where there is none of that number."""
    done = connection.execute(
        text("UPDATE ledger_licences SET valid_to = :u WHERE territory = :t AND number = :n"),
        {"t": territory.upper(), "n": number, "u": last},
    ).rowcount
    if not done:
        raise NotFound(m.NO_LICENCE(number=number[:80]), field="number", value=number[:80])


def regime_of(connection: Connection, territory: str, on: date) -> Regime:
    """Whether others' money passes through the hub in a territory on a day."""
    return regime(territory, on, stated(connection))
