"""What became of parcels that another network took in comes back: asked for with a signed note, answered with a signed document.

Whoever took the parcels in numbers what happened to each, in the order in which it was written down, and never changes a number.
Whoever handed them over adds what is new to its own history: each once, in that order, whatever broke in between.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import Connection, text

from qafila.context import Context
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.openness import openness_recording
from qafila.openness.verifier import Broken, Key, read_note, verified
from qafila.runtime.database import Role, acting_as, merchant_transaction
from qafila.runtime.events import store as history
from qafila.runtime.events.envelope import NETWORK, Event, Subject
from qafila.runtime.events.events_types import EVENT_TYPES, event
from qafila.runtime.outgoing import Manners, Refused, request
from qafila.shipping import handing_messages as m
from qafila.shipping import partners
from qafila.shipping.handing_event import PARTNER_ENDS, PARTNER_TOLD
from qafila.shipping.partners import Partner

FORMAT = "qafila-handover-status/1"
_ASKING = "qafila handover status asked v1"
_FRESH = timedelta(minutes=10)
_GIVE_UP = timedelta(days=60)
_MOST = 4 << 20
_IDS = UUID("5b0f5f8c-5a4f-4a35-9d27-6a3d1d7f0c11")


class NotBelieved(Fault):
    """What is said is not signed by a key that is known."""


# Whoever took them in -----------------------------------------------------------------------------


def question(digest: str, now: datetime) -> bytes:
    """A signed note that asks what became of the parcels of a document of ours."""
    signer = openness_recording.keys().signer
    return signer.note(f"{_ASKING}\n{signer.name}\nsha256 {digest}\nat {now.isoformat()}\n")


def answer(context: Context, asked: bytes) -> tuple[bytes, bytes]:
    """The document and its signed note for whoever handed the parcels over, and nobody else.

    Raises:
        Fault: the question is not signed by a known network, or too old. NotFound: nothing came in with that document from it.
    """
    now = context.now()
    with acting_as(Role.OPERATOR) as db:
        origin, digest = _read_question(asked, partners.partners(db), now)
        rows = db.execute(
            text(
                "SELECT parcel, reference, document FROM handovers WHERE direction = 'in' AND digest = :d AND other = :o "
                "ORDER BY position"
            ),
            {"d": digest, "o": origin},
        ).all()
        if not rows:
            raise NotFound(m.NOT_TAKEN_IN(digest=digest), field="digest", value=digest)
        said = {
            "format": FORMAT,
            "from": openness_recording.keys().signer.name,
            "document": digest,
            "at": now.isoformat(),
            "parcels": [
                {"there": row.reference, "here": row.parcel, "events": _events(db, context, row.parcel)}
                for row in rows
            ],
        }
    document = json.dumps(said, ensure_ascii=False, indent=1).encode()
    signer = openness_recording.keys().signer
    return document, signer.note(_said(signer.name, document))


def _read_question(asked: bytes, known: Sequence[Partner], now: datetime) -> tuple[str, str]:
    try:
        note = read_note(asked)
        lines = note.text[:-1].split("\n")
        if len(lines) != 4 or lines[0] != _ASKING:
            raise Broken("it is no question about a hand-over")
        of = [key for one in known if one.origin == lines[1] for key in one.keys(now)]
        if not verified(note, of):
            raise Broken(f"{lines[1][:80]} is no network that is known here")
        at = datetime.fromisoformat(lines[3].removeprefix("at "))
        if at.tzinfo is None or abs(now - at) > _FRESH:
            raise Broken("it was asked at another time")
    except (Broken, ValueError) as broken:
        raise Fault(m.NOT_SIGNED(why=str(broken)), m.ASK_FOR_KEY(), field="note") from None
    return lines[1], lines[2].removeprefix("sha256 ")


def _events(db: Connection, context: Context, parcel: str) -> list[dict[str, Any]]:
    """What happened to a parcel, in the order in which it was written down: nothing about persons, and nothing that only we may see."""
    rows = db.execute(
        text(
            "SELECT event_id, type, time, facility, details->>'event' AS retracted, details->>'told' AS told FROM events "
            "WHERE subject_kind = 'parcel' AND subject_id = :p AND time_kind = 'actual' ORDER BY seq"
        ),
        {"p": parcel},
    ).all()
    feed = context.network.feed
    numbers: dict[str, int] = {}
    told: list[dict[str, Any]] = []
    for row in rows:
        known = EVENT_TYPES.get(row.type)
        if known is None or not known.public or row.type == "booked":
            continue
        numbers[str(row.event_id)] = len(told) + 1
        place = feed.facility.get(row.facility or "")
        kind = (
            row.told if row.type.startswith("partner_") and row.told else row.type
        )  # a third network's, given on
        one: dict[str, Any] = {"n": len(told) + 1, "type": kind, "time": row.time.isoformat()}
        if place is not None:
            one["place"] = {"name": place.name, "city": place.city, "country": place.country}
        if row.retracted:
            one["of"] = numbers.get(row.retracted, 0)
        told.append(one)
    return told


def _said(origin: str, document: bytes) -> str:
    return f"qafila handover status v1\n{origin}\nsha256 {hashlib.sha256(document).hexdigest()}\n"


# Whoever handed them over ---------------------------------------------------------------------------


def take_in(context: Context, document: bytes, note: bytes, keys: Sequence[Key]) -> int:
    """Adds what another network tells of a merchant's parcels to their histories; returns how many events were new.

    Args:
        context: the merchant, and the clock.
        document, note: as the other network gave them.
        keys: those by whose word it is believed.

    Raises:
        Fault: it is no such document, or not signed as it should be. NotFound: no parcels of the merchant left with it.
        Conflict: it is of another network than the one that told of them before, or tells otherwise than it did.
    """
    said = _read(document, note, keys)
    origin, now = str(said["from"]), context.now()
    fresh = 0
    with merchant_transaction(context.tenant) as db:
        rows = {
            row.parcel: row
            for row in db.execute(
                text(
                    "SELECT parcel, other, told FROM handovers WHERE direction = 'out' AND digest = :d ORDER BY parcel FOR UPDATE"
                ),
                {"d": said["document"]},
            )
        }
        if not rows:
            raise NotFound(m.NOT_SENT(digest=str(said["document"])[:80]), field="document")
        for one in said["parcels"]:
            row = rows.get(one["there"])
            if row is not None:
                fresh += _add(db, context, row, one, origin, now)
    return fresh


def _read(document: bytes, note: bytes, keys: Sequence[Key]) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(document)
        if said["format"] != FORMAT:
            raise ValueError(f"it is not of the format {FORMAT}")
        for one in said["parcels"]:
            if not (isinstance(one["there"], str) and isinstance(one["here"], str)):
                raise ValueError("a parcel has no numbers")
            for n, what in enumerate(one["events"], 1):
                if what["n"] != n or not isinstance(what["type"], str):
                    raise ValueError("its events are not numbered one after the other")
                if datetime.fromisoformat(what["time"]).tzinfo is None:
                    raise ValueError("a time has no zone")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Fault(m.UNREADABLE(why=str(error)[:200]), field="document") from None
    try:
        signed = read_note(note)
        of = [key for key in keys if key.name == said["from"]]
        if signed.text != _said(str(said["from"]), document) or not verified(signed, of):
            raise Broken("the note is over another document or by another network")
    except Broken as broken:
        raise NotBelieved(m.NOT_SIGNED(why=str(broken)), m.ASK_FOR_KEY(), field="note") from None
    return said


def _add(db: Connection, context: Context, row: Any, one: dict[str, Any], origin: str, now: datetime) -> int:
    before = row.told or {"network": origin, "n": 0, "digest": _prefix([])}
    if before["network"] != origin or (row.other != origin and _is_partner(db, row.other)):
        raise Conflict(
            m.OTHER_NETWORK(parcel=row.parcel, network=before["network"]), field="from", value=origin
        )
    known, events = int(before["n"]), one["events"]
    if len(events) < known:
        return 0  # an older answer than the one before: nothing is new in it
    if _prefix(events[:known]) != before["digest"]:
        raise Conflict(
            m.TELLS_OTHERWISE(parcel=row.parcel, network=origin), field="document", value=row.parcel
        )
    fresh = [_event(row.parcel, one["here"], origin, what) for what in events[known:]]
    history.append(db, context.tenant, [what for what in fresh if what is not None])
    over = bool(events) and events[-1]["type"] in PARTNER_ENDS
    told = {
        "network": origin,
        "n": len(events),
        "digest": _prefix(events),
        "at": now.isoformat(),
        "over": over,
        "last": events[-1]["type"] if events else "",
    }
    db.execute(
        text(
            "UPDATE handovers SET told = CAST(:t AS jsonb), reference = CASE WHEN reference = '' THEN :r ELSE reference END "
            "WHERE direction = 'out' AND parcel = :p"
        ),
        {"t": orjson.dumps(told).decode(), "r": one["here"][:100], "p": row.parcel},
    )
    return len(fresh)


def _is_partner(db: Connection, name: str) -> bool:
    return any(one.origin == name for one in partners.partners(db))


def _prefix(events: Sequence[dict[str, Any]]) -> str:
    return hashlib.sha256(orjson.dumps(list(events), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _event(parcel: str, there: str, origin: str, what: dict[str, Any]) -> Event | None:
    """What is added to our history: that the other network told it, and what ends the parcel's way as such."""

    def id_of(n: int) -> str:
        return str(uuid5(_IDS, f"{origin}|{there}|{n}"))

    if what["type"] == "retracted":
        return event(
            EVENT_TYPES["retracted"],
            Subject("parcel", parcel),
            datetime.fromisoformat(what["time"]),
            NETWORK,
            id=id_of(what["n"]),
            details={"event": id_of(int(what.get("of", 0)))},
        )
    place = what.get("place") or {}
    said = {
        "network": origin,
        "there": there,
        "told": what["type"][:60],
        "place": ", ".join(str(place[k])[:80] for k in ("name", "city", "country") if place.get(k)),
    }
    kind = PARTNER_ENDS.get(what["type"], PARTNER_TOLD)
    return event(
        kind,
        Subject("parcel", parcel),
        datetime.fromisoformat(what["time"]),
        NETWORK,
        id=id_of(what["n"]),
        details=said,
    )


