"""A person's data in all that a tenant has here: found, given, erased, and locked where law obliges us to keep them.

The person is the receiver of orders. Rows that speak of the order, its parcel or the person's own e-mail or phone are
looked through in every table; in them what tells who the person is is replaced. What append-only histories say lies
sealed under the key of the order's person, and goes with the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, NotFound
from qafila.core.identifiers.own import new_id
from qafila.network.model import Feed
from qafila.openness import openness_recording
from qafila.openness import store as log
from qafila.openness.model import Decision
from qafila.openness.privacy import privacy_messages as m
from qafila.openness.privacy import privacy_rules
from qafila.openness.privacy.privacy_places import DUTIES, FILES, Place, places
from qafila.openness.privacy.sealing_old import seal_old
from qafila.runtime.events.events_types import EVENT_TYPES
from qafila.runtime.events.store import histories
from qafila.runtime.privacy import sealing
from qafila.runtime.settings import settings

KIND = "openness.erasure"
ERASED = "[erased]"
_TELLING = ("name", "company", "line1", "line2", "phone", "email", "tax_id")
"""What of a receiver tells who it is; the town and the country say it of nobody."""
_GIVE_UP = timedelta(days=30)
"""Behind its promised day a parcel of which nothing was heard is under way no more."""


@dataclass(frozen=True, slots=True)
class Person:
    """The receiver of some orders of a tenant.

    Attributes:
        orders: their ids.
        ids: everything by which rows speak of them: orders, bookings, shipments, parcels.
        parcels: numbers.
        values: what tells who the person is.
        countries: where the orders go.
        booked: when the last of them was booked; None where none was.
    """

    tenant: str
    orders: tuple[str, ...]
    ids: tuple[str, ...]
    parcels: tuple[str, ...]
    values: tuple[str, ...]
    countries: tuple[str, ...]
    booked: date | None

    @property
    def searched(self) -> tuple[str, ...]:
        """By what texts rows are found: ids, e-mail and phone; a name alone may be somebody else's.

        The ids of orders are the merchant's own and may be as short as "1": they count as a whole JSON text only.
        """
        own = [v for v in self.values if "@" in v or len(re.sub(r"\D", "", v)) >= 8]
        orders = [orjson.dumps(id).decode() for id in self.orders]
        return (*orders, *(id for id in self.ids if id not in self.orders), *own)

    def patterns(self, coded: bool = False) -> list[str]:
        """The same for LIKE; also as PostgreSQL writes them in bytes."""
        plain = [one.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for one in self.searched]
        return [f"%{one}%" for one in (*plain, *((s.encode().hex() for s in self.searched) if coded else ()))]


@dataclass(slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        rows: rows in which something was replaced, or that went, by table.
        locked: what law obliges us to keep, sealed apart: table, rows, law, until when.
        log_values: values behind commitments of the log.
        files: files that went.
        keys: keys of persons that went, and with them what was sealed.
    """

    request: str
    orders: tuple[str, ...]
    rows: dict[str, int] = field(default_factory=dict)
    locked: list[dict[str, Any]] = field(default_factory=list)
    log_values: int = 0
    files: int = 0
    keys: int = 0

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def find(connection: Connection, tenant: str, said: str) -> Person:
    """Who is meant by the number of an order or a parcel, an e-mail, a phone or a full name.

    Args:
        connection: as the owner of the tables; all is bound to the tenant.
        tenant: whose orders.
        said: what is known of the person.

    Raises:
        NotFound: nobody is known by it.
    """
    plain, digits = said.strip(), re.sub(r"\D", "", said)
    rows = (
        connection.execute(
            text(
                """
            SELECT o.order_id, o.document FROM orders o WHERE o.merchant_id = :t AND (
                o.order_id = :s
                OR o.order_id IN (SELECT s.order_id FROM shipments s JOIN parcels p USING (merchant_id, shipment_id)
                    WHERE s.merchant_id = :t AND (p.number = replace(upper(:s), ' ', '') OR s.shipment_id = :s OR s.booking_id = :s))
                OR lower(o.document->'receiver'->>'email') = lower(:s)
                OR length(:d) >= 6 AND regexp_replace(o.document->'receiver'->>'phone', '\\D', '', 'g') = :d
                OR position(' ' IN :s) > 0 AND lower(o.document->'receiver'->>'name') = lower(:s))
            ORDER BY o.order_id
            """
            ),
            {"t": tenant, "s": plain, "d": digits},
        ).all()
        if plain and "\0" not in plain
        else []
    )
    if not rows:
        raise NotFound(m.NOBODY(said=said[:80]), m.SAY_WHO(), field="who", value=said[:80])
    return _person(connection, tenant, [(row[0], row[1]) for row in rows])


