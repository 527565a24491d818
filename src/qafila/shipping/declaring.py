"""Hands booked shipments to clearance: the declarations that a shipment needs on its way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from qafila.clearance.declaration import Declaration, DeclarationLine, Party, Procedure
from qafila.clearance.desk import open_many
from qafila.clearance.written import usual_dataset
from qafila.context import Context, Rules
from qafila.core.identifiers.own import new_id
from qafila.core.money import ExchangeRates
from qafila.network.model import Facility
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Leg
from qafila.shipping.bookings.written_json import offer_from, order_from
from qafila.shipping.offers.offer import Offer
from qafila.shipping.orders.declared import declared_hs
from qafila.shipping.orders.order import Address, Order

_AT_A_TIME = 500
_MODES = {Mode.AIR: "air", Mode.BELLY: "air", Mode.SEA: "sea", Mode.RAIL: "rail", Mode.ROAD: "road"}


def open_missing(
    connection: Connection, context: Context, by: str, parcels: Collection[str] | None = None
) -> int:
    """Opens the declarations of booked shipments of the context's tenant that have none; returns how many. They are filed
    under the number of a shipment's first parcel.

    Runs as the operator.

    Args:
        parcels: only of shipments whose first parcel is among these; None: of all.
    """
    merchant_id, at, facilities = context.tenant, context.now(), context.network.feed.facility
    opened = 0
    while True:
        rows = connection.execute(
            text(
                """
                SELECT p.number, o.document AS ordered, f.document AS offered, b.booked_at
                FROM parcels p
                JOIN shipments s USING (merchant_id, shipment_id)
                JOIN bookings b USING (merchant_id, booking_id)
                JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = b.order_id
                JOIN offers f ON f.merchant_id = p.merchant_id AND f.offer_id = b.offer_id
                WHERE p.merchant_id = :m AND b.cancelled_at IS NULL AND p.declared_at IS NULL AND p.position = 1
                AND (CAST(:only AS text[]) IS NULL OR p.number = ANY(:only))
                ORDER BY p.number LIMIT :n FOR UPDATE OF p
                """
            ),
            {"m": merchant_id, "n": _AT_A_TIME, "only": None if parcels is None else sorted(parcels)},
        ).all()
        if not rows:
            return opened
        made = [
            declaration
            for row in rows
            for declaration in declarations(
                row.number,
                order_from(row.ordered),
                offer_from(row.offered),
                row.booked_at.date(),
                facilities,
                context.rules,
            )
        ]
        opened += open_many(connection, merchant_id, made, at, by)
        connection.execute(
            text(
                "UPDATE parcels SET declared_at = :at WHERE merchant_id = :m AND shipment_id IN "
                "(SELECT shipment_id FROM parcels WHERE number = ANY(:numbers))"
            ),
            {"at": at, "m": merchant_id, "numbers": [row.number for row in rows]},
        )


def declarations(
    number: str,
    order: Order,
    offer: Offer,
    booked_on: date,
    facilities: Mapping[str, Facility],
    rules: Rules,
) -> Iterator[Declaration]:
    """Export from the first territory, import into the last; none where they are the same.

    A facility that the network no longer has is passed over: then the order's own countries say the territories.
    """
    legs = offer.itinerary.legs

    def territory_of(facility: str, country: str) -> str:
        known = facilities.get(facility)
        return known.territory if known else rules.rulebook.territory(country).id

    def crosses(leg: Leg) -> bool:
        ends = [facilities[f].territory for f in (leg.from_facility, leg.to_facility) if f in facilities]
        return len(set(ends)) > 1

    origin = territory_of(legs[0].from_facility, order.sender.country)
    destination = territory_of(legs[-1].to_facility, order.receiver.country)
    if origin == destination:
        return
    crossing = next((leg for leg in legs if crosses(leg)), legs[0])
    entry = next((leg for leg in reversed(legs) if crosses(leg)), legs[-1])
    for procedure, territory, office, leg in (
        (Procedure.EXPORT, origin, crossing.from_facility, crossing),
        (Procedure.IMPORT, destination, entry.to_facility, entry),
    ):
        yield _declaration(
            number,
            order,
            offer,
            booked_on,
            procedure,
            territory,
            office,
            usual_dataset(procedure, territory),
            _MODES.get(leg.mode, "road"),
            rules.rates,
        )


def _declaration(
    number: str,
    order: Order,
    offer: Offer,
    booked_on: date,
    procedure: Procedure,
    territory: str,
    office: str,
    dataset: str,
    mode: str,
    rates: ExchangeRates,
) -> Declaration:
    insurance = [line.amount for line in offer.landed_cost if line.kind == "insurance" and line.amount.amount]
    sender = _party(order.sender)
    pieces = sum(item.quantity for item in order.items)
    return Declaration(
        id=new_id("dcl"),
        procedure=procedure,
        dataset=dataset,
        territory=territory,
        parcel=number,
        office=office,
        reference=order.id,
        declarant=sender,
        exporter=sender,
        importer=_party(order.receiver),
        lines=tuple(_line(number, order, pieces) for number in range(len(order.items))),
        gross_kg=Decimal(order.grams) / 1000,
        packages=len(order.parcels) or 1,
        country_of_dispatch=order.sender.country,
        country_of_destination=order.receiver.country,
        tax_area=order.receiver.area,
        mode=mode,
        category="gift" if order.trade == "c2c" else "sale",
        incoterm="DDP" if order.taxes_paid_by == "sender" else "DAP",
        freight=rates.convert(offer.price, order.value.currency, booked_on).rounded(),
        insurance=insurance[0] if insurance else None,
        invoice_number=order.id,
        invoice_date=booked_on,
        remarks=order.note,
    )


def _party(address: Address) -> Party:
    return Party(
        name=address.name or address.company,
        street=" ".join(part for part in (address.line1, address.line2) if part),
        city=address.city,
        postcode=address.postcode,
        region=address.region,
        country=address.country,
        phone=address.phone,
        email=address.email,
        number=address.tax_id,
    )


def _line(number: int, order: Order, pieces: int) -> DeclarationLine:
    item = order.items[number]
    share = Decimal(order.grams) / 1000 * item.quantity / pieces
    net = share if item.unit_kg is None else item.unit_kg * item.quantity
    return DeclarationLine(
        description=item.description,
        hs=declared_hs(order, number),
        origin=item.origin or order.sender.country,
        quantity=Decimal(item.quantity),
        net_kg=net.quantize(Decimal("0.001")),
        gross_kg=share.quantize(Decimal("0.001")),
        value=(item.unit_value * item.quantity).rounded(),
        preference=order.preference or "",
        sku=item.sku,
    )
