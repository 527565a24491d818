"""/account: whose the key is that asks, and what it opens."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from qafila.api.chassis.authentication import Anybody
from qafila.api.chassis.problems import responses

router = APIRouter(tags=["account"])


class AccountOut(BaseModel):
    """Who acts with a key."""

    tenant: str = Field(description="id of the organisation")
    kind: str = Field(description="hub, merchant, carrier, station, broker, authority or regulator")
    key: str = Field(description="id of the key; no secret")
    name: str
    scopes: list[str]


@router.get(
    "/account", operation_id="readAccount", summary="What this key opens", responses=responses("unauthorized")
)
def read(actor: Anybody) -> AccountOut:
    """Whoever has a key may ask what it opens."""
    return AccountOut(
        tenant=actor.tenant, kind=actor.kind.value, key=actor.id, name=actor.name, scopes=sorted(actor.scopes)
    )
