"""/saved: sender profiles, the address book, and goods with their HS code, weight and origin."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.paging import Cursor, Limit, Page, decode, encode
from qafila.api.chassis.problems import responses
from qafila.runtime.accounts.model import Actor
from qafila.shipping.remembered import service
from qafila.shipping.remembered.model import LONGEST, WRITTEN, SavedAddress, SavedGoods, address_of

router = APIRouter(tags=["saved"])
_DENIED = ("unauthorized", "insufficient-scope")
Reader = Annotated[Actor, Depends(requires("saved:read"))]
Writer = Annotated[Actor, Depends(requires("saved:write"))]
Kind = Literal["sender", "receiver"]
Line = Annotated[str, Field(max_length=LONGEST)]


class SavedAddressIn(In):
    """An address to be kept under a label."""

    model_config = shown(
        {
            "kind": "sender",
            "label": "Workshop in Fez",
            "country": "MA",
            "city": "Fès",
            "company": "Cuirs de Fès SARL",
            "line1": "12 Derb Chouara",
            "usual": True,
        }
    )

    kind: Kind
    label: Line
    country: Line = Field(max_length=LONGEST, description="ISO 3166 alpha-2 or a name")
    city: Line
    name: Line = ""
    company: Line = ""
    line1: Line = ""
    line2: Line = ""
    region: Line = ""
    postcode: Line = ""
    phone: Line = ""
    email: Line = ""
    tax_id: Line = ""
    usual: bool = Field(
        default=False, description="of a sender: who sends where an order or a file names nobody"
    )


class SavedAddressOut(SavedAddressIn):
    """A saved address."""

    id: str

    @classmethod
    def of(cls, one: SavedAddress) -> SavedAddressOut:
        """From a saved address."""
        parts = {part: getattr(one.address, part) for part in WRITTEN}
        return cls.model_validate(
            {**parts, "id": one.id, "kind": one.kind, "label": one.label, "usual": one.usual}
        )


class GoodsOfOneIn(In):
    """Goods as they are to be kept; what is not said stays as it was."""

    sku: str = Field(default="", max_length=500, description="your article number; the goods are found by it")
    title: str = Field(default="", max_length=500, description="without a SKU they are found by this")
    hs: str = Field(default="", max_length=40, description="6 to 10 digits of HS 2022")
    weight_kg: str = Field(default="", max_length=40, description="of one piece")
    origin: str = Field(default="", max_length=LONGEST, description="country in which they were made")


class SavedGoodsIn(In):
    """Goods to be kept, all or none of them."""

    model_config = shown(
        {
            "goods": [
                {
                    "sku": "ARG-T250",
                    "title": "Argan oil 250 ml",
                    "hs": "151590",
                    "weight_kg": "0.52",
                    "origin": "MA",
                }
            ]
        }
    )

    goods: list[GoodsOfOneIn] = Field(min_length=1, max_length=1_000)


class SavedGoodsOut(GoodsOfOneIn):
    """Saved goods. An order with this SKU or title that says no HS code, weight or origin gets these."""

    id: str

    @classmethod
    def of(cls, one: SavedGoods) -> SavedGoodsOut:
        """From saved goods."""
        kg = "" if one.grams is None else f"{(one.grams / 1000).normalize():f}"
        return cls(id=one.id, sku=one.sku, title=one.title, hs=one.hs, weight_kg=kg, origin=one.origin)


@router.get(
    "/saved/addresses",
    operation_id="listSavedAddresses",
    summary="List sender profiles and the address book",
    responses=responses(*_DENIED, "invalid-request"),
)
def addresses(actor: Reader, kind: Kind | None = None) -> list[SavedAddressOut]:
    """All of them, by label."""
    return [SavedAddressOut.of(one) for one in service.addresses(actor.tenant, kind)]


@router.post(
    "/saved/addresses",
    operation_id="saveAddress",
    summary="Keep an address",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def keep_address(asked: SavedAddressIn, actor: Writer) -> SavedAddressOut:
    """One of the same kind and label is replaced."""
    written = address_of(asked.model_dump())
    return SavedAddressOut.of(
        service.keep_address(actor.tenant, asked.kind, asked.label, written, asked.usual)
    )


@router.get(
    "/saved/addresses/{id}",
    operation_id="readSavedAddress",
    summary="Read a saved address",
    responses=responses(*_DENIED, "not-found"),
)
def address(id: str, actor: Reader) -> SavedAddressOut:
    """One of them."""
    return SavedAddressOut.of(service.address(actor.tenant, id))


@router.get(
    "/saved/goods",
    operation_id="listSavedGoods",
    summary="List saved goods",
    responses=responses(*_DENIED, "invalid-request"),
)
def goods(actor: Reader, limit: Limit = 50, cursor: Cursor = None) -> Page[SavedGoodsOut]:
    """In the order in which they were first kept."""
    found = service.goods(actor.tenant, decode(cursor) or "", limit + 1)
    return Page(
        items=[SavedGoodsOut.of(one) for one in found[:limit]],
        next=encode(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post(
    "/saved/goods",
    operation_id="saveGoods",
    summary="Keep goods with HS code, weight and origin",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def keep_goods(asked: SavedGoodsIn, actor: Writer) -> list[SavedGoodsOut]:
    """Goods that are known by their SKU, or without one by their title, are changed in what is said."""
    kept = service.keep_goods(actor.tenant, [one.model_dump() for one in asked.goods])
    return [SavedGoodsOut.of(one) for one in kept]


@router.get(
    "/saved/goods/{id}",
    operation_id="readSavedGoods",
    summary="Read saved goods",
    responses=responses(*_DENIED, "not-found"),
)
def one_of_goods(id: str, actor: Reader) -> SavedGoodsOut:
    """One of them."""
    return SavedGoodsOut.of(service.one_of_goods(actor.tenant, id))


@router.delete(
    "/saved/{id}",
    operation_id="removeSaved",
    summary="Remove a saved address or goods",
    status_code=204,
    responses=responses(*_DENIED, "not-found"),
)
def remove(id: str, actor: Writer) -> Response:
    """Bookings that were made with it keep what they have."""
    service.remove(actor.tenant, id)
    return Response(status_code=204)
