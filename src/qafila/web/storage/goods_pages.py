"""Goods of a warehouse: what lies there, products, lots both ways, kits."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from qafila.api.storage.storage_schema import ProductIn
from qafila.core.fault import Fault
from qafila.core.figures import NotAFigure, number
from qafila.core.message import Message, Template
from qafila.runtime.accounts.accounts_acting import acting
from qafila.storage import listing, shelving, storage_doing, storage_messages, store
from qafila.storage.model import Product
from qafila.web.chassis.page_frame import link, translate
from qafila.web.storage.storage_words import conditions
from qafila.web.storage.within_storage import (
    Manager,
    Reader,
    Worker,
    Writer,
    act_of,
    at_its_place,
    owner_of,
    shown,
)

router = APIRouter(include_in_schema=False)
ROWS = 100
Typed = Annotated[str, Form(max_length=400)]


@router.get("/storage/{facility}/stock")
def stock(request: Request, facility: str, actor: Reader, q: str = "", page: int = 1) -> Response:
    """What lies where, found by a word."""
    number = max(1, min(page, 100_000))
    with acting(actor) as connection:
        found, total = listing.goods(connection, facility, q[:120], ROWS, ROWS * (number - 1))
    _ = translate(request)
    return shown(
        request,
        actor,
        facility,
        "storage_stock.html",
        found=found,
        total=total,
        q=q[:120],
        number=number,
        more=ROWS * number < total["rows"],
        conditions=conditions(_),
        title=_("Stock"),
    )


@router.get("/storage/{facility}/products")
def products(
    request: Request, facility: str, actor: Reader, owner: str = "", sku: str = "", q: str = ""
) -> Response:
    """The products of an owner; one of them to read or to change."""
    return _products(request, facility, actor, owner_of(actor, owner), sku=sku, q=q)


def _products(
    request: Request, facility: str, actor: Any, owner: str, status: int = 200, **told: Any
) -> Response:
    with acting(actor) as connection:
        chosen = owner or next((id for id, _name in listing.owners(connection)), actor.tenant)
        found = store.products(connection, chosen)
    _ = translate(request)
    word, sku = told.pop("q", "")[:120].strip().lower(), told.pop("sku", "")
    listed = [p for p in found.values() if not word or word in p.sku.lower() or word in p.title.lower()]
    done = (
        _("Kept: {sku}").format(sku=request.query_params["kept"]) if request.query_params.get("kept") else ""
    )
    typed = told.pop("typed", None)
    return shown(
        request,
        actor,
        facility,
        "storage_products.html",
        status,
        listed=listed[: ROWS * 5],
        all=len(listed),
        q=word,
        owner=chosen,
        one=typed or found.get(sku),
        may_write=actor.may("storage:write"),
        sku=sku,
        done=done,
        title=_("Products"),
        **told,
    )


@router.post("/storage/{facility}/products")
async def put_product(request: Request, facility: str, actor: Writer) -> Response:
    """Adds a product or changes what the form asks for; its parts and substitutes stay."""
    told = {name: str(value).strip() for name, value in (await request.form()).items()}
    sku, owner = told.get("sku", "")[:80], owner_of(actor, told.get("owner", "")[:80])
    try:
        if not sku:
            raise Fault(storage_messages.SAY_SKU(), field="sku", value="")
        size = tuple(
            _whole(
                told.get(side, ""),
                storage_messages.SIZE_OF_PRODUCT_WRONG,
                storage_messages.WRITE_MILLIMETRES(),
                side,
            )
            for side in ("length", "width", "height")
        )
        grams = _whole(
            told.get("grams", ""),
            storage_messages.WEIGHT_OF_PRODUCT_WRONG,
            storage_messages.WRITE_GRAMS(),
            "grams",
        )
        days = _whole(
            told.get("least_days", ""),
            storage_messages.DAYS_OF_PRODUCT_WRONG,
            storage_messages.WRITE_PIECES(),
            "least_days",
        )
        asked = ProductIn.model_validate(
            {
                "title": told.get("title", ""),
                "hs": told.get("hs", ""),
                "origin": told.get("origin", "").upper(),
                "grams": grams,
                "size_mm": size,
                "barcodes": [{"code": code, "pieces": 1} for code in told.get("barcode", "").split()],
                "by_lot": "by_lot" in told,
                "by_serial": "by_serial" in told,
                "expires": "expires" in told,
                "least_days": days,
                "catch_weight": "catch_weight" in told,
                "hazard": told.get("hazard", ""),
                "temperature": _range(told.get("coldest", ""), told.get("warmest", "")),
                "value": number(told.get("value") or "0"),
                "currency": (told.get("currency") or "EUR").upper(),
            }
        )
    except NotAFigure as odd:
        refused = Fault(
            storage_messages.PRODUCT_WRONG(field="value"),
            odd.message,
            field="value",
            value=told["value"][:80],
        )
        return _products(request, facility, actor, owner, 422, fault=refused, typed=told)
    except Fault as fault:
        return _products(request, facility, actor, owner, 422, fault=fault, typed=told)
    except ValidationError as wrong:
        field = str(wrong.errors()[0]["loc"][0])
        refused = Fault(storage_messages.PRODUCT_WRONG(field=field), field=field, value=told.get(field, ""))
        return _products(request, facility, actor, owner, 422, fault=refused, typed=told)
    new = asked.product(sku)
    with acting(actor) as connection:
        before: Product | None = store.products(connection, owner, [sku]).get(sku)
        if before is not None:
            cases = tuple(code for code in before.barcodes if code[1] != 1)
            new = replace(
                new, parts=before.parts, substitutes=before.substitutes, barcodes=(*new.barcodes, *cases)
            )
        store.put_product(connection, owner, new)
    query = urlencode({"owner": owner, "kept": sku})
    return RedirectResponse(link(request, f"/storage/{facility}/products?{query}"), 303)


def _whole(written: str, wrong: Template, remedy: Message, field: str) -> int:
    """A whole number of zero or more as people write it; nothing written is zero. Raises Fault."""
    try:
        found = number(written or "0")
    except NotAFigure:
        found = Decimal(-1)
    if not 0 <= found <= 2_000_000 or found != int(found):
        raise Fault(wrong(value=written[:40]), remedy, field=field, value=written[:80])
    return int(found)


def _range(cold: str, warm: str) -> tuple[int, int] | None:
    """Lowest and highest temperature; None where neither is written. Raises Fault where one is missing or they are reversed."""
    if not cold and not warm:
        return None
    written = [re.sub(r"\s*°?\s*[cC]$", "", one.replace("−", "-")) for one in (cold, warm)]
    if all(re.fullmatch(r"[+-]?\d{1,3}", one) for one in written) and int(written[0]) <= int(written[1]):
        return int(written[0]), int(written[1])
    raise Fault(
        storage_messages.TEMPERATURE_WRONG(coldest=cold[:20] or "–", warmest=warm[:20] or "–"),
        storage_messages.WRITE_TEMPERATURE(),
        field="temperature",
        value=f"{cold} {warm}"[:80],
    )


@router.get("/storage/{facility}/lots")
def lots(
    request: Request, facility: str, actor: Reader, owner: str = "", sku: str = "", lot: str = "", q: str = ""
) -> Response:
    """Lots; one of them both ways: with what it came, where it lies, who waits for it, to whom it went."""
    of = owner_of(actor, owner)
    with acting(actor) as connection:
        found = listing.lots(connection, of, q[:120])
        traced = shelving.trace(connection, of, sku, lot) if sku and lot and of else None
        known = [one for one in store.lots(connection, of, sku) if one.lot == lot] if traced else []
    _ = translate(request)
    said = {"held": _("It is held everywhere."), "free": _("It may leave again.")}
    return shown(
        request,
        actor,
        facility,
        "storage_lots.html",
        found=found,
        traced=traced,
        one=known[0] if known else None,
        owner=of,
        sku=sku,
        lot=lot,
        q=q[:120],
        may_manage=actor.may("storage:manage"),
        done=said.get(request.query_params.get("did", ""), ""),
        conditions=conditions(_),
        title=_("Lots and recalls"),
    )


@router.post("/storage/{facility}/lots")
def hold(
    request: Request,
    facility: str,
    actor: Manager,
    sku: Typed = "",
    lot: Typed = "",
    owner: Typed = "",
    because: Typed = "",
    do: Typed = "hold",
    key: Typed = "",
) -> Response:
    """Holds a lot everywhere, or lets it go."""
    why = because.strip()[:300]
    if do == "hold" and not why:
        raise Fault(storage_messages.WHY_MISSING(), storage_messages.SAY_WHY(), field="because", value="")
    shelving.hold(act_of(request, actor, key, "hold"), owner, sku, lot, why if do == "hold" else "")
    query = urlencode({"owner": owner, "sku": sku, "lot": lot, "did": "held" if do == "hold" else "free"})
    return RedirectResponse(link(request, f"/storage/{facility}/lots?{query}"), 303)


@router.get("/storage/{facility}/kits")
def kits(request: Request, facility: str, actor: Worker) -> Response:
    """Kits: what they are made of, and where they can be made."""
    return _kits(request, facility, actor)


def _kits(request: Request, facility: str, actor: Any, status: int = 200, **told: Any) -> Response:
    with acting(actor) as connection:
        found = listing.kits(connection, facility)
    _ = translate(request)
    made = request.query_params.get("made", "")
    done = (
        _("Done: {pieces} × {sku} at {place}").format(
            pieces=request.query_params.get("pieces", ""),
            sku=made,
            place=request.query_params.get("place", ""),
        )
        if made
        else ""
    )
    typed = {"code": "", "place": "", "pieces": "1", "do": "assemble", **told.pop("typed", {})}
    return shown(
        request,
        actor,
        facility,
        "storage_kits.html",
        status,
        kits=found,
        typed=typed,
        done=done,
        title=_("Kits"),
        **told,
    )


@router.post("/storage/{facility}/kits")
def make_kits(
    request: Request,
    facility: str,
    actor: Worker,
    code: Typed = "",
    place: Typed = "",
    pieces: Typed = "1",
    do: Typed = "assemble",
    key: Typed = "",
    owner: Typed = "",
) -> Response:
    """Makes kits of parts that lie at a place, or takes them apart."""
    kind = "take-apart" if do == "take-apart" else "assemble"
    try:
        at_its_place(actor, facility)
        if not pieces.strip().isdecimal() or not 0 < int(pieces) < 10_000_000:
            raise Fault(
                storage_messages.PIECES_WRONG(pieces=pieces[:40]),
                storage_messages.WRITE_PIECES(),
                field="pieces",
                value=pieces[:40],
            )
        told = storage_doing.told_from(
            {
                "kind": kind,
                "code": code.strip(),
                "place": place.strip(),
                "pieces": int(pieces),
                "owner": owner,
            }
        )
        storage_doing.do(act_of(request, actor, key, "kit"), facility, told)
    except Fault as fault:
        typed = {"code": code, "place": place, "pieces": pieces, "do": kind}
        return _kits(request, facility, actor, 422, fault=fault, typed=typed)
    query = urlencode({"made": code.strip(), "pieces": pieces.strip(), "place": place.strip()})
    return RedirectResponse(link(request, f"/storage/{facility}/kits?{query}"), 303)
