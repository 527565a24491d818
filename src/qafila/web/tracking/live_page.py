"""/t/{number}/live: tells a page that shows a parcel when there is news of it (server-sent events), and nothing else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from qafila.core.identifiers import s10
from qafila.runtime.events.envelope import Subject, SubjectKind
from qafila.runtime.events.events_watching import TooMany, Watch
from qafila.web.chassis.visitor import public

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
_PATIENCE = 20.0  # seconds between signs of life
_LONGEST = 600.0  # then the browser asks again, with where it was
watch = Watch()


@router.get("/t/{number}/live")
async def live(request: Request, number: str, after: int = 0) -> StreamingResponse:
    """A stream of `moved`, each with the length of the history as its id."""
    if not s10.is_valid(number):
        raise HTTPException(404)
    last = request.headers.get("last-event-id", "")
    if last.isdecimal() and len(last) < 19:
        after = max(after, int(last))
    news = watch.growth(Subject(SubjectKind.PARCEL.value, number), after, _PATIENCE)
    return StreamingResponse(
        stream(news),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def stream(news: AsyncIterator[int | None], longest: float = _LONGEST) -> AsyncIterator[bytes]:
    """The lines of a stream of server-sent events, from the lengths of a history."""
    until = time.monotonic() + longest
    yield b"retry: 5000\n\n"
    try:
        async for length in news:
            yield (
                b": open\n\n"
                if length is None
                else f"id: {length}\nevent: moved\ndata: {length}\n\n".encode()
            )
            if time.monotonic() > until:
                return
    except TooMany:
        return  # the browser asks again in a while; the page works without
