"""/storage: products, advices, orders, stock, waves, lots, and acts of scanners.

Every POST carries an Idempotency-Key: the same key does the same once, and answers the same however often it is sent.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import Problem, responses
from qafila.api.storage.storage_schema import (
    ActIn,
    HoldIn,
    ProductIn,
)
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.accounts.accounts_signing import hand
from qafila.runtime.accounts.model import Actor
from qafila.runtime.answered import acts
from qafila.storage import (
    epcis_movements,
    layout,
    plan_drawing,
    shelving,
    storage_counting,
    storage_doing,
    storage_rules,
    storage_setting_up,
    storage_watching,
    store,
)

router = APIRouter(prefix="/storage", tags=["storage"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")

Reader = Annotated[Actor, Depends(requires("storage:read"))]
Writer = Annotated[Actor, Depends(requires("storage:write"))]
Worker = Annotated[Actor, Depends(requires("storage:work"))]
Manager = Annotated[Actor, Depends(requires("storage:manage"))]
Key = Annotated[
    str, Header(alias="Idempotency-Key", min_length=1, max_length=200, description="The act's own key.")
]


def act_of(actor: Actor, key: str, at: datetime, by: str = "", device: str = "") -> acts.Act:
    return acts.Act(key, acts.Actor(actor.tenant, hand(actor, by), device, ROLES[actor.kind].value), at)


def owner_of(actor: Actor, owner: str | None) -> str:
    """Whose goods are meant: a merchant's own, or those that the hub names."""
    return actor.tenant if owner is None or ROLES[actor.kind].value == "qafila_merchant" else owner


Owner = Annotated[
    str | None, Query(max_length=80, description="Whose goods, where the hub asks; else one's own.")
]


@router.put("/products/{sku}", operation_id="putProduct", summary="Add or change a product", responses=_DONE)
def put_product(sku: str, told: ProductIn, actor: Writer, owner: Owner = None) -> dict[str, Any]:
    """Adds a product or changes it."""
    with acting(actor) as connection:
        store.put_product(connection, owner_of(actor, owner), told.product(sku))
    return {"sku": sku}


@router.get("/products", operation_id="listProducts", summary="List products", responses=responses(*_DENIED))
def list_products(actor: Reader, owner: Owner = None) -> dict[str, Any]:
    """All products of an owner, by SKU."""
    with acting(actor) as connection:
        found = store.products(connection, owner_of(actor, owner))
    return {sku: asdict(product) for sku, product in found.items()}


