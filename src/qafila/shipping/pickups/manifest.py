"""The manifest: what is handed to each carrier, parcel by parcel, as PDF to be signed and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from qafila.core.fault import Fault
from qafila.core.message import Choice
from qafila.core.spreadsheet import inert
from qafila.core.values import value
from qafila.network.model import Facility, Feed
from qafila.network.timetable import Mode
from qafila.shipping.bookings.records import Record
from qafila.shipping.papers.labels import printable
from qafila.shipping.papers.typesetting import typeset_manifest
from qafila.shipping.pickups import pickups_messages as m
from qafila.shipping.pickups.model import Pickup

COLUMNS = (
    "carrier", "service", "parcel", "order_id", "receiver", "city", "country", "weight_kg", "value", "currency",
    "cash_on_delivery", "cash_currency", "station", "departs", "documents",
)  # fmt: skip


@value
class Line:
    """One parcel of a manifest."""

    carrier: str  # who carries it on from the station that fetched it
    service: str
    number: str
    order_id: str
    receiver: str
    city: str
    country: str
    grams: int
    amount: str
    currency: str
    cash: str
    cash_currency: str
    station: str
    departs: datetime
    documents: str  # that restricted goods need


def lines(records: Sequence[Record], feed: Feed) -> list[Line]:
    """The lines of some parcels, by carrier, then as they were given."""
    services = {service.id: service for service in feed.services}
    made = []
    for record in records:
        order = record.order
        cash = order.cash_on_delivery.money if order.cash_on_delivery else None
        for n, (number, box) in enumerate(zip(record.entry.parcels, order.boxes, strict=True)):
            offer = record.offer_for(number)
            legs = offer.itinerary.legs
            leg = next((one for one in legs if one.mode is not Mode.COLLECTION), legs[0])
            service = services.get(leg.service_id)
            first = n == 0  # what holds for the whole shipment stands at its first parcel
            made.append(
                Line(
                    service.operator if service else leg.service_id,
                    leg.service_id,
                    number,
                    order.id,
                    order.receiver.name or order.receiver.company,
                    order.receiver.city,
                    order.receiver.country,
                    box.grams,
                    str(order.value.amount) if first else "",
                    order.value.currency if first else "",
                    str(cash.amount) if cash and first else "",
                    cash.currency if cash and first else "",
                    legs[0].from_facility,
                    leg.depart,
                    ", ".join(str(r.document) for r in offer.restrictions),
                )
            )
    return sorted(made, key=lambda line: line.carrier)


def of_carrier(some: Sequence[Line], carrier: str | None) -> list[Line]:
    """Those that go with a carrier; all where none is named. Raises Fault where none does."""
    if carrier is None:
        return list(some)
    found = [line for line in some if line.carrier == carrier]
    if not found:
        there = m.CARRIERS_ARE(
            carriers=Choice(tuple(dict.fromkeys(line.carrier for line in some)), every=True)
        )
        raise Fault(m.UNKNOWN_CARRIER(carrier=carrier[:60]), there, field="carrier", value=carrier[:60])
    return found


def as_csv(some: Sequence[Line]) -> bytes:
    """A line for each parcel; what a spreadsheet would take for a formula begins with an apostrophe."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    for one in some:
        cells = (
            one.carrier,
            one.service,
            one.number,
            one.order_id,
            one.receiver,
            one.city,
            one.country,
            f"{one.grams / 1000:.3f}",
            one.amount,
            one.currency,
            one.cash,
            one.cash_currency,
            one.station,
            one.departs.isoformat(),
            one.documents,
        )
        writer.writerow(map(inert, cells))
    return target.getvalue().encode()


def as_pdf(
    some: Sequence[Line], facilities: Mapping[str, Facility], made_at: datetime, pickup: Pickup | None = None
) -> bytes:
    """A page or more for each carrier, with sums and room to sign. Raises FontsMissing."""
    records = []
    for carrier in dict.fromkeys(line.carrier for line in some):
        own = [line for line in some if line.carrier == carrier]
        station = facilities.get(own[0].station)
        zone = ZoneInfo(station.timezone) if station else ZoneInfo("UTC")
        records.append(
            {
                "carrier": carrier,
                "station": f"{own[0].station} {station.name}" if station else own[0].station,
                "made": f"{made_at.astimezone(zone):%Y-%m-%d %H:%M %Z}",
                "pickup": pickup.id if pickup else "",
                "window": _window(pickup, zone) if pickup else "",
                "address": [printable(line) for line in pickup.address] if pickup else [],
                "note": printable(pickup.note) if pickup else "",
                "pieces": len(own),
                "kg": f"{sum(line.grams for line in own) / 1000:.3f}",
                "cash": _sums(own),
                "rows": [
                    [
                        str(n),
                        line.number,
                        printable(line.order_id),
                        printable(line.receiver),
                        printable(f"{line.city}, {line.country}"),
                        f"{line.grams / 1000:.3f}",
                        f"{line.cash} {line.cash_currency}".strip(),
                        f"{line.departs.astimezone(zone):%d %b %H:%M}",
                    ]
                    for n, line in enumerate(own, 1)
                ],
            }
        )
    return typeset_manifest(records)


def _window(pickup: Pickup, zone: ZoneInfo) -> str:
    opens, closes = pickup.opens.astimezone(zone), pickup.closes.astimezone(zone)
    end = f"{closes:%H:%M %Z}" if opens.date() == closes.date() else f"{closes:%Y-%m-%d %H:%M %Z}"
    return f"{opens:%Y-%m-%d %H:%M} – {end}"


def _sums(some: Sequence[Line]) -> str:
    sums: dict[str, Decimal] = {}
    for line in some:
        if line.cash:
            sums[line.cash_currency] = sums.get(line.cash_currency, Decimal(0)) + Decimal(line.cash)
    return ", ".join(f"{amount} {currency}" for currency, amount in sums.items())
