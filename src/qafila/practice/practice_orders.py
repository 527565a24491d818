"""Orders and bookings of a place of practice, from a workshop in Fès."""

from __future__ import annotations

from functools import partial

from qafila.context import Context
from qafila.core.fault import Fault
from qafila.practice import practice_messages as m
from qafila.shipping import counter
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.orders.command import Adapter
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import command_of
from qafila.shipping.orders.reading import Row


class NoWay(Fault):
    """The network of this hub does not carry it: what a lesson needs cannot be furnished."""


def order(id: str, city: str, country: str, title: str = "ceramic bowl", hs: str = "691200") -> Adapter:
    """An order from a workshop in Fès, as a file would say it."""
    cells = {
        "order_id": id, "sender_name": "Zineb", "sender_line1": "1 Talaa Kebira", "sender_city": "Fès", "sender_country": "MA",
        "name": "Amina", "line1": "2 rue Neuve", "city": city, "country": country, "title": title, "hs": hs, "quantity": "1",
        "unit_price": "120", "currency": "MAD", "weight_kg": "0.5", "goods_origin": "MA",
    }  # fmt: skip
    return partial(command_of, RawOrder(id, (1,), cells, (Row(1, cells),)))


def booked(here: Context, id: str, city: str, country: str = "MA") -> tuple[str, str]:
    """A booking by the cheapest offer: its id and its parcel. Raises NoWay where the network has no way."""
    quote = counter.quote(here, order(id, city, country))
    if not isinstance(quote, counter.Quote):
        raise NoWay(m.NO_WAY(town=city), m.OTHER_LESSON())
    cheapest = min(quote.offers, key=lambda o: o.price.amount)
    outcome = counter.book(here, cheapest.id)
    assert isinstance(outcome, Booked)
    return outcome.booking_id, outcome.parcel
