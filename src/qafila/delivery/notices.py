"""What buyers are told, by e-mail and on their phone: written in the transaction in which it happened, sent afterwards.

A message is in the language that the buyer chose on his page, else in the first official language of his country that the
house speaks. Who asked for no more messages gets none: his address is kept as a hash for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from babel.languages import get_official_languages
from sqlalchemy import Connection, text

from qafila.core.identifiers.own import new_id
from qafila.core.message import Template, Value
from qafila.core.plain_text import one_line
from qafila.core.values import value
from qafila.delivery import delivery_messages as m
from qafila.delivery.model import Delivery
from qafila.delivery.phones import international
from qafila.ledger import parties, promises
from qafila.network.model import Facility
from qafila.runtime.language import DEFAULT, LANGUAGES, Language, render
from qafila.runtime.language.rendering import said_alone, wording
from qafila.runtime.settings import settings

MOST_TRIES = 5
PROMISE = "promise"
"""The kind of message to a merchant: paid for a promise that was not kept."""
_TO_MERCHANTS = (PROMISE, "merchant_")
Words = tuple[Template, Template]
"""Subject and words of a message."""
_OF_MAIL = "email"


@value
class Notice:
    """A message that waits, or was sent."""

    id: str
    parcel: str
    kind: str
    channel: str
    address: str
    language: str
    subject: str
    body: str
    stop: str  # the address that ends all messages by one request; empty for what is no message to a buyer
    tries: int
    said: tuple[str, ...] = ()  # the values of its words, in their order


def language_for(delivery: Delivery) -> Language:
    """In which language a buyer is spoken to."""
    if delivery.language in LANGUAGES:
        return LANGUAGES[delivery.language]
    return _spoken_in(delivery.receiver["country"])


def _spoken_in(country: str) -> Language:
    for code in get_official_languages(country or "US"):
        if code.partition("_")[0] in LANGUAGES:
            return LANGUAGES[code.partition("_")[0]]
    return DEFAULT


def link(delivery: Delivery, language: Language, more: str = "") -> str:
    """The buyer's page of a delivery."""
    return f"{settings().public_address.rstrip('/')}/{language.code}/d/{delivery.token}{more}"


def print_of(address: str) -> str:
    """By what an address is known that wants no messages: a hash of it."""
    return sha256(address.strip().casefold().encode()).hexdigest()


def addresses(delivery: Delivery) -> list[tuple[str, str]]:
    """Channels and addresses by which a buyer is reached, of those that the hub uses."""
    phone = international(delivery.receiver["phone"], delivery.receiver["country"])
    by = {"email": delivery.receiver["email"], "sms": phone, "whatsapp": phone}
    return [(channel, by[channel].strip()) for channel in settings().notices if by.get(channel, "").strip()]


def tell(
    connection: Connection,
    delivery: Delivery,
    place: Facility | None,
    kind: str,
    at: datetime,
    **values: Value,
) -> int:
    """Writes what a buyer is to be told.

    Args:
        connection: of the transaction in which it happened.
        delivery: his parcel, as it is now.
        place: the station, whose clock times are said on; None: no window is told.
        kind: a key of `messages.NOTICES`.
        at: when.
        values: what its words need beside parcel, link, code and the told window.

    Returns:
        How many messages: one a channel; none where he wants none, or has no address.
    """
    language = language_for(delivery)
    count = 0
    for channel, address in addresses(delivery):
        if stopped(connection, address):
            continue
        said: dict[str, Value] = {
            "parcel": delivery.parcel,
            "link": link(delivery, language),
            "code": delivery.code,
            **values,
        }
        if delivery.told is not None and place is not None:
            zone = ZoneInfo(place.timezone)
            first, last = (t.astimezone(zone) for t in delivery.told)
            window: dict[str, Value] = {
                "day": first.date(),
                "first": f"{first:%H:%M}",
                "last": f"{last:%H:%M}",
            }
            said = window | said
        said = _plain(said)
        subject, body = m.NOTICES[kind]
        lines = [render(body(**{n: said[n] for n in body.names}), language)]
        if channel == _OF_MAIL:
            lines += ["", render(m.STOP_LINE(link=link(delivery, language, "/stop")), language)]
        connection.execute(
            text(
                "INSERT INTO notices (merchant_id, notice_id, parcel, kind, channel, address, language, subject, body, said, due_at, made_at) "
                "VALUES (:m, :i, :p, :k, :c, :a, :l, :s, :b, :said, :at, :at) ON CONFLICT DO NOTHING"
            ),
            {
                "m": delivery.merchant_id,
                "i": new_id("ntc"),
                "p": delivery.parcel,
                "k": kind,
                "c": channel,
                "a": address,
                "l": language.code,
                "s": render(subject(**{n: said[n] for n in subject.names}), language),
                "b": "\n".join(lines),
                "at": at,
                "said": [said_alone(said[n], language) for n in in_order(body)],
            },
        )
        count += 1
    return count