def of_order(connection: Connection, tenant: str, order: str) -> Person:
    """The receiver of one order. Raises NotFound."""
    row = connection.execute(
        text("SELECT document FROM orders WHERE merchant_id = :t AND order_id = :o"),
        {"t": tenant, "o": order},
    ).one_or_none()
    if row is None:
        raise NotFound(m.NOBODY(said=order), m.SAY_WHO(), field="who", value=order)
    return _person(connection, tenant, [(order, row[0])])


def _person(connection: Connection, tenant: str, orders: Sequence[tuple[str, Mapping[str, Any]]]) -> Person:
    ids = [id for id, _ in orders]
    linked = connection.execute(
        text(
            "SELECT b.booking_id, b.shipment_id, p.number, b.booked_at FROM bookings b "
            "LEFT JOIN parcels p ON (p.merchant_id, p.shipment_id) = (b.merchant_id, b.shipment_id) "
            "WHERE b.merchant_id = :t AND b.order_id = ANY(:o)"
        ),
        {"t": tenant, "o": ids},
    ).all()
    receivers = [document.get("receiver") or {} for _, document in orders]
    values = {str(one[name]) for one in receivers for name in _TELLING if one.get(name)} - {ERASED}
    more = [value for row in linked for value in (row[0], row[1], row[2]) if value]
    return Person(
        tenant,
        tuple(ids),
        tuple(dict.fromkeys([*ids, *more])),
        tuple(row[2] for row in linked if row[2]),
        tuple(sorted(values, key=len, reverse=True)),
        tuple(sorted({str(one.get("country") or "") for one in receivers})),
        max((row[3].date() for row in linked), default=None),
    )


def give(connection: Connection, person: Person) -> dict[str, Any]:
    """Everything about a person, by place: rows, the history, values behind commitments, who read it.

    Args:
        connection: as the owner of the tables.
        person: who asks.
    """
    found: dict[str, Any] = {
        place.table: [row for _, row in _rows(connection, place, person)] for place in places(connection)
    }
    found["events"] = [
        {
            "parcel": one.subject_id,
            "type": one.type,
            "time": one.time,
            "facility": one.facility,
            "details": dict(one.details),
        }
        for events in histories(connection, person.parcels).values()
        for one in events
    ]
    entries = [entry for id in person.ids for entry in log.about(connection, id)]
    opened = log.openings(connection, [one.entry_id for one in entries])
    found["log"] = [
        {"entry": entry.index, "kind": entry.kind, "field": one.field, "value": one.value}
        for entry in entries
        for one in opened.get(entry.entry_id, ())
        if one.personal
    ]
    found["files"] = sum(files(person.tenant, person.searched, False) for files in FILES)
    found["locked"] = [
        dict(row._mapping)
        for row in connection.execute(
            text(
                "SELECT order_id, table_name, law, keep_until FROM locked_values WHERE merchant_id = :t AND order_id = ANY(:o)"
            ),
            {"t": person.tenant, "o": list(person.orders)},
        )
    ]
    found["read_by"] = [
        dict(row._mapping)
        for row in connection.execute(
            text(
                "SELECT at, by_tenant, by_name, what, subject FROM access_records WHERE tenant_id = :t AND subject = ANY(:ids) ORDER BY record_id"
            ),
            {"t": person.tenant, "ids": list(person.ids)},
        )
    ]
    return {name: rows for name, rows in found.items() if rows}


