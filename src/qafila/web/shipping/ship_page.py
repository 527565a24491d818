"""/ship: one parcel by a form. First where and what, answered by offers; then who, answered by a booking.

The address carries the question, so Back and a reload ask it again; names and streets come only with the
booking, by POST, and are in no address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from qafila.delivery.delivery_reserving import reserved
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.shipping.bookings.booking import Booked, Full, Refused
from qafila.shipping.offers.offer import Offer
from qafila.shipping.offers.offering import NoOffer
from qafila.shipping.orders import product_templates
from qafila.shipping.orders.order import Order, Problem
from qafila.shipping.remembered import service as remembered
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.page_frame import language_of, link, page
from qafila.web.chassis.visitor import requires, session_of
from qafila.web.chassis.web_asking import context_of
from qafila.web.shipping import kept_form
from qafila.web.shipping import quote_form as counter
from qafila.web.shipping import ship_page_messages as m

router = APIRouter(include_in_schema=False)
SORTS = ("cheapest", "fastest", "greenest")
Asker = Annotated[Actor, Depends(requires("offers:read"))]
Writer = Annotated[Actor, Depends(requires("bookings:write"))]


@router.get("/ship")
def ship(request: Request, actor: Asker) -> Response:
    """The form, and the offers for what it says."""
    fields = typed(request.query_params, counter.FIELDS + kept_form.CHOSEN)
    if "fill" in request.query_params:
        return form(request, actor, Typed({**fields, **kept_form.places_and_goods(actor, fields)}))
    return answered(request, actor, fields)


def answered(request: Request, actor: Actor | None, fields: dict[str, str]) -> Response:
    """The offers for what was typed, or what is wrong with it; for a stranger (no actor) at the public prices.

    A kind of goods that was chosen fills in what it knows. Where the rest was typed too, the offers come at once.
    """
    kind = product_templates.every().get(request.query_params.get("template", ""))
    if kind is not None:
        known = kind.fields(language_of(request).code)
        if "take" in request.query_params or fields["title"]:
            return form(request, actor, Typed({**fields, **known}))
        fields = Typed({**known, **fields})
    if not fields["city"] and (kind is not None or not fields["title"]):
        return form(request, actor, fields)
    context = context_of(request, actor.tenant) if actor else context_of(request)
    order = counter.read(context, fields, "quote")
    if isinstance(order, list):
        return form(request, actor, fields, problems=order)
    found = counter.quote(context, order)
    if isinstance(found, NoOffer):
        problem = Problem(1, found.field, found.value, found.reason, found.remedy)
        return form(request, actor, fields, problems=[problem], order=order)
    return form(request, actor, fields, order=order, offers=found)


@router.get("/ship/offer")
def offer(request: Request, actor: Asker) -> Response:
    """One offer, and the form for who sends and who receives."""
    fields = typed(request.query_params, counter.FIELDS + kept_form.CHOSEN)
    parties = kept_form.parties(actor, fields)
    own = {} if "sender_name" in parties else _own(request, actor)
    fields = Typed({**own, **parties, **fields})
    return _offer(request, actor, fields, request.query_params.get("way", ""), key=secrets.token_hex(16))


@router.post("/ship/offer")
async def book(request: Request, actor: Writer) -> Response:
    """Books the offer that was shown, at the price that was shown, or says what has changed."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_book, request, actor, form)


def _book(request: Request, actor: Actor, form: Mapping[str, str]) -> Response:
    context = context_of(request, actor.tenant)
    key = form.get("key") or secrets.token_hex(16)
    fields = typed(form, counter.FIELDS + counter.PARTIES)
    order_id = fields.get("order_id") or f"WEB-{context.now():%y%m%d}-{key[:6].upper()}"
    missing = _missing(fields)
    order = counter.read(context, fields, order_id)
    if isinstance(order, list) or missing:
        problems = missing + (order if isinstance(order, list) else [])
        return _offer(request, actor, fields, form.get("way", ""), key=key, problems=problems)
    found = counter.quote(context, order)
    same = [] if isinstance(found, NoOffer) else [o for o in found if counter.way(o) == form.get("way")]
    if not same or str(same[0].price) != form.get("price"):
        return _offer(request, actor, fields, form.get("way", ""), key=key, changed=True)
    outcome = counter.place_order(context, order, same[0], key, fields)
    if isinstance(outcome, Booked):
        if form.get("remember") == "yes" and actor.may("saved:write"):
            remembered.remember(actor.tenant, order)
        return RedirectResponse(link(request, f"/shipments/{outcome.shipment_id}?booked=1"), 303)
    if isinstance(outcome, Refused) and outcome.code in ("already-booked", "key-reused"):
        problem = Problem(1, "order_id", order_id, outcome.reason, outcome.remedy)
        return _offer(
            request, actor, fields, form.get("way", ""), key=secrets.token_hex(16), problems=[problem]
        )
    if isinstance(outcome, Refused) and outcome.code == "booking-cancelled":
        problem = Problem(1, "order_id", order_id, m.BOOKED_AND_CANCELLED(), m.BOOK_AGAIN())
        return _offer(
            request, actor, fields, form.get("way", ""), key=secrets.token_hex(16), problems=[problem]
        )
    return _offer(
        request, actor, fields, form.get("way", ""), key=key, changed=True, full=isinstance(outcome, Full)
    )


