"""/exports: a merchant takes everything of its own along, without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from qafila.api.chassis.authentication import requires
from qafila.api.chassis.problems import responses
from qafila.openness.portability import portability_taking
from qafila.runtime.accounts.model import Actor
from qafila.runtime.jobs.store import Kept

router = APIRouter(prefix="/exports", tags=["exports"])
Taker = Annotated[Actor, Depends(requires("data:take"))]
_DENIED = ("unauthorized", "insufficient-scope")


class Export(BaseModel):
    """Everything of the merchant's own, and how far the writing of it is."""

    id: str
    state: str = Field(description="waiting, running, done or failed")
    stage: str = Field(default="", description="what is being written")
    asked_at: datetime
    files: int = 0
    bytes: int = 0
    receipts: int = 0
    rows: dict[str, int] = Field(default={}, description="rows by table")
    key: str = Field(default="", description="the log's key, which signs the manifest")


def _out(kept: Kept) -> Export:
    result: Mapping[str, object] = kept.result or {} if kept.state == "done" else {}
    return Export.model_validate(
        {"id": kept.id, "state": kept.state, "stage": kept.stage, "asked_at": kept.asked_at}
        | {name: result[name] for name in ("files", "bytes", "receipts", "rows", "key") if name in result}
    )


@router.post(
    "",
    operation_id="createExport",
    summary="Take everything along",
    status_code=202,
    responses=responses(*_DENIED),
)
def create(actor: Taker) -> Export:
    """Begins to write everything of the merchant's own: rows, records, events, papers, receipts, with a signed manifest."""
    return _out(portability_taking.ask(actor.tenant, actor.name))


@router.get(
    "/{id}", operation_id="readExport", summary="Read an export", responses=responses(*_DENIED, "not-found")
)
def read(id: str, actor: Taker) -> Export:
    """How far it is, and what is in it."""
    return _out(portability_taking.find(actor.tenant, id))


@router.get(
    "/{id}/file",
    operation_id="fetchExport",
    summary="Fetch an export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}, **responses(*_DENIED, "not-found")},
)
def fetch(id: str, actor: Taker) -> Response:
    """The file, for a week. `qafila move in FILE` takes it in at another installation."""
    return FileResponse(
        portability_taking.fetched(actor.tenant, id),
        media_type="application/zip",
        filename=f"{actor.tenant}.zip",
    )
