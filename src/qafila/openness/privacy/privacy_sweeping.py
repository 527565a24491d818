"""What has had its time goes, day by day: by kind and territory, as facts/retention.csv and the settings say."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict
from qafila.network.model import Feed
from qafila.openness.privacy import privacy_people, privacy_rules
from qafila.openness.privacy.sealing_old import seal_old
from qafila.runtime.database import administrator
from qafila.runtime.privacy import sealing
from qafila.runtime.settings import settings

_WHY = "what has had its time goes from everybody's rows"
_BATCH = 5_000
_PERSONS = 500
"""Orders whose persons are erased in one sweep; each is a transaction of its own."""


def sweep(feed: Feed, now: datetime) -> dict[str, int]:
    """One sweep; killed in the middle, the next goes on.

    Returns:
        How much went, by kind.
    """
    done = {
        "sealed": 0,
        "unbooked_offers": 0,
        "unbooked_orders": 0,
        "log_values": 0,
        "persons": 0,
        "locks": 0,
        "access_records": 0,
    }
    while True:
        with administrator(_WHY) as connection:
            some = seal_old(connection, at_most=_BATCH)
        done["sealed"] += some
        if some < _BATCH:
            break
    cutoff = now - timedelta(days=privacy_rules.days_of("unbooked_offers"))
    for kind, sweep_one in (
        ("unbooked_offers", _offers),
        ("unbooked_orders", _orders),
        ("log_values", _log_values),
    ):
        while True:
            with administrator(_WHY) as connection:
                some = sweep_one(connection, cutoff, now)
            done[kind] += some
            if some < _BATCH:
                break
    done["persons"] = _persons(feed, now)
    with administrator(_WHY) as connection:
        done["locks"] = _locks(connection, now)
        connection.execute(text("ALTER TABLE access_records DISABLE TRIGGER USER"))
        done["access_records"] = connection.execute(
            text("DELETE FROM access_records WHERE at < :c"),
            {"c": now - timedelta(days=privacy_rules.days_of("access_records"))},
        ).rowcount
        connection.execute(text("ALTER TABLE access_records ENABLE TRIGGER USER"))
    for kind, folder in (("regulator_copies", "regulator"), ("leaving_files", "leaving")):
        done[kind] = _files(settings().home / folder, now - timedelta(days=privacy_rules.days_of(kind)))
    return done


def _offers(connection: Connection, cutoff: datetime, now: datetime) -> int:
    """Offers that nobody booked."""
    return _unreferenced(connection, "offers", "x.valid_until < :c", cutoff)


def _orders(connection: Connection, cutoff: datetime, now: datetime) -> int:
    """Orders to which nothing refers any more."""
    return _unreferenced(connection, "orders", "x.recorded_at < :c", cutoff)


def _unreferenced(connection: Connection, table: str, old: str, cutoff: datetime) -> int:
    """Deletes old rows to which no row of any table refers, whatever tables there are; returns how many."""
    references = connection.execute(
        text(
            "SELECT c.conrelid::regclass::text AS other, "
            "ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (n, at) JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.at) AS theirs, "
            "ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (n, at) JOIN pg_attribute a "
            "ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.at) AS ours "
            "FROM pg_constraint c WHERE c.contype = 'f' AND c.confrelid = CAST(:t AS regclass)"
        ),
        {"t": table},
    ).all()
    free = "".join(
        f" AND NOT EXISTS (SELECT FROM {one.other} y WHERE ({', '.join(f'y.{c}' for c in one.theirs)}) = ({', '.join(f'x.{c}' for c in one.ours)}))"
        for one in references
    )
    return connection.execute(
        text(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT x.ctid FROM {table} x WHERE {old}{free} LIMIT :n))"
        ),
        {"c": cutoff, "n": _BATCH},
    ).rowcount


def _log_values(connection: Connection, cutoff: datetime, now: datetime) -> int:
    """What hides behind commitments about persons in offers and refusals that led to no booking."""
    return connection.execute(
        text(
            """
            UPDATE log_openings SET salt = NULL, value = NULL, erased_at = :now WHERE ctid = ANY(ARRAY(
                SELECT o.ctid FROM log_openings o JOIN log_entries e USING (entry_id)
                WHERE o.personal AND o.erased_at IS NULL AND e.decided_at < :c AND e.kind IN ('shipping.offers', 'shipping.refusal')
                    AND NOT EXISTS (SELECT FROM bookings b WHERE (b.merchant_id, b.order_id) = (e.tenant_id, e.subject))
                LIMIT :n))
            """
        ),
        {"c": cutoff, "n": _BATCH, "now": now},
    ).rowcount


def _persons(feed: Feed, now: datetime) -> int:
    """Receivers of orders that were booked so long ago that their territory lets them go."""
    known = {rule.territory: rule.days for rule in privacy_rules.retention() if rule.kind == "persons"}
    soonest = now - timedelta(days=min(known.values()))
    with administrator(_WHY) as connection:
        old = connection.execute(
            text(
                "SELECT b.merchant_id, b.order_id, max(b.booked_at), min(o.document->'receiver'->>'country') FROM bookings b "
                "JOIN orders o USING (merchant_id, order_id) WHERE b.booked_at < :c AND NOT EXISTS (SELECT FROM person_keys k "
                "WHERE (k.merchant_id, k.order_id) = (b.merchant_id, b.order_id) AND k.purpose = 'live' AND k.erased_at IS NOT NULL) "
                "GROUP BY 1, 2 ORDER BY 3 LIMIT :n"
            ),
            {"c": soonest, "n": 10 * _PERSONS},
        ).all()
    gone = 0
    for tenant, order, booked, country in old:
        days = known.get(privacy_rules.territories(country or "", feed), known[privacy_rules.ANYWHERE])
        if gone >= _PERSONS or booked > now - timedelta(days=days):
            continue
        with contextlib.suppress(Conflict), administrator(_WHY) as connection:
            privacy_people.erase(
                connection, privacy_people.of_order(connection, tenant, order), "sweep", feed, now
            )
            gone += 1
    return gone


def _locks(connection: Connection, now: datetime) -> int:
    """What law obliges us to keep no longer; with the last lock of an order its key."""
    gone = connection.execute(
        text("DELETE FROM locked_values WHERE keep_until < :today RETURNING merchant_id, order_id"),
        {"today": now.date()},
    ).all()
    for tenant, order in set(map(tuple, gone)):
        left = connection.execute(
            text("SELECT count(*) FROM locked_values WHERE merchant_id = :t AND order_id = :o"),
            {"t": tenant, "o": order},
        ).scalar_one()
        if not left:
            sealing.erase(connection, tenant, order, "locked")
    return len(gone)


def _files(folder: Path, before: datetime) -> int:
    gone = 0
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