@router.get("/stock", operation_id="listStock", summary="What lies where", responses=responses(*_DENIED))
def list_stock(
    actor: Reader,
    facility: str = "",
    sku: str = "",
    owner: Owner = None,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Page[dict[str, Any]]:
    """Goods by place: pieces, of them reserved, and how many are free."""
    after = decode(cursor) or ""
    with acting(actor) as connection:
        found = store.stock(
            connection,
            "(:f = '' OR s.facility = :f) AND (:s = '' OR s.sku = :s) AND (:o = '' OR s.merchant_id = :o)",
            f=facility,
            s=sku,
            o=owner or "",
        )
    rows = [
        {
            "facility": s.facility,
            "place": s.place,
            "owner": s.goods.owner,
            "sku": s.goods.sku,
            "lot": s.goods.lot,
            "serial": s.goods.serial,
            "condition": s.goods.condition,
            "pieces": s.pieces,
            "reserved": s.reserved,
            "free": s.free,
            "grams": s.grams,
        }
        for s in found
    ]
    start = int(after) if after.isdecimal() else 0
    following = encode(str(start + limit)) if start + limit < len(rows) else None
    return Page(items=rows[start : start + limit], next=following)


@router.get(
    "/changes",
    operation_id="listStockChanges",
    summary="Movements since a cursor",
    responses=responses(*_DENIED),
)
def list_changes(
    actor: Reader, facility: str = "", cursor: Cursor = None, limit: Limit = 200
) -> Page[dict[str, Any]]:
    """Every movement, in order, each once: what webhooks and shops follow. The last page's `next` is null; ask again
    with the `seq` of the last item later."""
    after = decode(cursor) or "0"
    with acting(actor) as connection:
        rows = epcis_movements.rows(connection, facility, int(after) if after.isdecimal() else 0, limit)
    following = encode(str(rows[-1].seq)) if len(rows) == limit else None
    return Page(items=[dict(r._mapping) for r in rows], next=following)


@router.get(
    "/epcis", operation_id="readStorageEpcis", summary="Movements as EPCIS 2.0", responses=responses(*_DENIED)
)
def read_epcis(
    actor: Reader, now: Now, facility: str = "", after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """An EPCIS document of up to 1,000 movements after a number."""
    with acting(actor) as connection:
        pieces = list(
            epcis_movements.document(connection, epcis_movements.rows(connection, facility, after), now)
        )
    return StreamingResponse(iter(pieces), media_type="application/ld+json")


# acts of scanners, lots, counts, the house itself


@router.post("/acts", operation_id="actInWarehouse", summary="An act of a scanner", responses=_DONE)
def act(told: ActIn, actor: Worker, now: Now, key: Key) -> dict[str, Any]:
    """Receives, puts away, moves, picks, packs, hands over or counts, by what was scanned."""
    accounts_places.checked(actor, told.facility)
    done = storage_doing.do(
        act_of(actor, key, told.at or now, told.by, told.device), told.facility, told.told(), told.late
    )
    return done | {"because": str(done["because"])} if "because" in done else done


@router.get(
    "/lots/{sku}/{lot}", operation_id="traceLot", summary="A lot both ways", responses=responses(*_DENIED)
)
def trace(sku: str, lot: str, actor: Reader, owner: Owner = None) -> dict[str, Any]:
    """With what it came, where it lies, who has it reserved, to whom it went."""
    with acting(actor) as connection:
        return shelving.trace(connection, owner_of(actor, owner), sku, lot)


@router.post("/lots/{sku}/{lot}/hold", operation_id="holdLot", summary="Hold a lot", responses=_DONE)
def hold(sku: str, lot: str, told: HoldIn, actor: Manager, now: Now, key: Key, owner: str) -> dict[str, Any]:
    """Holds a lot everywhere, or lets it go."""
    return shelving.hold(act_of(actor, key, now), owner, sku, lot, told.because)


@router.get("/counts", operation_id="listCounts", summary="Counts to do", responses=responses(*_DENIED))
def counts(actor: Worker, facility: str) -> list[dict[str, Any]]:
    """Doubts first."""
    with acting(actor) as connection:
        return [dict(r._mapping) for r in storage_counting.open_counts(connection, facility)]


@router.post("/counts", operation_id="askCounts", summary="Ask for cycle counts", responses=_DONE)
def ask_counts(
    actor: Manager, now: Now, key: Key, facility: str, most: Annotated[int, Query(ge=1, le=500)] = 20
) -> dict[str, Any]:
    """Asks for the counts that are worth most."""
    return storage_counting.cycle(act_of(actor, key, now), facility, most)


@router.get(
    "/replenishments",
    operation_id="listReplenishments",
    summary="Pick faces that run low",
    responses=responses(*_DENIED),
)
def replenishments(actor: Worker, facility: str) -> list[dict[str, Any]]:
    """What to bring from reserve."""
    with acting(actor) as connection:
        return shelving.replenishments(connection, facility)


@router.get("/warehouses", operation_id="listWarehouses", summary="Warehouses", responses=responses(*_DENIED))
def warehouses(actor: Reader) -> list[str]:
    """Facilities that store goods."""
    with acting(actor) as connection:
        return store.warehouses(connection)


@router.get(
    "/warehouses/{facility}",
    operation_id="readWarehouse",
    summary="A warehouse today",
    responses=responses(*_DENIED, "not-found"),
)
def read_warehouse(facility: str, actor: Reader, now: Now) -> dict[str, Any]:
    """Orders by state, tours under way, lines an hour."""
    with acting(actor) as connection:
        return storage_watching.overview(connection, facility, now)


@router.get(
    "/warehouses/{facility}/rules",
    operation_id="readWarehouseRules",
    summary="The rules of a warehouse",
    responses=responses(*_DENIED, "not-found"),
)
def read_rules(facility: str, actor: Reader) -> dict[str, Any]:
    """When it releases orders, what a cart carries, from when on a count is doubted."""
    with acting(actor) as connection:
        if store.warehouse(connection, facility) is None:
            raise Problem("not-found", say.STORES_NOTHING(facility=facility))
        return asdict(storage_rules.of(connection, facility))


@router.put(
    "/warehouses/{facility}/rules",
    operation_id="putWarehouseRules",
    summary="Change the rules of a warehouse",
    responses=_DONE,
)
def put_rules(facility: str, actor: Manager, told: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Changes the rules that are named; the others stay."""
    accounts_places.checked(actor, facility)
    with acting(actor) as connection:
        return asdict(storage_rules.put(connection, facility, told))


@router.put(
    "/warehouses/{facility}/layout", operation_id="putLayout", summary="Set a warehouse up", responses=_DONE
)
def put_layout(facility: str, actor: Manager, told: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Gives a warehouse its layout (docs/storage.md); no place where goods lie may get lost."""
    told = told | {"facility": facility}
    return {"facility": facility, "places": storage_setting_up.set_up(layout.read(told), told)}


@router.get(
    "/warehouses/{facility}/plan.svg",
    operation_id="drawWarehouse",
    summary="The plan, with heat",
    responses=responses(*_DENIED, "not-found"),
)
def draw(facility: str, actor: Reader, now: Now) -> Response:
    """The plan of a warehouse; bays are the darker the more was picked there in 30 days."""
    with acting(actor) as connection:
        known = store.warehouse(connection, facility)
        if known is None:
            raise Problem("not-found", say.STORES_NOTHING(facility=facility))
        drawing = plan_drawing.plan(
            layout.read(known.layout), storage_watching.heat(connection, facility, now)
        )
    return Response(drawing, media_type="image/svg+xml")
