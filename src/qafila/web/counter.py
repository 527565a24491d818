"""The counter at which one parcel is quoted and booked: from a form's fields to offers, by the same rules
as a file's rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from qafila.database import administrator
from qafila.network import installed
from qafila.network.model import Feed
from qafila.network.timetable import Timetable
from qafila.shipping import capacity
from qafila.shipping.booking import Outcome, Request, book
from qafila.shipping.completing import complete
from qafila.shipping.figures import Notation
from qafila.shipping.grouping import RawOrder
from qafila.shipping.normalising import Ways, normalise
from qafila.shipping.offer import Offer
from qafila.shipping.offering import Market, NoOffer, offers_for
from qafila.shipping.order import Order, Problem
from qafila.shipping.preparing import market, propose_hs
from qafila.shipping.reading import Row
from qafila.shipping.stations import Whereabouts

FIELDS = (
    "sender_city", "sender_country", "city", "country", "title", "quantity", "unit_price", "currency",
    "weight_kg", "length_cm", "width_cm", "height_cm", "hs", "goods_origin", "ready_at", "insured", "incoterm",
)  # fmt: skip
"""What is asked for to make offers; names as in an orders file."""

PARTIES = (
    "sender_name", "sender_company", "sender_line1", "sender_postcode", "sender_phone", "name", "company",
    "line1", "postcode", "phone", "email", "order_id",
)  # fmt: skip
"""What is asked for beside it, to book."""

# a problem names the field as an orders file calls it; the form has one place for each
_PLACE = {
    "origin_city": "sender_city", "origin_country": "sender_country", "destination_city": "city",
    "destination_country": "country", "origin_facility": "sender_city", "facility": "city", "row": "title",
    "sender": "sender_city", "promise_by": "ready_at", "goods": "title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counter:
    """What is read once for a network and a week."""

    feed: Feed
    timetable: Timetable
    market: Market
    whereabouts: Whereabouts


def counter(now: datetime | None = None) -> Counter:
    """The counter of this home's network."""
    return _counter((now or datetime.now(UTC)).date())


@lru_cache(maxsize=2)
def _counter(on: date) -> Counter:
    feed = installed.feed()
    place = market(on)
    return Counter(feed, place.timetable, place, Whereabouts(feed))


def read(fields: Mapping[str, str], order_id: str, now: datetime) -> Order | list[Problem]:
    """The order that a form describes, or everything that is wrong with it."""
    cells = {name: value.strip() for name, value in fields.items() if value.strip()}
    raw = RawOrder(order_id, (1,), cells, (Row(1, cells),))
    ways = Ways(now, counter(now).whereabouts, Notation(None))
    draft = normalise(raw, ways)
    if isinstance(draft, list):
        return draft
    if any(item.unit_value is None for item in draft.items):
        reason = "The price is missing, and customs takes no value that was guessed."
        remedy = "Write the price of one piece; for a gift, its market value."
        return [Problem(1, "unit_price", "", reason, remedy)]
    return complete(draft, propose_hs)


def quote(order: Order, now: datetime) -> list[Offer] | NoOffer:
    """Offers on the room that is left at this moment, earliest first."""
    here = counter(now)
    with administrator() as connection:
        room = capacity.room(connection, here.timetable)
    return offers_for([order], here.market, now, room)[0]


def way(offer: Offer) -> str:
    """A short name for the rides of an offer: by it the same way is found again in a later quote."""
    rides = ",".join(f"{leg.service_id}/{leg.service_day}/{leg.calls}" for leg in offer.itinerary.legs)
    return hashlib.blake2b(rides.encode(), digest_size=8).hexdigest()


def place_order(merchant_id: str, order: Order, offer: Offer, key: str, now: datetime) -> Outcome:
    """Books an offer."""
    return book(merchant_id, Request(order, offer, key), counter(now).timetable, now)


def by_place(problems: list[Problem]) -> dict[str, Problem]:
    """Problems by the form's field at which each is shown; the first of each."""
    shown: dict[str, Problem] = {}
    for problem in problems:
        shown.setdefault(_PLACE.get(problem.field, problem.field), problem)
    return shown