class Typed(dict[str, str]):
    """What was typed, by field; empty where nothing was."""

    def __missing__(self, name: str) -> str:
        return ""


def typed(source: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """What was typed into some fields."""
    return Typed({name: source.get(name, "")[:500] for name in names if source.get(name, "").strip()})


def _own(request: Request, actor: Actor) -> dict[str, str]:
    """The sender of somebody who has kept none: the merchant himself, by the names of his account."""
    here = session_of(request)
    if here is None or not actor.person or actor.kind is not TenantKind.MERCHANT:
        return {}
    firm = here.tenant.name
    return {"sender_name": actor.name, "sender_company": "" if firm == actor.name else firm}


def _missing(fields: Mapping[str, str]) -> list[Problem]:
    """What a label cannot do without."""
    return [
        Problem(1, name, "", m.MISSING(), m.NEEDED_ON_LABEL())
        for name in ("sender_name", "sender_line1", "name", "line1")
        if not fields.get(name)
    ]


def form(
    request: Request,
    actor: Actor | None,
    fields: dict[str, str],
    problems: list[Problem] | None = None,
    order: Order | None = None,
    offers: list[Offer] | None = None,
) -> Response:
    """The page with its question and, where it was asked, the offers; for a stranger (no actor) at /prices."""
    sort = request.query_params.get("sort", "cheapest")
    if offers and sort in SORTS:
        offers = sorted(offers, key=_SORT[sort])
    return page(
        request,
        "ship.html",
        422 if problems else 200,
        fields=fields,
        problems=counter.by_place(problems or []),
        order=order,
        offers=offers,
        sort=sort,
        reserved=reserved(order.receiver.country, min(b.grams for b in order.boxes), order.ready.date())
        if order
        else None,
        way=counter.way,
        facilities=context_of(request).network.feed.facility,
        sorts=SORTS,
        query=lambda **more: urlencode({**fields, **more}),
        countries=_countries(request),
        currencies=sorted(context_of(request).rules.rates.currencies),
        all_countries=_all_countries(request),
        gone="gone" in request.query_params,
        action="/ship" if actor else "/prices",
        choose="/ship/offer?" if actor else "/join?",
        goods_templates=[
            (t.id, t.names[language_of(request).code]) for t in product_templates.every().values()
        ],
        **(kept_form.choices(actor) if actor else kept_form.NOTHING),
    )


_SORT = {
    "cheapest": lambda o: (o.price.amount, o.promise.by),
    "fastest": lambda o: (o.promise.by, o.itinerary.arrival, o.price.amount),
    "greenest": lambda o: (o.co2e_wtw_kg, o.price.amount),
}


def _offer(
    request: Request,
    actor: Actor,
    fields: dict[str, str],
    way: str,
    key: str,
    problems: list[Problem] | None = None,
    changed: bool = False,
    full: bool = False,
) -> Response:
    """The booking form over a fresh quote; where the way is gone, the offers that there are now."""
    context = context_of(request, actor.tenant)
    question = {name: fields[name] for name in counter.FIELDS + kept_form.CHOSEN if name in fields}
    order = counter.read(context, question, "quote")
    found = order if isinstance(order, list) else counter.quote(context, order)
    chosen = None
    if isinstance(found, list) and not isinstance(order, list):
        chosen = next((o for o in found if isinstance(o, Offer) and counter.way(o) == way), None)
    if chosen is None or isinstance(order, list):
        return RedirectResponse(
            link(request, "/ship?" + urlencode({**question, "gone": "1"}) + "#offers"), 303
        )
    return page(
        request,
        "offer.html",
        422 if problems else 409 if changed else 200,
        fields=fields,
        question=question,
        problems=counter.by_place(problems or []),
        order=order,
        offer=chosen,
        way=way,
        key=key,
        changed=changed,
        full=full,
        facilities=context_of(request).network.feed.facility,
        back=link(request, "/ship?" + urlencode(question) + "#offers"),
    )


def _countries(request: Request) -> list[tuple[str, str]]:
    """Countries that the network serves, by name in the language of the page."""
    speak = Formats(language_of(request))
    codes = {facility.country for facility in context_of(request).network.feed.facilities}
    return sorted(((code, speak.country(code)) for code in codes), key=lambda pair: pair[1])


def _all_countries(request: Request) -> list[tuple[str, str]]:
    """Every country, by name: goods may be made where the network does not reach."""
    names = Formats(language_of(request)).locale.territories.items()
    return sorted(
        ((c, n) for c, n in names if len(c) == 2 and c.isalpha() and c not in _GROUPS), key=lambda p: p[1]
    )


_GROUPS = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}  # CLDR's codes that are no countries
