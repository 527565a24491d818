"""/cargo: air waybills and manifests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, text

from qafila.api.air.flight_schema import DangerousIn, SecurityIn
from qafila.api.chassis.api_asking import Now
from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.cargo import cargo_exchange, manifests, objects, waybills
from qafila.cargo.cargo_exchange import Who
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.sorting import units_store
from qafila.sorting.nesting import flat

router = APIRouter(prefix="/cargo", tags=["cargo"])
_DENIED = ("unauthorized", "insufficient-scope")
_DONE = responses(*_DENIED, "not-found", "invalid-request", "not-possible")
Reader = Annotated[Actor, Depends(requires("cargo:read"))]
Issuer = Annotated[Actor, Depends(requires("cargo:issue"))]
Short = Annotated[str, Field(max_length=200)]


class HouseIn(BaseModel):
    """A house waybill within a master."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(min_length=1, max_length=20, pattern="^[A-Za-z0-9-]+$")
    parcels: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=10_000)
    shipper: Short = ""
    consignee: Short = ""
    goods: Short = ""
    security: SecurityIn | None = None
    dangerous: DangerousIn | None = None


class WaybillIn(BaseModel):
    """A master air waybill, over parcels and houses."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(max_length=20, description="3 + 8 digits; the last is the serial modulo 7.")
    origin: str = Field(pattern="^[A-Z]{3}$")
    destination: str = Field(pattern="^[A-Z]{3}$")
    carrier: Short
    parcels: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=10_000)
    houses: list[HouseIn] = Field(default_factory=list, max_length=1_000)
    flights: list[Short] = Field(default_factory=list, max_length=10)
    shipper: Short = ""
    consignee: Short = ""
    agent: Short = ""
    goods: Short = "CONSOLIDATION"
    special_handling: list[Annotated[str, Field(pattern="^[A-Z]{3}$")]] = Field(
        default_factory=list, max_length=20
    )
    readers: list[Short] = Field(default_factory=list, max_length=50, description="Tenants that may read it.")
    security: SecurityIn | None = Field(
        default=None, description="Of all its parcels whose house says nothing else."
    )
    dangerous: DangerousIn | None = Field(
        default=None, description="Of the parcels that stand on it directly."
    )

    def wanted(self) -> waybills.Wanted:
        """As the floor takes it."""
        return waybills.Wanted(
            self.number,
            self.origin,
            self.destination,
            self.carrier,
            tuple(self.parcels),
            tuple(
                waybills.House(
                    h.number,
                    tuple(h.parcels),
                    h.shipper,
                    h.consignee,
                    h.goods,
                    _told(h.security),
                    _told(h.dangerous),
                )
                for h in self.houses
            ),
            tuple(self.flights),
            self.shipper,
            self.consignee,
            self.agent,
            self.goods,
            tuple(self.special_handling),
            tuple(self.readers),
            _told(self.security),
            _told(self.dangerous),
        )


def _told(papers: SecurityIn | DangerousIn | None) -> dict[str, Any] | None:
    return None if papers is None else papers.model_dump()


def who_of(actor: Actor, request: Request) -> Who:
    """Who exchanges, and where this server is."""
    here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    return Who(actor.tenant, actor.kind is TenantKind.HUB, f"{here}/one-record")


@router.post(
    "/waybills", operation_id="issueWaybill", summary="Issue an air waybill", status_code=201, responses=_DONE
)
def issue(told: WaybillIn, actor: Issuer, now: Now, request: Request) -> dict[str, Any]:
    """Issues a master with its houses, gives its FWB content, and publishes its ONE Record objects."""
    with acting(actor) as connection:
        return issued(connection, told, who_of(actor, request), now)


def issued(connection: Connection, told: WaybillIn, who: Who, at: datetime) -> dict[str, Any]:
    """Issues a waybill and publishes what is on it; its FWB content."""
    made = waybills.issue(connection, told.wanted(), who.tenant, at)
    nodes = [
        *objects.waybills(who.base, {**made, "issued_at": at.isoformat()}),
        *_pieces(connection, who.base, made),
    ]
    cargo_exchange.publish(connection, nodes, who, told.readers, at)
    return {"message": "FWB", **made}


def _pieces(connection: Connection, base: str, made: dict[str, Any]) -> list[objects.Node]:
    on_it = [(p, made["goods"]) for p in made["parcels"]] + [
        (p, h["goods"]) for h in made["houses"] for p in h["parcels"]
    ]
    rows = {
        r.number: r
        for r in connection.execute(
            text("SELECT number, grams, length_mm, width_mm, height_mm FROM parcels WHERE number = ANY(:n)"),
            {"n": [p for p, _ in on_it]},
        )
    }
    return [
        objects.piece(
            base,
            p,
            int(rows[p].grams),
            (rows[p].length_mm, rows[p].width_mm, rows[p].height_mm),
            made["number"],
            goods,
            made["special_handling"],
        )
        for p, goods in on_it
    ]


@router.get(
    "/waybills/{number}",
    operation_id="readWaybill",
    summary="FWB content",
    responses=responses(*_DENIED, "not-found"),
)
def read(number: str, actor: Reader) -> dict[str, Any]:
    """A master waybill."""
    with acting(actor) as connection:
        return waybills.waybill(connection, number)


@router.get(
    "/waybills/{number}/houses",
    operation_id="readHouses",
    summary="FHL content",
    responses=responses(*_DENIED, "not-found"),
)
def read_houses(number: str, actor: Reader) -> dict[str, Any]:
    """The houses of a master."""
    with acting(actor) as connection:
        return waybills.houses(connection, number)


@router.post(
    "/manifests/{vehicle}",
    operation_id="makeFlightManifest",
    summary="FFM content of a flight",
    responses=_DONE,
)
def manifest(vehicle: str, actor: Issuer, now: Now, request: Request) -> dict[str, Any]:
    """What is aboard a flight by the acts that loaded it: by ULD, each waybill with its pieces. Its movement, ULDs and their
    build-up are published as ONE Record objects."""
    who = who_of(actor, request)
    with acting(actor) as connection:
        told, aboard = manifest_of(connection, vehicle)
        nodes = []
        movement = objects.key("movement", vehicle)
        for uld, position, parcels in aboard:
            nodes += objects.uld(who.base, uld, parcels, position, movement)
        if aboard:
            loadings = [objects.key("loading", uld) for uld, _, _ in aboard]
            nodes.append(objects.movement(who.base, movement, vehicle[:80], (None, None), [], loadings))
        cargo_exchange.publish(connection, nodes, who, (), now)
    return told


def manifest_of(
    connection: Connection, vehicle: str
) -> tuple[dict[str, Any], list[tuple[str, str, list[str]]]]:
    """The FFM content of a flight, and its ULDs with position and parcels."""
    row = units_store.unit(connection, vehicle[:80])
    aboard, loose = _aboard(connection, vehicle[:80]) if row is not None else ([], [])
    told = manifests.manifest(connection, vehicle[:80], [*aboard, *([("", "", loose)] if loose else [])])
    return told, aboard


def _aboard(connection: Connection, vehicle: str) -> tuple[list[tuple[str, str, list[str]]], list[str]]:
    inside: dict[str, list[str]] = {}
    todo = [vehicle]
    while todo:
        one = todo.pop()
        inside[one] = units_store.contents(connection, one)
        todo += list(units_store.kinds(connection, inside[one]))
    kinds = units_store.kinds(connection, inside[vehicle])
    ulds, loose = [], []
    for child in inside[vehicle]:
        if kinds.get(child) == "uld":
            row = units_store.unit(connection, child)
            ulds.append((child, row.position, flat(inside, child)))
        else:
            loose += flat(inside, child) if child in inside else [child]
    return ulds, loose
