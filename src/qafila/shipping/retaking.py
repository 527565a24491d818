"""Takes offers and refusals again from what the log recorded of them, on their own network and clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from qafila.context import Context
from qafila.eta import foretelling
from qafila.network import arrivals
from qafila.network.installed import Network
from qafila.openness.kinds import CannotAgain, Difference, Values
from qafila.openness.model import Entry
from qafila.routing.room_left import Room
from qafila.runtime.database import Role, acting_as
from qafila.shipping import placeless
from qafila.shipping.bookings import bookings_telling, capacity
from qafila.shipping.bookings.capacity import departures_of
from qafila.shipping.bookings.written_json import order_from
from qafila.shipping.files.preparing import market
from qafila.shipping.offers import offers_deciding
from qafila.shipping.offers.blanks import Blanks
from qafila.shipping.offers.offering import Market, NoOffer, best_offers, offers_for
from qafila.shipping.orders.order import Order


def again(here: Context, values: Mapping[str, Any], without_identity: bool) -> Any:
    """Makes the recorded offers or refusal again; see openness.kinds.Again."""
    said = values["inputs"]
    asked = datetime.fromisoformat(said["asked"])
    context = there(here, said)
    order = order_from(values["order"])
    # worked out anew: what is kept for many may be what is to be checked
    place = replace(market(context, asked.date()), blanks=Blanks())
    if not without_identity:
        return _answered(order, place, asked, said)
    order = offers_deciding.nameless(order)
    if place.foretold is not None:  # what was learned was learned of places by their ids, and says so
        return _answered(order, place, asked, said)
    nameless, ids = placeless.market(place)
    return placeless.named(_answered(placeless.order(order, ids), nameless, asked, said), ids, place)


def _answered(order: Order, place: Market, asked: datetime, said: Mapping[str, Any]) -> Any:
    segments = departures_of(place.timetable).segments([_departure(one) for one in said["full"]])
    room = Room(place.timetable, {int(s): (0, 0) for s in segments.tolist() if s >= 0})
    if said["best"]:
        (found,) = best_offers([order], place, asked, room)
        return (
            offers_deciding.refused(found) if isinstance(found, NoOffer) else offers_deciding.answer([found])
        )
    (several,) = offers_for([order], place, asked, room)
    return (
        offers_deciding.refused(several) if isinstance(several, NoOffer) else offers_deciding.answer(several)
    )


def there(here: Context, said: Mapping[str, Any]) -> Context:
    """The context of a recorded decision: its network, its clock. Raises CannotAgain."""
    if said["rules"] != offers_deciding.rules_digest():
        raise CannotAgain("the rules have changed since")
    context = replace(
        here,
        network=here.network if here.network.id == said["network"] else Network(said["network"]),
        arrivals=said.get("arrivals", arrivals.BY_RULE),
    )
    try:
        context.network.feed  # noqa: B018  # whether it is still here
    except OSError as gone:
        raise CannotAgain(f"the network {said['network']} is not here any more") from gone
    try:
        foretelling.installed(context.arrivals)
    except OSError as gone:
        raise CannotAgain(f"what foretold delays, {context.arrivals}, is not here") from gone
    return context.at(datetime.fromisoformat(said["asked"]))


def looks(here: Context, decisions: Sequence[tuple[Entry, Values]]) -> list[Difference]:
    """Offers that were made on another room than there was; see telling.first_looks."""
    with acting_as(Role.REGULATOR) as connection:
        held = capacity.held(connection)

    def totals(said: Mapping[str, Any], wanted: Sequence[str]) -> list[tuple[int, int] | None]:
        try:
            t = market(there(here, said), datetime.fromisoformat(said["asked"]).date()).timetable
        except CannotAgain:
            return [None] * len(wanted)
        segments = departures_of(t).segments([_departure(one) for one in wanted]).tolist()
        return [
            None if s < 0 else (int(t.segment_capacity_g[s]), int(t.segment_capacity_cm3[s]))
            for s in segments
        ]

    return bookings_telling.first_looks(decisions, totals, held)


def _departure(written: str) -> capacity.Departure:
    service, day, call = written.rsplit("/", 2)
    return service, int(day), int(call)
