"""/storage, for the office: advices from files, bills, slotting, excursions of temperature, stock for shops."""

from __future__ import annotations

import csv
from dataclasses import asdict
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Instant
from qafila.api.chassis.problems import responses
from qafila.api.storage.storage_schema import ExcursionIn, ShopIn
from qafila.api.storage.warehouses import Key, Manager, Owner, Reader, Writer, act_of, owner_of
from qafila.runtime.accounts import accounts_places
from qafila.runtime.accounts.accounts_acting import ROLES, acting
from qafila.runtime.database import Role
from qafila.runtime.settings import settings
from qafila.storage import billing, reslotting, shelving
from qafila.storage.shops import links, shops_files, shops_telling

router = APIRouter(prefix="/storage", tags=["storage"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "key-reused", "not-possible")


@router.get(
    "/bill", operation_id="readStorageBill", summary="What storage costs", responses=responses(*_DENIED)
)
def read_bill(
    actor: Reader, since: Instant, until: Instant, facility: str = "", owner: Owner = None
) -> dict[str, Any]:
    """Handling and storage of a period by the published rates, from the movements alone."""
    with acting(actor) as connection:
        lines, unknown = billing.bill(connection, owner_of(actor, owner), since, until, facility)
    return {
        "lines": [
            {
                "kind": x.rate.kind,
                "unit": x.rate.unit,
                "quantity": str(x.quantity),
                "rate": str(x.rate.price.amount),
                "amount": str(x.amount.amount),
                "currency": x.amount.currency,
                "source": x.rate.source,
                "confidence": x.rate.confidence,
            }
            for x in lines
        ],
        "size_not_known": unknown,
    }


@router.get(
    "/warehouses/{facility}/slotting",
    operation_id="adviseSlotting",
    summary="Who should stand where",
    responses=responses(*_DENIED, "not-found"),
)
def slotting(
    facility: str,
    actor: Annotated[Any, Depends(requires("storage:work"))],
    now: Now,
    most: Annotated[int, Query(ge=1, le=200)] = 20,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> dict[str, Any]:
    """Exchanges that shorten the tours of the last days most, and by how much, measured on these tours."""
    with acting(actor) as connection:
        found = reslotting.advise(connection, facility, now, most, days)
    return {
        "exchanges": found.exchanges,
        "tours": found.tours,
        "metres_before": round(found.before, 1),
        "metres_after": round(found.after, 1),
    }


@router.post(
    "/excursions", operation_id="noteExcursion", summary="A zone was too cold or too warm", responses=_DONE
)
def excursion(told: ExcursionIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Holds every lot that lay there then and does not bear it."""
    accounts_places.checked(actor, told.facility)
    return shelving.excursion(
        act_of(actor, key, now), told.facility, told.zone, told.coldest, told.warmest, told.since, told.until
    )


@router.get(
    "/shops/{shop}.csv",
    operation_id="exportShopStock",
    summary="Stock for a shop",
    responses=responses(*_DENIED, "not-found"),
)
def shop(shop: str, actor: Reader, owner: Owner = None) -> Response:
    """Free stock as the file that a shop imports: shopify or woocommerce."""
    with acting(actor) as connection:
        rows = shops_files.rows(connection, owner_of(actor, owner), shop)
    written = StringIO()
    csv.writer(written).writerows(rows)
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8")


@router.post(
    "/shops",
    operation_id="linkShop",
    summary="Have a shop told of stock",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def link_shop(told: ShopIn, actor: Writer) -> dict[str, Any]:
    """From now on the shop hears within a minute how much of each product is free. Its key is never shown again."""
    inside = ROLES[actor.kind] is Role.OPERATOR or settings().webhooks_inside
    new = links.NewLink(told.shop, told.address, told.secret, told.location, tuple(told.facilities), inside)
    return {"id": links.keep(actor.tenant, new)}


@router.get("/shops", operation_id="listShops", summary="Shops that are told", responses=responses(*_DENIED))
def list_shops(actor: Writer) -> list[dict[str, Any]]:
    """What each was told last, which SKUs it does not have, and why it could not be told."""
    with acting(actor) as connection:
        return [asdict(link) for link in links.every(connection, actor.tenant)]


@router.post(
    "/shops/{id}/tell",
    operation_id="tellShop",
    summary="Tell a shop now",
    responses=responses(*_DENIED, "not-found"),
)
def tell_shop(id: str, actor: Writer, now: Now) -> dict[str, Any]:
    """Tells a shop what changed, without waiting for its turn."""
    heard = shops_telling.tell_one(actor.tenant, id, now)
    with acting(actor) as connection:
        link = links.find(connection, actor.tenant, id)
    return {"heard": heard, "unknown": link.unknown, "error": link.last_error}


@router.delete(
    "/shops/{id}",
    operation_id="unlinkShop",
    summary="Tell a shop no more",
    status_code=204,
    responses=responses(*_DENIED, "not-found"),
)
def unlink_shop(id: str, actor: Writer) -> None:
    """Forgets the shop and its key."""
    with acting(actor) as connection:
        links.remove(connection, actor.tenant, id)
