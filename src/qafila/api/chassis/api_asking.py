"""What a request stands on: the context that the application was made with, its time and its network.

These are coroutines though they wait for nothing: FastAPI sends a plain function to a thread, which takes longer than it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from qafila.context import Context
from qafila.network.model import Feed
from qafila.tracking.upu_codes import Places, places


async def context(request: Request) -> Context:
    """The context of a request, for no tenant yet; `of` makes it one's own."""
    made: Context = request.app.state.context()
    return made


TheContext = Annotated[Context, Depends(context)]


async def now(context: TheContext) -> datetime:
    """The present instant."""
    return context.now()


async def feed(context: TheContext) -> Feed:
    """The network's feed."""
    return context.network.feed


_places: dict[str, Places] = {}


def places_of(context: Context) -> Places:
    """The facilities of a context's network, as tracking wants them; made once for each network."""
    if context.network.id not in _places:
        made = places(context.network.feed)
        _places.clear()
        _places[context.network.id] = made
        return made
    return _places[context.network.id]


async def known_places(context: TheContext) -> Places:
    """The facilities of the network of a request."""
    return places_of(context)


Now = Annotated[datetime, Depends(now)]
TheFeed = Annotated[Feed, Depends(feed)]
ThePlaces = Annotated[Places, Depends(known_places)]
