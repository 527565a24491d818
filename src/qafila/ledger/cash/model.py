"""What is told of cash: what happened at the door, what was counted, who acts. Values and rules, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from qafila.core.fault import Conflict, Fault
from qafila.core.money import Money
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger.model import Account, By, OwnerKind, Purpose
from qafila.runtime.events.envelope import Reporter, Source


class Outcome(StrEnum):
    """What came of asking for cash at the door."""

    COLLECTED = "collected"
    SHORT = "short"
    REFUSED = "refused"


class BagState(StrEnum):
    """Where a driver's bag stands."""

    OPEN = "open"
    DECLARED = "declared"  # the driver has counted and signed; the station has not
    RECOUNT = "recount"  # the two counts differed: the driver counts again
    HANDED_OVER = "handed_over"
    STOLEN = "stolen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act with cash, done once however often it is sent.

    Attributes:
        key: its own; entries and rows are made under it.
        by: who acts: tenant and name.
        person: the id of the person or key that signs.
        at: when it was done; aware.
        reporter: as what events are reported: a Reporter.
        late: it was done without connection: money that was taken is booked whatever speaks against it.
    """

    key: str
    by: By
    at: datetime
    person: str = ""
    reporter: str = Reporter.OPERATOR.value
    late: bool = False

    @property
    def source(self) -> Source:
        """Who says so, as histories keep it."""
        return Source(self.reporter, self.by.tenant, self.by.name)


@value
class Driver:
    """Who carries a bag: a person's id and name, and the carrier or station that he works for."""

    id: str
    name: str
    tenant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDoor:
    """What happened at the door with the cash for a parcel.

    Attributes:
        parcel: its S10 number; cash is collected once for its shipment.
        driver: who stands at the door.
        station: the facility to which he brings his bag.
        territory: the country of the door (ISO 3166 alpha-2), whose law holds.
        tendered: what the buyer gave; None: exactly what is due.
        change: what he got back.
        refused: why nothing was paid; empty where something was.
        agreed: whether the merchant agrees to less than is due. What is handed over for less without that, the carrier
            makes good.
    """

    parcel: str
    driver: Driver
    station: str
    territory: str
    tendered: Money | None = None
    change: Money | None = None
    refused: str = ""
    agreed: bool = False

    def kept(self, due: Money) -> Money:
        """What stays in the bag. Raises Fault where the amounts cannot be."""
        nothing = Money(Decimal(0), due.currency)
        if self.refused:
            if self.tendered is not None and self.tendered.amount:
                raise Fault(
                    m.REFUSED_AND_PAID(), m.REFUSED_OR_PAID(), field="tendered", value=str(self.tendered)
                )
            return nothing
        given, back = self.tendered or due, self.change or nothing
        for name, money in (("tendered", given), ("change", back)):
            if money.currency != due.currency:
                raise Fault(
                    m.OTHER_CURRENCY(money=money, currency=due.currency),
                    m.IN_CURRENCY(money=due),
                    field=name,
                    value=str(money),
                )
            if money.amount < 0 or money.amount != money.rounded().amount:
                raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field=name, value=str(money.amount))
        kept = given - back
        if kept.amount > due.amount:
            raise Fault(
                m.TOO_MUCH(kept=kept, due=due),
                m.GIVE_CHANGE(money=kept - due),
                field="tendered",
                value=str(given),
            )
        if kept.amount <= 0:
            raise Fault(m.NOTHING_KEPT(), m.SAY_REFUSED(), field="tendered", value=str(given))
        return kept


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted: pieces of each note and coin, and of those that look counterfeit.

    Attributes:
        currency: of all of it.
        pieces: pieces by face value, as text: {"200": 3, "0.5": 4}.
        suspect: the same, of those that look counterfeit and are not among `pieces`.
    """

    currency: str
    pieces: Mapping[str, int]
    suspect: Mapping[str, int] = field(default_factory=dict)

    def good(self) -> Money:
        """The sum of what is good. Raises Fault where a face value or a number of pieces is none."""
        return _sum(self.pieces, self.currency)

    def doubted(self) -> Money:
        """The sum of what looks counterfeit."""
        return _sum(self.suspect, self.currency)

    def whole(self) -> Money:
        """All of it."""
        return self.good() + self.doubted()

    def written(self) -> dict[str, object]:
        """As JSON keeps it."""
        return {"currency": self.currency, "pieces": dict(self.pieces), "suspect": dict(self.suspect)}


def _sum(pieces: Mapping[str, int], currency: str) -> Money:
    total = Money(Decimal(0), currency)
    for face, number in pieces.items():
        try:
            one = Money(Decimal(face), currency)
            sound = (
                one.amount.is_finite() and 0 < one.amount <= 100_000 and one.amount == one.rounded().amount
            )
        except (InvalidOperation, ValueError):
            sound = False
        if not sound or not 0 <= number <= 100_000:
            raise Fault(
                m.NO_PIECES(face=face[:20], number=number), m.COUNT_PIECES(), field="pieces", value=face[:20]
            )
        total += one * number
    return total


class BagFull(Conflict):
    """With this the driver would carry more than his bag's limit."""


class OverLimit(Conflict):
    """The law of the territory lets nobody take so much in cash."""


class AlreadyCollected(Conflict):
    """The cash for this shipment was collected before."""


@value
class Till:
    """A station's safe: the facility, and the tenant whose people keep it there."""

    station: str
    tenant: str

    @property
    def owner(self) -> str:
        """How accounts name it: two tenants at one station have a safe each."""
        return f"{self.station}@{self.tenant}"

    def account(self, purpose: Purpose, currency: str) -> Account:
        """An account of the safe: SAFE, SUSPECT, SURPLUS or SHORT."""
        return Account(OwnerKind.STATION.value, self.owner, purpose.value, currency, self.tenant)


def bag_account(bag: str, tenant: str, currency: str) -> Account:
    """What is in a bag; its driver's carrier may read it."""
    return Account(OwnerKind.DRIVER.value, bag, Purpose.BAG.value, currency, tenant)


def short_account(kind: OwnerKind, owner: str, tenant: str, currency: str) -> Account:
    """What somebody has to make good."""
    return Account(kind.value, owner, Purpose.SHORT.value, currency, tenant)


def transit_account(carrier: str, currency: str) -> Account:
    """What is on its way to the bank with somebody."""
    return Account(OwnerKind.CARRIER.value, carrier, Purpose.TRANSIT.value, currency, carrier)