def _plain(said: Mapping[str, Value]) -> dict[str, Value]:
    """Values in which no name ends a line, or turns the reading of what stands beside it."""
    return {name: one_line(one) if isinstance(one, str) else one for name, one in said.items()}


def stopped(connection: Connection, address: str) -> bool:
    """Whether an address wants no messages."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM notice_stops WHERE address = :a)"), {"a": print_of(address)}
        ).scalar()
    )


def stop(connection: Connection, delivery: Delivery, at: datetime) -> int:
    """No more messages to the addresses of a delivery; those that wait are not sent. Returns how many addresses."""
    phone = international(delivery.receiver["phone"], delivery.receiver["country"])
    found = {a.strip() for a in (delivery.receiver["email"], delivery.receiver["phone"], phone) if a.strip()}
    for address in found:
        connection.execute(
            text("INSERT INTO notice_stops VALUES (:a, :at) ON CONFLICT DO NOTHING"),
            {"a": print_of(address), "at": at},
        )
    connection.execute(
        text("UPDATE notices SET state = 'stopped' WHERE state = 'waiting' AND address = ANY(:a)"),
        {"a": sorted(found)},
    )
    return len(found)


def waiting(connection: Connection, now: datetime, most: int = 200) -> list[Notice]:
    """Messages that are due, locked: of several workers each sends others."""
    rows = connection.execute(
        text(
            "SELECT n.notice_id, n.parcel, n.kind, n.channel, n.address, n.language, n.subject, n.body, d.token, n.tries, n.said FROM notices n "
            "JOIN deliveries d USING (merchant_id, parcel) WHERE n.state = 'waiting' AND n.due_at <= :n ORDER BY n.due_at, n.notice_id "
            "LIMIT :most FOR UPDATE OF n SKIP LOCKED"
        ),
        {"n": now, "most": most},
    )
    base = settings().public_address.rstrip("/")
    return [
        Notice(
            row.notice_id,
            row.parcel,
            row.kind,
            row.channel,
            row.address,
            row.language,
            row.subject,
            row.body,
            "" if row.kind.startswith(_TO_MERCHANTS) else f"{base}/{row.language}/d/{row.token}/stop",
            row.tries,
            tuple(row.said),
        )
        for row in rows
    ]


def sent(
    connection: Connection, notice: Notice, at: datetime, error: str = "", permanent: bool = False
) -> None:
    """Notes that a message was sent, or why not: it is tried again later and later, five times; never where that is of no use."""
    given_up = permanent or notice.tries + 1 >= MOST_TRIES
    state = "sent" if not error else "failed" if given_up else "waiting"
    connection.execute(
        text(
            "UPDATE notices SET state = :s, tries = tries + 1, error = :e, sent_at = :at, due_at = :d WHERE notice_id = :i"
        ),
        {
            "s": state,
            "e": error[:300],
            "at": at if not error else None,
            "i": notice.id,
            "d": at + timedelta(minutes=5 * 4**notice.tries) if error else at,
        },
    )


def stop_address(connection: Connection, address: str, at: datetime) -> None:
    """No more messages to an address, because whoever has it told the gateway so."""
    connection.execute(
        text("INSERT INTO notice_stops VALUES (:a, :at) ON CONFLICT DO NOTHING"),
        {"a": print_of(address), "at": at},
    )
    connection.execute(
        text("UPDATE notices SET state = 'stopped' WHERE state = 'waiting' AND address = :a"), {"a": address}
    )


def in_order(words: Template) -> list[str]:
    """The names of the values in a template's words, in the order of its English: {{1}}, {{2}} … of an approved template."""
    return list(dict.fromkeys(re.findall(r"\{(\w+)\}", words.english)))


