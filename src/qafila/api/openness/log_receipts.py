"""/log: receipts of decisions, and the key that they are checked with."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.openness import openness_receipts, openness_recording
from qafila.runtime.accounts.accounts_acting import acting
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Actor

router = APIRouter(prefix="/log", tags=["log"])
LogReader = Annotated[Actor, Depends(requires("log:read"))]


class ReceiptOut(BaseModel):
    """A receipt, and what opens the commitments of its entry."""

    kind: str = Field(description="What was decided, such as `shipping.offers`.")
    index: int = Field(description="Its place in the log.")
    receipt: str = Field(description="The text of a .tlog-proof file (C2SP tlog-proof).")
    openings: dict[str, Any] = Field(description="By field: the salt, and the value as JSON text.")


class KeyOut(BaseModel):
    """The log's first key; later ones follow from keys.json beside the log's files."""

    key: str
    files: str = Field(description="Where the log's files are served.")


@router.get(
    "/receipts/{subject}",
    operation_id="readReceipts",
    summary="Get receipts",
    responses=responses("unauthorized", "insufficient-scope", "not-found"),
)
def read(subject: str, actor: LogReader) -> list[ReceiptOut]:
    """The receipts of all decisions about an order, by its id, or a booking. A merchant sees its own."""
    with acting(actor) as connection:
        found = openness_receipts.receipts_of(connection, subject)
    return [
        ReceiptOut(
            kind=one.entry.kind,
            index=one.entry.index or 0,
            receipt=one.receipt.decode(),
            openings=json.loads(one.openings),
        )
        for one in found
    ]


@router.get("/key", operation_id="readLogKey", summary="Get the log's key", dependencies=[Depends(public)])
def key() -> KeyOut:
    """The key by which receipts are checked. Compare it with what the hub publishes elsewhere."""
    return KeyOut(key=str(openness_recording.keys().first), files="/log/")
