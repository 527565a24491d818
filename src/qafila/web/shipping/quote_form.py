"""The counter at which one parcel is quoted and booked: from a form's fields to offers, by the same rules
as a file's rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from qafila.context import Context
from qafila.runtime.accounts.tenants import LOCAL
from qafila.shipping.bookings.booking import Outcome, Request, book
from qafila.shipping.counter import market, understand, ways
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders.command import Command
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import command_of
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.orders.reading import Row
from qafila.shipping.orders.said_parcels import boxes_of
from qafila.shipping.orders.understanding import Ways

MOST_PARCELS = 6
"""Parcels that the form has room for; more go by a file or by the API."""

PARCEL = ("pieces", "weight_kg", "length_cm", "width_cm", "height_cm")
"""What may be said of each parcel."""

FIELDS = (
    "sender_city",
    "sender_country",
    "city",
    "country",
    "title",
    "quantity",
    "unit_price",
    "currency",
    "weight_kg",
    "length_cm",
    "width_cm",
    "height_cm",
    "hs",
    "goods_origin",
    "ready_at",
    "insured",
    "incoterm",
    "cash_on_delivery",
    *(f"parcel_{n}_{what}" for n in range(1, MOST_PARCELS + 1) for what in PARCEL),
)
"""What is asked for to make offers; names as in an orders file, but for the parcels, which a file tells by rows."""

PARTIES = (
    "sender_name", "sender_company", "sender_line1", "sender_postcode", "sender_phone", "name", "company",
    "line1", "postcode", "phone", "email", "order_id",
)  # fmt: skip
"""What is asked for beside it, to book."""

# a problem names the field as an orders file calls it; the form has one place for each
_PLACE = {
    "origin_city": "sender_city", "origin_country": "sender_country", "destination_city": "city",
    "destination_country": "country", "origin_facility": "sender_city", "facility": "city", "row": "title",
    "destination_postcode": "postcode", "sender": "sender_city", "promise_by": "ready_at", "goods": "title",
    "cash_on_delivery_currency": "cash_on_delivery",
}  # fmt: skip


def read(context: Context, fields: Mapping[str, str], order_id: str) -> Order | list[Problem]:
    """The order that a merchant's form describes, or everything that is wrong with it."""
    cells = {name: value.strip() for name, value in fields.items() if value.strip()}
    raw = RawOrder(order_id, (1,), cells, (Row(1, cells),))
    return understand(context, lambda ways: _command(raw, ways))


def _command(raw: RawOrder, ways: Ways) -> Command:
    """The form as a command: its goods as one row of a file, and the parcels that it says, a row each."""
    command = command_of(raw, ways)
    said: dict[int, dict[str, str]] = {}
    for name, value in raw.cells.items():
        if told := re.fullmatch(r"parcel_(\d)_(\w+)", name):
            what = "quantity" if told[2] == "pieces" else f"parcel_{told[2]}"
            said.setdefault(int(told[1]), {})[what] = value
    rows = [Row(n, said[n]) for n in sorted(said)]
    return replace(command, parcels=boxes_of(rows, ways, command.found))


def quote(context: Context, order: Order) -> list[Offer] | NoOffer:
    """Offers on the room that is left at this moment, earliest first. None is kept: people look at many."""
    return ways(context, order)


def warm(context: Context) -> None:
    """Reads and compiles, ahead of the first person who asks, what the first answer would wait for."""
    context = context.of(LOCAL)
    fields = {"sender_city": "Casablanca", "sender_country": "MA", "city": "Paris", "country": "FR",
              "title": "ceramic bowl", "quantity": "1", "unit_price": "100", "currency": "MAD"}  # fmt: skip
    order = read(context, fields, "warm")
    if isinstance(order, Order):
        quote(context, order)


def way(offer: Offer) -> str:
    """A short name for the rides of an offer: by it the same way is found again in a later quote."""
    rides = ",".join(f"{leg.service_id}/{leg.service_day}/{leg.calls}" for leg in offer.itinerary.legs)
    return hashlib.blake2b(rides.encode(), digest_size=8).hexdigest()


def place_order(context: Context, order: Order, offer: Offer, key: str, fields: Mapping[str, str]) -> Outcome:
    """Books an offer. `fields` is what the form said: sent twice with one key, it is one booking, though the
    order made of it is ready a moment later each time."""
    said = "\x1e".join(f"{name}\x1f{fields[name]}" for name in sorted(fields))
    request = Request(order, offer, key, content=f"{way(offer)}\x1d{said}")
    return book(context.tenant, request, market(context).timetable, context.now())


def by_place(problems: list[Problem]) -> dict[str, Problem]:
    """Problems by the form's field at which each is shown; the first of each."""
    shown: dict[str, Problem] = {}
    for problem in problems:
        shown.setdefault(_place(problem), problem)
    return shown


def _place(problem: Problem) -> str:
    if problem.field == "parcel":
        return "parcel_1_pieces"
    if problem.field.startswith("parcel_"):
        return f"parcel_{problem.row}_{problem.field.removeprefix('parcel_')}"
    return _PLACE.get(problem.field, problem.field)