def _rows(connection: Connection, place: Place, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a table that speak of the person: where each lies, and itself."""
    rows = connection.execute(
        text(
            f"SELECT t.ctid::text, to_json(t) FROM {place.table} t WHERE t.{place.owner} = :t "
            "AND to_json(t)::text LIKE ANY(:p)"
        ),
        {"t": person.tenant, "p": person.patterns()},
    ).all()
    return [(row[0], row[1]) for row in rows]


def under_way(connection: Connection, person: Person, now: datetime) -> str | None:
    """The order of which a parcel still needs its address; None where none does."""
    ends = [one.name for one in EVENT_TYPES.values() if one.effect is not None and one.effect.over]
    found: str | None = connection.execute(
        text(
            "SELECT b.order_id FROM bookings b JOIN parcels p ON (p.merchant_id, p.shipment_id) = (b.merchant_id, b.shipment_id) "
            "WHERE b.merchant_id = :t AND b.order_id = ANY(:o) AND b.cancelled_at IS NULL AND b.promise_by > :late AND NOT EXISTS "
            "(SELECT FROM events e WHERE e.subject_kind = 'parcel' AND e.subject_id = p.number AND e.time_kind = 'actual' "
            "AND e.type = ANY(:ends)) LIMIT 1"
        ),
        {"t": person.tenant, "o": list(person.orders), "late": now - _GIVE_UP, "ends": ends},
    ).scalar()
    return found


def erase(connection: Connection, person: Person, by: str, feed: Feed, now: datetime) -> Erased:
    """Erases a person's data, whole or not at all; what law obliges us to keep is locked, and the answer says so.

    Args:
        connection: as the owner of the tables; its transaction is the caller's.
        person: of `find`.
        by: who asks for it.
        feed: the network, whose territories say which law holds.
        now: when.

    Raises:
        Conflict: a parcel is under way and needs its address.
    """
    busy = under_way(connection, person, now)
    if busy is not None:
        raise Conflict(m.UNDER_WAY(order=busy), m.ASK_LATER(), field="who", value=busy)
    done = Erased(new_id("era"), person.orders)
    _seal_and_shred(connection, person, done)
    for place in places(connection):
        _replace(connection, place, person, feed, now, done)
    for table, column in (
        ("epcis_told", "merchant_id"),
        ("kept_answers", "tenant_id"),
        ("brought_receipts", "tenant_id"),
    ):
        _remove(connection, table, column, person, done)
    done.log_values = log.erase(connection, person.ids, now, personal_only=True)
    done.files = sum(files(person.tenant, person.searched, True) for files in FILES)
    said = {
        "orders": len(person.orders),
        "rows": sum(done.rows.values()),
        "log_values": done.log_values,
        "locked": sum(one["rows"] for one in done.locked),
    }
    openness_recording.record(
        connection, [Decision(KIND, done.request, now, said, {"by": by}, person.tenant)]
    )
    return done


def _seal_and_shred(connection: Connection, person: Person, done: Erased) -> None:
    """What histories say lies sealed, also what was told before there were keys; then the keys go, for good."""
    seal_old(connection, person.parcels)
    for order in person.orders:
        sealing.key(connection, person.tenant, order)  # one that is erased is never made anew
        done.keys += sealing.erase(connection, person.tenant, order)


def _replace(
    connection: Connection, place: Place, person: Person, feed: Feed, now: datetime, done: Erased
) -> None:
    changed = []
    for at, row in _rows(connection, place, person):
        fresh = {
            name: _without(row[name], person.values)
            for name in (*place.json, *place.words)
            if row[name] is not None
        }
        if place.table == "orders" and isinstance(fresh.get("document"), dict):
            fresh["document"] = _without_receiver(fresh["document"])
        if differing := {name: value for name, value in fresh.items() if value != row[name]}:
            changed.append((at, row, differing))
    if not changed:
        return
    if place.table in DUTIES and (person.booked is not None or place.table != "orders"):
        _lock(connection, place.table, person, [row for _, row, _ in changed], feed, now, done)
    if place.fixed:
        connection.execute(text(f"ALTER TABLE {place.table} DISABLE TRIGGER USER"))
    for at, _, differing in changed:
        sets = ", ".join(
            f'"{name}" = ' + (f"CAST(:{name} AS {place.json[name]})" if name in place.json else f":{name}")
            for name in differing
        )
        values = {
            name: orjson.dumps(v).decode() if name in place.json else v for name, v in differing.items()
        }
        connection.execute(
            text(f"UPDATE {place.table} SET {sets} WHERE ctid = CAST(:ctid AS tid)"), {**values, "ctid": at}
        )
    if place.fixed:
        connection.execute(text(f"ALTER TABLE {place.table} ENABLE TRIGGER USER"))
    done.rows[place.table] = len(changed)


def _without(value: Any, telling: Sequence[str]) -> Any:
    """JSON or text without what tells who the person is: whole where it is short, within longer texts where it is long."""
    if isinstance(value, dict):
        return {name: _without(one, telling) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(one, telling) for one in value]
    if not isinstance(value, str):
        return value
    for one in telling:
        if value == one:
            return ERASED
        if len(one) >= 6 and one in value:
            value = value.replace(one, ERASED)
    return value


def _without_receiver(document: dict[str, Any]) -> dict[str, Any]:
    receiver = document.get("receiver") or {}
    bare = {name: ERASED if name in _TELLING and value else value for name, value in receiver.items()}
    if bare.get("postcode"):
        bare["postcode"] = ""
    return {**document, "receiver": bare, **({"note": ""} if document.get("note") else {})}


def _lock(
    connection: Connection,
    table: str,
    person: Person,
    rows: Sequence[Mapping[str, Any]],
    feed: Feed,
    now: datetime,
    done: Erased,
) -> None:
    """Puts rows aside as they were, under a key of their own, until the law lets them go."""
    where = [
        privacy_rules.territories(country, feed)
        for country in (*person.countries, settings().country)
        if country
    ]
    until, duty = privacy_rules.duty(DUTIES[table], where, person.booked or now.date())
    if until < now.date():
        return
    order = person.orders[0]
    under = sealing.key(connection, person.tenant, order, "locked")
    if under is None:
        return
    law = duty.law or duty.source
    connection.execute(
        text(
            "INSERT INTO locked_values (merchant_id, order_id, table_name, sealed, law, keep_until, locked_at) "
            "VALUES (:t, :o, :table, :sealed, :law, :until, :now)"
        ),
        {
            "t": person.tenant,
            "o": order,
            "table": table,
            "sealed": sealing.seal(under, person.tenant, order, list(rows)),
            "law": law,
            "until": until,
            "now": now,
        },
    )
    done.locked.append(
        {"table": table, "rows": len(rows), "law": law, "source": duty.source, "until": until.isoformat()}
    )


def _remove(connection: Connection, table: str, column: str, person: Person, done: Erased) -> None:
    """Removes rows that repeat in others' words, or as bytes, what stands elsewhere."""
    connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    gone = connection.execute(
        text(f"DELETE FROM {table} t WHERE t.{column} = :t AND to_json(t)::text LIKE ANY(:p)"),
        {"t": person.tenant, "p": person.patterns(coded=True)},
    ).rowcount
    connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    if gone:
        done.rows[table] = gone


def locked(connection: Connection, tenant: str, lock: int) -> list[dict[str, Any]]:
    """The rows of a lock, for an authority that may have them. As the owner of the tables. Raises NotFound."""
    row = connection.execute(
        text("SELECT order_id, sealed FROM locked_values WHERE merchant_id = :t AND lock_id = :l"),
        {"t": tenant, "l": lock},
    ).one_or_none()
    under = None if row is None else sealing.keys(connection, tenant, [row[0]], "locked").get(row[0])
    if row is None or under is None:
        raise NotFound(m.NOBODY(said=str(lock)), field="lock", value=str(lock))
    found: list[dict[str, Any]] = sealing.unseal(under, tenant, row[0], row[1])
    return found
