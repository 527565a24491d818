"""/storage, for the office: advices from files, bills, slotting, excursions of temperature, stock for shops."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from qafila.api.chassis.asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import Instant
from qafila.api.chassis.problems import responses
from qafila.api.storage.storage_schema import ExcursionIn
from qafila.api.storage.warehouses import Key, Manager, Owner, Reader, act_of, owner_of
from qafila.runtime.accounts import places
from qafila.runtime.accounts.acting import acting
from qafila.storage import billing, reslotting, shelving, shop_files

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
            {"kind": x.rate.kind, "unit": x.rate.unit, "quantity": str(x.quantity), "rate": str(x.rate.price.amount),
             "amount": str(x.amount.amount), "currency": x.amount.currency, "source": x.rate.source,
             "confidence": x.rate.confidence}
            for x in lines
        ],
        "size_not_known": unknown,
    }  # fmt: skip


@router.get(
    "/warehouses/{facility}/slotting",
    operation_id="adviseSlotting",
    summary="Who should stand where",
    responses=responses(*_DENIED, "not-found"),
)
def slotting(
    facility: str, actor: Annotated[Any, Depends(requires("storage:work"))], now: Now,
    most: Annotated[int, Query(ge=1, le=200)] = 20, days: Annotated[int, Query(ge=1, le=365)] = 30,
) -> dict[str, Any]:  # fmt: skip
    """Exchanges that shorten the tours of the last days most, and by how much, measured on these tours."""
    with acting(actor) as connection:
        found = reslotting.advise(connection, facility, now, most, days)
    return {"exchanges": found.exchanges, "tours": found.tours, "metres_before": round(found.before, 1),
            "metres_after": round(found.after, 1)}  # fmt: skip


@router.post(
    "/excursions", operation_id="noteExcursion", summary="A zone was too cold or too warm", responses=_DONE
)
def excursion(told: ExcursionIn, actor: Manager, now: Now, key: Key) -> dict[str, Any]:
    """Holds every lot that lay there then and does not bear it."""
    places.checked(actor, told.facility)
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
        rows = shop_files.rows(connection, owner_of(actor, owner), shop)
    written = StringIO()
    csv.writer(written).writerows(rows)
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8")