# Asking by itself -----------------------------------------------------------------------------------


def ask_all(context: Context) -> dict[str, int]:
    """Asks every partner that has an address for what became of the parcels that it has; one that is away is left for now."""
    now = context.now()
    with acting_as(Role.OPERATOR) as db:
        known = {one.origin: one for one in partners.partners(db) if one.address}
        rows = db.execute(
            text(
                "SELECT DISTINCT merchant_id, digest, coalesce(told->>'network', other) AS network, coalesce(told->>'at', '') AS asked "
                "FROM handovers WHERE direction = 'out' AND at > :since AND NOT coalesce((told->>'over')::boolean, false) "
                "AND coalesce(told->>'network', other) = ANY(:o) ORDER BY asked, digest"
            ),
            {"since": now - _GIVE_UP, "o": list(known)},
        ).all()
    done = {"asked": 0, "new": 0, "away": 0, "refused": 0}
    away: set[str] = set()
    for row in rows:
        if row.network in away:
            continue
        one = partners.follow(known[row.network], now)
        try:
            given = _asked(one, row.digest, now)
            try:
                fresh = take_in(context.of(row.merchant_id), *given, one.keys(now))
            except NotBelieved:  # its key may have been rotated a moment ago
                one = known[row.network] = partners.follow(one, now, anyway=True)
                fresh = take_in(context.of(row.merchant_id), *given, one.keys(now))
            done["new"] += fresh
            done["asked"] += 1
        except (OSError, Refused, http.client.HTTPException):
            away.add(row.network)
            done["away"] += 1
        except (
            Fault
        ):  # a document that it does not have, or what it tells is not what it told: the others go on
            done["refused"] += 1
    return done


def _asked(one: Partner, digest: str, now: datetime) -> tuple[bytes, bytes]:
    body = orjson.dumps({"note": question(digest, now).decode()})
    got = request(
        "POST",
        f"{one.address}/api/v1/handovers/statuses",
        body,
        {"content-type": "application/json"},
        Manners(inside=True, most=_MOST),
    )
    if got.status != 200:
        if got.status in (404, 422):
            raise Fault(m.UNREADABLE(why=f"it answered {got.status}"), field="document")
        raise OSError(f"it answered {got.status}")
    try:
        said = json.loads(got.body)
        return said["document"].encode(), said["note"].encode()
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Fault(m.UNREADABLE(why=str(error)[:200]), field="document") from None
