"""Orders as they are asked for, and offers, as JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from qafila.api.chassis.common_schema import Amount, In, MoneyIn, MoneyOut, shown
from qafila.api.chassis.speaking import said
from qafila.delivery.delivery_reserving import reserved
from qafila.routing.itinerary import Leg
from qafila.shipping.offers.offer import CostLine, Offer, Restricted
from qafila.shipping.orders.order import Box, Order

_ORDER: dict[str, Any] = {
    "id": "A-1001",
    "sender": {"country": "MA", "city": "Casablanca", "name": "Souk Digital"},
    "receiver": {
        "country": "FR",
        "city": "Lyon",
        "name": "Amélie Roux",
        "line1": "3 rue Mercière",
        "postcode": "69002",
    },
    "items": [
        {
            "title": "Argan oil, 100 ml",
            "quantity": 2,
            "hs": "151590",
            "weight_kg": "0.18",
            "unit_value": {"amount": "12.50", "currency": "EUR"},
        }
    ],
    "rule": "cheapest",
}


class AddressIn(In):
    """Where a parcel is collected or delivered: country and city, or a facility."""

    country: str = Field(default="", description="ISO 3166 alpha-2, or the country's name", max_length=60)
    city: str = Field(default="", max_length=120)
    name: str = Field(default="", max_length=120)
    company: str = Field(default="", max_length=120)
    line1: str = Field(default="", max_length=200)
    line2: str = Field(default="", max_length=200)
    region: str = Field(default="", max_length=120)
    postcode: str = Field(default="", max_length=20)
    phone: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=200)
    tax_id: str = Field(default="", max_length=40)
    facility: str = Field(default="", description="id of a facility of the network", max_length=80)


class ItemIn(In):
    """A kind of goods; value, weight and size are for one piece. What is left out is estimated, and said."""

    title: str = Field(min_length=1, max_length=1000)
    quantity: int = Field(ge=1, le=100_000)
    unit_value: MoneyIn
    weight_kg: Amount | None = Field(default=None, gt=0)
    length_cm: Amount | None = Field(default=None, gt=0)
    width_cm: Amount | None = Field(default=None, gt=0)
    height_cm: Amount | None = Field(default=None, gt=0)
    hs: str = Field(default="", description="HS code, 6 to 10 digits", max_length=40)
    origin: str = Field(default="", description="ISO 3166 alpha-2 of the goods' origin", max_length=60)
    sku: str = Field(default="", max_length=100)
    category: str = Field(default="", max_length=300)
    attributes: str = Field(default="", max_length=5000)


class CashIn(In):
    """Cash on delivery: what is collected from the receiver."""

    amount: Amount = Field(gt=0)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["MAD"])


class HeldIn(In):
    """Pieces of an item in a parcel."""

    item: int = Field(ge=0, le=10_000, description="index into the order's items, from 0")
    quantity: int | None = Field(
        default=None, ge=1, le=100_000, description="pieces; all of the item if left out"
    )


class ParcelIn(In):
    """One parcel of a shipment: what lies in it, and what it weighs and measures where it was packed already."""

    items: list[HeldIn] = Field(min_length=1, max_length=200)
    weight_kg: Amount | None = Field(default=None, gt=0)
    length_cm: Amount | None = Field(default=None, gt=0)
    width_cm: Amount | None = Field(default=None, gt=0)
    height_cm: Amount | None = Field(default=None, gt=0)


class OrderIn(In):
    """What was sold to a buyer, and where it goes."""

    model_config = shown(_ORDER)

    id: str = Field(min_length=1, max_length=100, description="your own id of the order")
    sender: AddressIn
    receiver: AddressIn
    items: list[ItemIn] = Field(min_length=1, max_length=200)
    parcels: list[ParcelIn] = Field(
        default=[],
        max_length=99,
        description="what goes into which parcel; worked out from the limits if left out",
    )
    ready_at: datetime | date | None = Field(
        default=None, description="when the goods can be collected; now if left out"
    )
    rule: Literal["cheapest", "fastest", "greenest", "promise"] | None = None
    promise_by: date | None = Field(default=None, description="deliver on this day at the latest")
    insured: bool = False
    cash_on_delivery: CashIn | None = Field(
        default=None,
        description="collected from the receiver; in the currency of the goods, and at most their value and freight",
    )
    taxes_paid_by: Literal["sender", "receiver"] = "sender"
    trade: Literal["b2c", "b2b", "c2c"] = "b2c"
    service_class: str = Field(
        default="standard",
        max_length=40,
        description="express, standard or economy: whose room in the plan in place it may take",
    )
    preference: str = Field(
        default="", max_length=40, description="id of the trade agreement that is claimed"
    )
    note: str = Field(default="", max_length=500)


class LegOut(BaseModel):
    """One ride of the parcel."""

    service: str
    day: date
    mode: str
    from_facility: str
    to_facility: str
    board_by: datetime = Field(description="cut-off")
    depart: datetime
    arrive: datetime
    ready_at: datetime

    @classmethod
    def of(cls, leg: Leg) -> LegOut:
        """From a leg."""
        return cls(
            service=leg.service_id,
            day=date.fromordinal(leg.service_day + date(1970, 1, 1).toordinal()),
            mode=leg.mode.name.lower(),
            from_facility=leg.from_facility,
            to_facility=leg.to_facility,
            board_by=leg.board_by,
            depart=leg.depart,
            arrive=leg.arrive,
            ready_at=leg.ready_at,
        )


class CostLineOut(BaseModel):
    """One line of the landed cost, with the source and the validity of its rule."""

    kind: str
    name: str
    amount: MoneyOut
    source: str
    valid_from: str
    valid_to: str
    confidence: str
    why: str

    @classmethod
    def of(cls, line: CostLine) -> CostLineOut:
        """From a cost line."""
        return cls(
            kind=line.kind,
            name=said(line.name),
            amount=MoneyOut.of(line.amount),
            source=said(line.source),
            valid_from=line.valid_from,
            valid_to=line.valid_to,
            confidence=line.confidence,
            why="" if line.why is None else said(line.why),
        )


class WhatIfOut(BaseModel):
    """What would have changed the landed cost."""

    code: str
    text: str
    saves: MoneyOut | None
    proof: str | None


class RestrictionOut(BaseModel):
    """A restriction that goods meet on this way: customs hold them until its document is attached."""

    id: str = Field(description="id of the rule; `POST /declarations/{id}/papers` names it")
    item: int = Field(description="index into the order's items")
    territory: str
    text: str
    document: str = Field(description="the document that lifts it")
    legal_basis: str
    source: str
    confidence: str

    @classmethod
    def of(cls, rule: Restricted) -> RestrictionOut:
        """From a restriction of an offer."""
        return cls(
            id=rule.id,
            item=rule.item,
            territory=rule.territory,
            text=said(rule.text),
            document=said(rule.document),
            legal_basis=said(rule.legal_basis),
            source=said(rule.source),
            confidence=rule.confidence,
        )


class PromiseOut(BaseModel):
    """The date given to the buyer, with the probability that it holds."""

    by: datetime
    probability: float
    basis: str


class OfferOut(BaseModel):
    """A way for the parcel, with its price, promise, landed cost and CO2e."""

    id: str
    order_id: str
    labels: list[str] = Field(description="cheapest, fastest, greenest: where it is the best of its set")
    price: MoneyOut
    promise: PromiseOut
    co2e_wtw_kg: Decimal = Field(description="CO2e well-to-wheel by ISO 14083")
    valid_until: datetime
    legs: list[LegOut]
    landed_cost: list[CostLineOut]
    landed_total: MoneyOut
    what_if: list[WhatIfOut]
    restrictions: list[RestrictionOut]
    warnings: list[str]
    why: str

    @classmethod
    def of(cls, offer: Offer) -> OfferOut:
        """From an offer."""
        return cls(
            id=offer.id,
            order_id=offer.order_id,
            labels=list(offer.labels),
            price=MoneyOut.of(offer.price),
            promise=PromiseOut(
                by=offer.promise.by, probability=offer.promise.probability, basis=said(offer.promise.basis)
            ),
            co2e_wtw_kg=offer.co2e_wtw_kg,
            valid_until=offer.valid_until,
            legs=[LegOut.of(leg) for leg in offer.itinerary.legs],
            landed_cost=[CostLineOut.of(line) for line in offer.landed_cost],
            landed_total=MoneyOut.of(offer.landed_total),
            what_if=[
                WhatIfOut(
                    code=w.code,
                    text=said(w.text),
                    saves=MoneyOut.of(w.saves) if w.saves else None,
                    proof=w.proof,
                )
                for w in offer.assessment.what_if
            ],
            restrictions=[RestrictionOut.of(r) for r in offer.restrictions],
            warnings=list(map(said, offer.assessment.warnings)),
            why="" if offer.why is None else said(offer.why),
        )


class EstimateOut(BaseModel):
    """A value that was not given, and the rule by which it was completed."""

    field: str
    value: str
    rule: str
    confidence: float | None = Field(default=None, description="of a proposed HS code, from 0 to 1")


class BoxOut(BaseModel):
    """A parcel as it would be booked."""

    items: list[HeldIn]
    weight_kg: Decimal
    size_cm: list[Decimal]

    @classmethod
    def of(cls, box: Box) -> BoxOut:
        """From a box of an order."""
        return cls(
            items=[HeldIn(item=n, quantity=pieces) for n, pieces in box.contents],
            weight_kg=Decimal(box.grams) / 1000,
            size_cm=[Decimal(side) / 10 for side in (box.length_mm, box.width_mm, box.height_mm)],
        )


class ReservedOut(BaseModel):
    """Who may deliver: a rule that keeps light items for a country's post."""

    said: str
    up_to_g: int
    legal_basis: str
    open_to_others: str
    source: str
    confidence: str

    @classmethod
    def of(cls, order: Order) -> ReservedOut | None:
        """The rule that the lightest parcel of an order meets on the day it is ready; None where there is none."""
        found = reserved(order.receiver.country, min(box.grams for box in order.boxes), order.ready.date())
        if found is None:
            return None
        return cls(
            said=said(found.said),
            up_to_g=found.up_to_g,
            legal_basis=found.legal_basis,
            open_to_others=found.open_to_others,
            source=found.source,
            confidence=found.confidence,
        )