def numbered(kind: str, language: Language) -> str:
    """The words of a kind of message in a language with {{1}}, {{2}} … for its values, as they are handed in for approval."""
    body = m.NOTICES[kind][1]
    names = in_order(body)
    return re.sub(
        r"\{(\w+)\}", lambda found: f"{{{{{names.index(found[1]) + 1}}}}}", wording(body, language.code)
    )


def tell_merchants(connection: Connection, at: datetime) -> int:
    """Writes to merchants whose promises were paid for since, at the address where their invoices go; returns how many.

    Parcels that this hub did not deliver itself have no message: webhooks tell of them.
    """
    count = 0
    for row in promises.untold(connection):
        count += tell_merchant(
            connection, row.tenant, row.parcel, PROMISE, m.PROMISE_PAID, "/money", at, amount=row.money
        )
    return count


def tell_merchant(
    connection: Connection,
    tenant: str,
    parcel: str,
    kind: str,
    words: Words,
    page: str,
    at: datetime,
    **said: Value,
) -> int:
    """Writes to a merchant, at the address where his invoices go and in the language of his country.

    Args:
        connection: as the house.
        tenant: the merchant.
        parcel: which of his it is about; this hub brings it to the door, or has no message of it.
        kind: `promise`, or a name that begins with `merchant_`.
        words: subject and words.
        page: to which page its link leads.
        at: when.
        said: what the words need beside parcel and link.

    Returns 1, or 0 where he has no address, wants no messages, or was told.
    """
    party = parties.find(connection, tenant)
    if party is None or not party.email or stopped(connection, party.email):
        return 0
    language = _spoken_in(party.country)
    link = f"{settings().public_address.rstrip('/')}/{language.code}{page}"
    whole = _plain({**said, "parcel": parcel, "link": link})
    subject, body = (render(part(**{n: whole[n] for n in part.names}), language) for part in words)
    done = connection.execute(
        text(
            "INSERT INTO notices (merchant_id, notice_id, parcel, kind, channel, address, language, subject, body, due_at, made_at) "
            "SELECT d.merchant_id, :i, d.parcel, :k, 'email', :a, :l, :s, :b, :at, :at FROM deliveries d "
            "WHERE (d.merchant_id, d.parcel) = (:m, :p) ON CONFLICT DO NOTHING"
        ),
        {
            "m": tenant,
            "i": new_id("ntc"),
            "p": parcel,
            "k": kind,
            "a": party.email,
            "l": language.code,
            "at": at,
            "s": subject,
            "b": body,
        },
    ).rowcount
    return int(done)


def of_parcel(connection: Connection, parcel: str) -> list[dict[str, object]]:
    """What was told, or would have been, about a parcel."""
    rows = connection.execute(
        text(
            "SELECT kind, channel, address, language, subject, body, state, error, made_at, sent_at FROM notices WHERE parcel = :p ORDER BY made_at, notice_id"
        ),
        {"p": parcel},
    )
    return [dict(r._mapping) for r in rows]
