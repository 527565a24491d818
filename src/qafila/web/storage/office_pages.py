"""The office of a warehouse: bills, who should stand where, zones that were too warm or too cold, shops that are told of stock."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.core.money import Money
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.database import Role
from qafila.runtime.settings import settings
from qafila.storage import (
    billing,
    layout,
    listing,
    plan_drawing,
    reslotting,
    shelving,
    storage_messages,
    storage_watching,
    store,
)
from qafila.storage.shops import links, shops_files, shops_telling
from qafila.web.chassis.page_frame import link, translate
from qafila.web.chassis.web_asking import context_of
from qafila.web.storage.storage_words import charges
from qafila.web.storage.within_storage import (
    Manager,
    Reader,
    Worker,
    Writer,
    act_of,
    at_its_place,
    owner_of,
    shown,
    warehouse,
    zone_of,
)

router = APIRouter(include_in_schema=False)
Typed = Annotated[str, Form(max_length=400)]


@router.get("/storage/{facility}/bill")
def bill(
    request: Request, facility: str, actor: Reader, owner: str = "", since: str = "", until: str = ""
) -> Response:
    """What a period costs an owner here, by the published rates; the last day counts whole."""
    zone = ZoneInfo(zone_of(request, facility))
    today = context_of(request).now().astimezone(zone).date()
    fault = None
    try:
        first = date.fromisoformat(since) if since else today.replace(day=1)
        last = date.fromisoformat(until) if until else today
        if last < first:
            raise Fault(storage_messages.UNTIL_BEFORE(), field="until", value=until[:40])
    except ValueError:
        fault = Fault(
            storage_messages.BAD_TIME(value=f"{since} {until}"[:40]),
            storage_messages.WRITE_TIME(),
            field="since",
        )
    except Fault as found:
        fault = found
    if fault:
        first, last = today.replace(day=1), today
    with acting(actor) as connection:
        of = owner_of(actor, owner) or next((id for id, _name in listing.owners(connection)), actor.tenant)
        lines, unknown = billing.bill(
            connection,
            of,
            datetime.combine(first, time(), zone).astimezone(UTC),
            datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC),
            facility,
        )
    totals: dict[str, Decimal] = {}
    for one in lines:
        totals[one.amount.currency] = totals.get(one.amount.currency, Decimal(0)) + one.amount.amount
    _ = translate(request)
    return shown(
        request,
        actor,
        facility,
        "storage_bill.html",
        422 if fault else 200,
        fault=fault,
        lines=lines,
        unknown=unknown,
        owner=of,
        first=first,
        last=last,
        totals=[Money(n, c) for c, n in totals.items()],
        names=charges(_),
        title=_("Bill"),
    )


@router.get("/storage/{facility}/slotting")
def slotting(request: Request, facility: str, actor: Worker, days: int = 30) -> Response:
    """Which goods should change places, and what that saves on the tours of the last weeks."""
    now, of = context_of(request).now(), max(1, min(days, 365))
    with acting(actor) as connection:
        known = warehouse(connection, facility)
        found = reslotting.advise(connection, facility, now, 20, of)
        drawing = plan_drawing.plan(
            layout.read(known.layout), storage_watching.heat(connection, facility, now, of)
        )
    _ = translate(request)
    return shown(
        request,
        actor,
        facility,
        "storage_slotting.html",
        found=found,
        days=of,
        drawing=Markup(drawing),
        share=1 - found.after / found.before if found.before else 0.0,
        title=_("Better places for goods"),
    )


@router.get("/storage/{facility}/cold")
def cold(request: Request, facility: str, actor: Manager) -> Response:
    """Zones that were too warm or too cold, and what is held."""
    return _cold(request, facility, actor)


def _cold(request: Request, facility: str, actor: Actor, status: int = 200, **told: Any) -> Response:
    with acting(actor) as connection:
        zones = sorted({str(p.zone) for p in store.places(connection, facility) if p.zone})
        held = listing.lots(connection, "", held=True)
    _ = translate(request)
    did = request.query_params.get("held", "")
    done = _("Noted. Lots that are held by it: {n}").format(n=did) if did.isdecimal() else ""
    now = context_of(request).now().astimezone(ZoneInfo(zone_of(request, facility)))
    typed = {
        "zone": zones[0] if zones else "",
        "coldest": "",
        "warmest": "",
        "until": now.strftime("%Y-%m-%dT%H:%M"),
        "since": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        **told.pop("typed", {}),
    }
    return shown(
        request,
        actor,
        facility,
        "storage_cold.html",
        status,
        zones=zones,
        held=held,
        typed=typed,
        done=done,
        title=_("Too warm or cold"),
        **told,
    )


@router.post("/storage/{facility}/cold")
def excursion(
    request: Request,
    facility: str,
    actor: Manager,
    zone: Typed = "",
    coldest: Typed = "",
    warmest: Typed = "",
    since: Typed = "",
    until: Typed = "",
    key: Typed = "",
) -> Response:
    """Holds every lot that lay in a zone then and does not bear what it had."""
    typed = {"zone": zone, "coldest": coldest, "warmest": warmest, "since": since, "until": until}
    try:
        at_its_place(actor, facility)
        bounds = [_degrees(name, told) for name, told in (("coldest", coldest), ("warmest", warmest))]
        at = ZoneInfo(zone_of(request, facility))
        begin, end = (_moment(name, told, at) for name, told in (("since", since), ("until", until)))
        if end < begin or bounds[1] < bounds[0]:
            raise Fault(storage_messages.UNTIL_BEFORE(), field="until", value=until[:40])
        done = shelving.excursion(
            act_of(request, actor, key, "cold"), facility, zone, bounds[0], bounds[1], begin, end
        )
    except Fault as fault:
        return _cold(request, facility, actor, 422, fault=fault, typed=typed)
    return RedirectResponse(link(request, f"/storage/{facility}/cold?held={len(done['held'])}"), 303)


def _degrees(name: str, told: str) -> int:
    shown_ = told.strip().replace("\u2212", "-")
    if not shown_.removeprefix("-").isdecimal() or not -100 <= int(shown_) <= 100:
        raise Fault(storage_messages.BAD_FIELD(value=told[:40], field=name), field=name, value=told[:40])
    return int(shown_)


def _moment(name: str, told: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(told.strip())
    except ValueError:
        raise Fault(
            storage_messages.BAD_TIME(value=told[:40]),
            storage_messages.WRITE_TIME(),
            field=name,
            value=told[:40],
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


@router.get("/storage/{facility}/shops")
def shops(request: Request, facility: str, actor: Writer) -> Response:
    """Shops that are told of stock: what they heard last, and what went wrong."""
    return _shops(request, facility, actor)


def _shops(request: Request, facility: str, actor: Actor, status: int = 200, **told: Any) -> Response:
    with acting(actor) as connection:
        found = links.every(connection, actor.tenant)
    _ = translate(request)
    said = {
        "linked": _("The shop is kept; it hears within a minute."),
        "told": _("The shop heard."),
        "failed": _("The shop did not hear; why stands beside it."),
        "gone": _("The shop and its key are forgotten."),
    }
    typed = {"shop": "shopify", "address": "", "location": "", **told.pop("typed", {})}
    return shown(
        request,
        actor,
        facility,
        "storage_shops.html",
        status,
        shops=found,
        typed=typed,
        done=said.get(request.query_params.get("did", ""), ""),
        title=_("Shops"),
        **told,
    )


@router.post("/storage/{facility}/shops")
def link_shop(
    request: Request,
    facility: str,
    actor: Writer,
    shop: Typed = "",
    address: Typed = "",
    secret: Typed = "",
    location: Typed = "",
    here: Typed = "",
) -> Response:
    """Keeps a shop and its key, which is never shown again."""
    inside = ROLES[actor.kind] is Role.OPERATOR or settings().webhooks_inside
    new = links.NewLink(shop, address, secret.strip(), location, (facility,) if here else (), inside)
    try:
        links.keep(actor.tenant, new)
    except Fault as fault:
        typed = {"shop": shop, "address": address, "location": location}
        return _shops(request, facility, actor, 422, fault=fault, typed=typed)
    return RedirectResponse(link(request, f"/storage/{facility}/shops?{urlencode({'did': 'linked'})}"), 303)


@router.post("/storage/{facility}/shops/{id}")
def act_on_shop(request: Request, facility: str, actor: Writer, id: str, do: Typed = "tell") -> Response:
    """Tells a shop now, or forgets it."""
    if do == "forget":
        with acting(actor) as connection:
            links.remove(connection, actor.tenant, id)
        did = "gone"
    else:
        did = "told" if shops_telling.tell_one(actor.tenant, id, context_of(request).now()) else "failed"
    return RedirectResponse(link(request, f"/storage/{facility}/shops?did={did}"), 303)


@router.get("/storage/{facility}/stock/{shop}.csv")
def stock_file(facility: str, actor: Reader, shop: str, owner: str = "") -> Response:
    """Free stock as the file that a shop imports."""
    with acting(actor) as connection:
        warehouse(connection, facility)
        rows = shops_files.rows(connection, owner_of(actor, owner) or actor.tenant, shop)
    written = StringIO()
    csv.writer(written).writerows(rows)
    headers = {"content-disposition": f'attachment; filename="stock-{shop}.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