class OffersOut(BaseModel):
    """The offers for an order, earliest first, and what was estimated to make them."""

    order_id: str
    weight_kg: Decimal
    size_cm: list[Decimal] = Field(description="of the parcel, or the largest of several")
    parcels: list[BoxOut] = Field(description="what goes into which parcel")
    estimates: list[EstimateOut]
    offers: list[OfferOut]
    delivery_reserved: ReservedOut | None = Field(
        default=None,
        description="a law that keeps items of this weight for the post of the destination, where one is known",
    )
    promise: str = Field(
        description="A signed note: these offers will be in the public log within its time. Check it with `qafila log verify --promise`."
    )

    @classmethod
    def of(cls, order: Order, offers: list[Offer], promise: bytes) -> OffersOut:
        """From an order, its offers and the promise that they are in the log."""
        return cls(
            order_id=order.id,
            weight_kg=Decimal(order.grams) / 1000,
            size_cm=[Decimal(side) / 10 for side in (order.length_mm, order.width_mm, order.height_mm)],
            parcels=[BoxOut.of(box) for box in order.boxes],
            estimates=[
                EstimateOut(field=e.field, value=e.value, rule=said(e.rule), confidence=e.confidence)
                for e in order.estimates
            ],
            offers=[OfferOut.of(o) for o in offers],
            delivery_reserved=ReservedOut.of(order),
            promise=promise.decode(),
        )
