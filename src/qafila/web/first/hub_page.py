"""/hub: setting up a hub: its name, its network, its terms, its people, each with whether it is done."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import RedirectResponse, Response

from qafila.core.fault import Fault
from qafila.network import feed as feeds
from qafila.network import installed
from qafila.network.network_report import FeedErrors, FeedProblem
from qafila.openness import openness_terms
from qafila.runtime import runtime_hub
from qafila.runtime.accounts import session_store, store
from qafila.runtime.accounts.accounts_acting import managing
from qafila.runtime.accounts.model import Actor
from qafila.web.chassis.page_frame import link, page
from qafila.web.chassis.visitor import requires
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False)
Operator = Annotated[Actor, Depends(requires("tenants:write"))]
LARGEST = 64 * 2**20  # bytes of a feed, unpacked
FILES = 40


@router.get("/hub")
def shown(request: Request, actor: Operator, done: str = "") -> Response:
    """All of it on one page."""
    return _shown(request, actor, done=done)


def _shown(
    request: Request,
    actor: Actor,
    fault: Fault | None = None,
    problems: list[FeedProblem] | None = None,
    name: str | None = None,
    broken: str = "",
    done: str = "",
) -> Response:
    here, context = runtime_hub.read(), context_of(request)
    with managing(actor) as connection:
        members = store.members(connection, actor.tenant)
        awaited = [i for i in session_store.invitations(connection, actor.tenant, context.now()) if i.open]
    feed = context.network.feed
    return page(
        request,
        "hub.html",
        422 if fault or problems or broken else 200,
        hub=here,
        name=here.name if name is None else name,
        fault=fault,
        feed=feed,
        terms=openness_terms.in_force(context.now()),
        members=members,
        awaited=awaited,
        problems=problems or [],
        broken=broken,
        done=done,
        kinds=len({f.country for f in feed.facilities}),
    )


@router.post("/hub")
def set_up(
    request: Request,
    actor: Operator,
    name: Annotated[str, Form()] = "",
    open_to: Annotated[str, Form()] = "invited",
) -> Response:
    """Its name, and who may open an account."""
    try:
        runtime_hub.write(name, open_to)
    except Fault as fault:
        return _shown(request, actor, fault, name=name)
    return RedirectResponse(link(request, "/hub?done=name"), 303)


@router.post("/hub/network")
def network(
    request: Request,
    actor: Operator,
    kind: Annotated[str, Form()] = "reference",
    feed: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """The reference network, or a feed as a ZIP of its CSV files. A feed with problems is not loaded."""
    if kind == "reference":
        installed.install_reference()
        return RedirectResponse(link(request, "/hub?done=network"), 303)
    content = feed.file.read(LARGEST + 1) if feed is not None else b""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            _unpack(content, Path(scratch))
            installed.install(feeds.read(Path(scratch)))
    except FeedErrors as errors:
        return _shown(request, actor, problems=errors.problems[:40])
    except (zipfile.BadZipFile, ValueError, OSError, SQLAlchemyError):
        return _shown(request, actor, broken="zip")
    return RedirectResponse(link(request, "/hub?done=network"), 303)


def _unpack(content: bytes, folder: Path) -> None:
    """The CSV files of a ZIP, whatever folder of it they stand in. Raises BadZipFile, and ValueError where they are too many or too large."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = [
            m for m in packed.infolist() if m.filename.endswith(".csv") and "__MACOSX" not in m.filename
        ]
        if not members or len(members) > FILES or sum(m.file_size for m in members) > LARGEST:
            raise ValueError("no feed")
        left = LARGEST
        for member in members:
            with packed.open(member) as source:
                data = source.read(left + 1)
            left -= len(data)
            if left < 0:
                raise ValueError("larger than it says")
            (folder / PurePosixPath(member.filename).name).write_bytes(data)
