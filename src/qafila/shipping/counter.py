"""The counter: where one order is offered ways and one offer is booked, for the API and the pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from qafila.clearance import decisions
from qafila.context import Context
from qafila.core.fault import Conflict, NotFound
from qafila.network.timetable import Timetable
from qafila.openness import openness_recording
from qafila.openness import store as log
from qafila.openness.model import Decision
from qafila.routing.room_left import Room
from qafila.runtime.answered.keys import same
from qafila.runtime.database import Role, administrator, engine, merchant_transaction
from qafila.runtime.database.connection import act_for
from qafila.runtime.database.database_standing import speaking_as
from qafila.runtime.database.together import together
from qafila.shipping import looking
from qafila.shipping.bookings import archive, booking, capacity, rebooking
from qafila.shipping.bookings import bookings_messages as m
from qafila.shipping.bookings.booking import Full, Outcome, Refused, Request
from qafila.shipping.bookings.rebooking import NoWayOn, OnItsWay, Rebooked
from qafila.shipping.bookings.written_json import order_document
from qafila.shipping.files import preparing
from qafila.shipping.files.preparing import proposing
from qafila.shipping.offers import offers_deciding
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import Market, NoOffer, best_offers, offers_for
from qafila.shipping.offers.offers_deciding import Basis
from qafila.shipping.orders.accepting import accept
from qafila.shipping.orders.command import Adapter, Command
from qafila.shipping.orders.completing import Prices, complete, fill_prices
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.orders.orders_figures import Notation
from qafila.shipping.orders.orders_stations import whereabouts
from qafila.shipping.orders.understanding import Ways
from qafila.shipping.remembered import service as remembered
from qafila.shipping.remembered.model import Known, fill
from qafila.shipping.remembered.remembered_messages import OF_PROFILE

_WHY = "the room that is left is common to all merchants, and none of them may read the table"


@dataclass(frozen=True, slots=True)
class Quote:
    """An order as it was understood, and the offers for it, earliest first."""

    order: Order
    offers: tuple[Offer, ...]
    promise: bytes  # signed: these offers will be in the public log


class AlreadyBooked(Conflict):
    """The order has a standing booking."""

    kind = "already-booked"


class UnknownOffer(NotFound):
    """The merchant has no such offer."""


def market(context: Context) -> Market:
    """The market at this moment; slow when first asked for in a week, so that `qafila serve` asks at its start."""
    return preparing.market(context, context.now().date())


def understand(context: Context, adapter: Adapter) -> Order | list[Problem]:
    """The order that a merchant gave, complete, or everything that is wrong with it."""
    said = _rules(context)
    found = _understood(context, adapter(said), said)
    assert not isinstance(found, archive.Remembered)  # without a key nothing was answered before
    return found


def _rules(context: Context) -> Ways:
    return Ways(context.now(), whereabouts(context.network), Notation("."), context.rules)


def _understood(
    context: Context, command: Command, said: Ways, key: str | None = None
) -> Order | list[Problem] | archive.Remembered:
    """The order, what is wrong with it, or what the key was used for before."""
    if not command.says_whence and (profile := remembered.usual_sender(context.tenant)):
        said = replace(said, sender=profile.address, sender_rule=OF_PROFILE(label=profile.label))
    draft = accept(command, said)
    if isinstance(draft, list):
        return _used(context.tenant, key) or draft
    found = looking.look(context.tenant, key, [(i.sku, i.title) for i in draft.items])
    if found.used is not None:
        return found.used
    as_merchant = partial(merchant_transaction, context.tenant)
    memory = decisions.memory_up_to(context.tenant, found.newest_decision, as_merchant)
    fill(draft, Known(found.goods), found.profiles)
    return fill_prices(draft, Prices([draft])) or complete(draft, proposing(memory), context.rules.rates)


def _used(merchant_id: str, key: str | None) -> archive.Remembered | None:
    if key is None:
        return None
    with merchant_transaction(merchant_id) as connection:
        return archive.remembered(connection, merchant_id, "offers", key)


def ways(context: Context, order: Order) -> list[Offer] | NoOffer:
    """Offers on the room that is left at this moment, earliest first. They are not kept."""
    return _ways(context, order)[0]


def room(context: Context, service_class: str) -> Room:
    """The room that is left to a service class at this moment."""
    with administrator(_WHY) as connection:
        return capacity.room(connection, market(context).timetable, service_class)


def _ways(context: Context, order: Order) -> tuple[list[Offer] | NoOffer, Basis]:
    """The offers, and what they were made from."""
    place, asked = market(context), context.now()
    with speaking_as(Role.OPERATOR) as connection:  # no merchant may read the room, which is common to all
        left, seen = capacity.seen(connection, place.timetable, order.service_class)
    found = offers_for([order], place, asked, left)[0]
    return found, offers_deciding.basis(context, asked, order, left, seen)


def quote(context: Context, adapter: Adapter, key: str | None = None) -> Quote | NoOffer | list[Problem]:
    """The offers for one order on the room that is left; they are kept, to be booked by their id.

    With an idempotency `key`, the same order gets the same offers again. Raises KeyReused where the key
    came with another order, and AlreadyBooked.
    """
    merchant_id = context.tenant
    said = _rules(context)
    command = adapter(said)
    fingerprint = hashlib.sha256(command.content.encode()).digest()
    order = _understood(context, command, said, key)
    if isinstance(order, list):
        return order
    if isinstance(order, archive.Remembered):
        assert key is not None
        with merchant_transaction(merchant_id) as connection:
            return _again(connection, order, fingerprint, key)
    found, made_from = _ways(context, order)
    document = order_document(order)
    told = offers_deciding.decision(merchant_id, order, document, made_from, found, context.now())
    if isinstance(found, NoOffer):
        with merchant_transaction(merchant_id) as connection:
            openness_recording.record(connection, [told])
        return found
    try:
        promise = _keep(merchant_id, (order, document), found, told, (key, fingerprint))
    except _UsedMeanwhile:
        assert key is not None
        with merchant_transaction(merchant_id) as connection:
            known = archive.remembered(connection, merchant_id, "offers", key)
            assert known is not None  # it was waited for whoever came first
            return _again(connection, known, fingerprint, key)
    return Quote(order, tuple(found), promise)


class _UsedMeanwhile(Exception):
    """Another request with the same key came first: nothing is kept of this one."""


def _keep(
    merchant_id: str,
    of: tuple[Order, bytes],
    found: list[Offer],
    told: Decision,
    used: tuple[str | None, bytes],
) -> bytes:
    """Keeps an order, given with its document, and its offers, the decision and what the key was used for; returns the promise.

    What does not wait for another's answer travels together: an offer costs little more than its exchanges with the database.
    Raises AlreadyBooked and _UsedMeanwhile.
    """
    (order, document), (key, fingerprint) = of, used
    with engine().begin() as connection:
        with together(connection) as asked:
            act_for(asked, merchant_id, often=True)
            noted = None
            if key is not None:
                ids = [one.id for one in found]
                noted = archive.remember(asked, merchant_id, "offers", key, fingerprint, ids)
            new = archive.put_new(asked, merchant_id, order, document, found)
            now = asked.execute(log.NOW)
        if noted is not None and not noted.rowcount:
            raise _UsedMeanwhile
        if new.fetchone() is None and not archive.put_again(connection, merchant_id, order, document, found):
            raise AlreadyBooked(
                m.STANDING(order=order.id), m.CANCEL_FIRST(), field="order_id", value=order.id
            )
        (recorded,) = openness_recording.record(connection, [told], now.fetchone(), ends=True)
    return recorded.promise


def _again(connection: Connection, known: archive.Remembered, fingerprint: bytes, key: str) -> Quote:
    same(key, known.fingerprint, fingerprint)
    found = [kept for id in known.answer if (kept := archive.kept(connection, id)) is not None]
    order = found[0].order
    entries = [one for one in log.about(connection, order.id) if one.kind == offers_deciding.OFFERS]
    return Quote(
        order,
        tuple(kept.offer for kept in found),
        openness_recording.promised(entries[-1]) if entries else b"",
    )


def offer_of(merchant_id: str, offer_id: str, to_book: bool = False) -> archive.Kept:
    """An offer that was made, and its order; see archive.kept_of. Raises UnknownOffer."""
    found = archive.kept_of(merchant_id, offer_id, to_book)
    if found is None:
        raise UnknownOffer(m.UNKNOWN_OFFER(offer=offer_id), m.ASK_NEW_OFFERS(), value=offer_id)
    return found


def book(
    context: Context, offer_id: str, key: str | None = None, or_next_best: bool = False
) -> Outcome | NoOffer:
    """Books an offer by its id. Without a key of its own, an offer's id is its idempotency key.

    With `or_next_best`, where others took the last room meanwhile, the best way that is left by the order's
    own rule is booked instead; NoOffer where none is left.
    """
    kept = offer_of(context.tenant, offer_id, to_book=True)
    request = Request(
        kept.order, kept.offer, key or f"offer:{offer_id}", content=f"offer:{offer_id}", kept=True
    )
    if not kept.current:
        reason = m.ORDER_CHANGED(order=kept.order.id)
        return Refused(kept.order.id, "offer-expired", reason, m.ASK_NEW_OFFER())
    try:
        outcome = booking.book(context.tenant, request, market(context).timetable, context.now())
    except capacity.UnknownDeparture as gone:
        return Refused(kept.order.id, "offer-expired", gone.message, m.ASK_NEW_OFFER())
    return _next_best(context, request) if isinstance(outcome, Full) and or_next_best else outcome


def _next_best(context: Context, request: Request) -> Outcome | NoOffer:
    """Books what the order's rule takes of the ways that are left, searching again as they fill up."""
    place = market(context)
    none_left: list[NoOffer] = []

    def search() -> tuple[Offer, Timetable] | None:
        left = room(context, request.order.service_class)
        (found,) = best_offers([request.order], place, context.now(), left)
        if isinstance(found, NoOffer):
            none_left.append(found)
            return None
        return found, place.timetable

    outcome = booking.book_best(
        context.tenant,
        request.order,
        search,
        request.idempotency_key,
        context.now(),
        content=request.content,
    )
    return none_left[0] if outcome is None else outcome


def rebook(context: Context, booking_id: str) -> Rebooked | OnItsWay | NoWayOn:
    """Books a parcel that missed a connection on the next way; see rebooking.rebook."""
    place = market(context)
    outcome = rebooking.rebook(context.tenant, booking_id, place.timetable, context.now())
    return outcome.named(place.facilities) if isinstance(outcome, NoWayOn) else outcome
