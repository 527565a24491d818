"""Cash at the door: what was taken is booked in the ledger, in the same transaction in which the parcel is handed over."""

from __future__ import annotations

from sqlalchemy import Connection

from qafila.context import Context
from qafila.core.money import Money
from qafila.core.values import value
from qafila.delivery.model import Delivery
from qafila.ledger.cash import collecting
from qafila.ledger.cash import model as cash
from qafila.ledger.model import By
from qafila.runtime.answered.acts import Act
from qafila.runtime.events.envelope import Source


@value
class Taken:
    """What was collected at a door: the whole of it, or less (`short`)."""

    collected: Money
    outcome: str


def due(connection: Connection, parcel: str) -> Money | None:
    """What is still to be collected with a parcel; None where nothing is, or it was collected with another of its shipment."""
    found = collecting.due_for(connection, parcel)
    return None if found is None or not found.amount.amount else found.amount


def taken(
    connection: Connection,
    act: Act,
    source: Source,
    delivery: Delivery,
    collected: Money,
    context: Context,
    late: bool = False,
) -> Taken:
    """Books what a driver collected for a delivery.

    Args:
        connection: of the transaction in which the parcel is handed over.
        act: whose key is the collection's, too.
        source: as whom it is told.
        delivery: the parcel.
        collected: what the driver has of the buyer: what was given less what was given back.
        context: exchange rates, and the country of the station.
        late: it was done without connection.

    Raises:
        Fault: the ledger does not take it so (limits of bags and of law, sums that cannot be).
    """
    made = collecting.collect(
        connection,
        _act(act, source, late),
        cash.AtDoor(
            parcel=delivery.parcel,
            driver=_driver(act),
            station=delivery.facility,
            territory=_country(delivery, context),
            tendered=collected,
        ),
        context.rules.rates,
    )
    return Taken(Money(made.kept, made.currency), made.outcome)


def refused(
    connection: Connection, act: Act, source: Source, delivery: Delivery, why: str, context: Context
) -> None:
    """Notes that a buyer did not pay, where something is due."""
    if due(connection, delivery.parcel) is not None:
        unpaid(connection, _act(act, source, True), delivery, why, context)


def unpaid(connection: Connection, act: cash.Act, delivery: Delivery, why: str, context: Context) -> None:
    """Notes that nothing is collected for a delivery, and why: the merchant is owed nothing by it."""
    driver = cash.Driver(act.by.name, act.by.name, act.by.tenant)
    collecting.collect(
        connection,
        act,
        cash.AtDoor(
            parcel=delivery.parcel,
            driver=driver,
            station=delivery.facility,
            territory=_country(delivery, context),
            refused=why,
        ),
        context.rules.rates,
    )


def _act(act: Act, source: Source, late: bool) -> cash.Act:
    return cash.Act(
        key=f"door:{act.by.tenant}:{act.key}",
        by=By(act.by.tenant, act.by.name),
        at=act.at,
        reporter=source.role,
        late=late,
    )


def _driver(act: Act) -> cash.Driver:
    return cash.Driver(act.by.name, act.by.name, act.by.tenant)


def _country(delivery: Delivery, context: Context) -> str:
    place = context.network.feed.facility.get(delivery.facility)
    return delivery.receiver["country"] or (place.country if place else "")
