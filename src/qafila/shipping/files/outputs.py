"""The files that `qafila ship` leaves. Each appears whole or not at all: written beside, then renamed."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from qafila.context import Context
from qafila.core.message_json import to_json
from qafila.core.spreadsheet import inert
from qafila.network.model import Facility
from qafila.runtime.database import merchant_transaction
from qafila.shipping.files.summary import Line
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Problem
from qafila.shipping.papers.binding import Binding
from qafila.shipping.papers.labels import BookedShipment
from qafila.tracking.epcis import events
from qafila.tracking.store import each_history
from qafila.tracking.upu_codes import places

SHIPMENT_COLUMNS = (
    "rows", "order_id", "shipment_id", "parcel", "from", "to", "rule", "why", "modes", "legs", "depart", "arrival",
    "promise_by", "promise_probability", "currency", "price", "goods", "insurance", "duty", "vat", "other",
    "landed_cost", "co2e_wtw_kg", "grams", "cm3", "estimates", "restrictions",
    "cash_on_delivery", "parcels",
)  # fmt: skip
REJECTED_COLUMNS = ("row", "order_id", "field", "heading", "value", "reason", "remedy", "learn")

LESSON = "/practice#clerk"
"""Where it is taught how orders are sent, at the pages of the hub."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes its place when all went well, and is gone when not."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield fresh
        os.replace(fresh, path)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


def write_rejected(path: Path, problems: Sequence[Problem]) -> None:
    """rejected.csv: one line for each rejected row, by row; `heading` is the column as the file calls it, `learn` the lesson."""
    with replacing(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(REJECTED_COLUMNS)
        for p in sorted(problems, key=lambda p: p.row):
            told = (p.row, p.order_id, p.field, p.heading, p.value, str(p.reason), str(p.remedy), LESSON)
            writer.writerow(map(inert, told))


def write_shipments(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """shipments.csv: one line for each shipment."""
    with replacing(path) as fresh, fresh.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(SHIPMENT_COLUMNS)
        writer.writerows(map(inert, row) for row in rows)


def write_bytes(path: Path, parts: Iterable[bytes]) -> None:
    """Any file, from its pieces."""
    with replacing(path) as fresh, fresh.open("wb") as target:
        target.writelines(parts)


def write_pdf(path: Path, bound: Binding) -> None:
    """A PDF of several that were bound."""
    with replacing(path) as fresh, fresh.open("wb") as target:
        bound.write(target)


def shipment_row(parcel: BookedShipment, shipment_id: str) -> tuple[object, ...]:
    """One line of shipments.csv."""
    order, offer = parcel.order, parcel.offer
    sums = {kind: sum(x.amount.amount for x in offer.landed_cost if x.kind == kind) for kind in _KINDS}
    legs = offer.itinerary.legs
    return (
        " ".join(map(str, order.rows)),
        order.id,
        shipment_id,
        " ".join(parcel.numbers),
        f"{order.sender.city}, {order.sender.country}",
        f"{order.receiver.city}, {order.receiver.country}",
        order.rule,
        str(offer.why or ""),
        way(parcel),
        " → ".join([legs[0].from_facility, *(leg.to_facility for leg in legs)]),
        legs[0].depart.isoformat(),
        offer.itinerary.arrival.isoformat(),
        offer.promise.by.date().isoformat(),
        offer.promise.probability,
        offer.price.currency,
        offer.price.amount,
        sums["goods"],
        sums["insurance"],
        sums["duty"],
        sums["vat"],
        sums["other"],
        offer.landed_total.amount,
        offer.co2e_wtw_kg,
        order.grams,
        order.cm3,
        "; ".join(f"{e.field} = {e.value} ({e.rule})" for e in order.estimates),
        "; ".join(f"{r.text}: needs {r.document} ({r.id})" for r in offer.restrictions),
        str(order.cash_on_delivery.money.amount) if order.cash_on_delivery else "",
        len(parcel.numbers),
    )


_KINDS = ("goods", "freight", "insurance", "duty", "vat", "other")


def way(parcel: BookedShipment) -> str:
    """The modes of a way in their order, each once where it follows itself; vans' tours left out."""
    modes = [leg.mode.name.casefold() for leg in parcel.offer.itinerary.legs]
    rides = [m for m in modes if m not in {"collection", "delivery"}] or modes
    return " → ".join(m for n, m in enumerate(rides) if n == 0 or rides[n - 1] != m)


def summary_line(parcel: BookedShipment, facilities: dict[str, Facility]) -> Line:
    """One line of the table that a person sees."""
    order, offer = parcel.order, parcel.offer
    station = facilities.get(offer.itinerary.legs[-1].to_facility)
    local = offer.promise.by.astimezone(ZoneInfo(station.timezone)) if station else offer.promise.by
    return Line(
        order.id,
        parcel.number,
        f"{order.receiver.city}, {order.receiver.country}",
        way(parcel),
        str(offer.price),
        f"{local:%d %b} ({offer.promise.probability:.0%})",
        str(offer.landed_total),
        offer.co2e_wtw_kg,
        [{"text": to_json(r.text), "document": to_json(r.document)} for r in offer.restrictions],
        [item.description for n, item in enumerate(order.items) if not declared_hs(order, n)],
    )


def event_part(context: Context, numbers: Sequence[str]) -> bytes:
    """The EPCIS events of some parcels as they stand in the history, as JSON objects with commas between."""
    where = places(context.network.feed)
    with merchant_transaction(context.tenant) as connection:
        return b",\n".join(
            orjson.dumps(event) for told in each_history(connection, numbers) for event in events(told, where)
        )
