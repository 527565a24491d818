"""The one place where the API reads the clock and the network, so that tests can set both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends

from qafila.network import installed
from qafila.network.model import Feed
from qafila.tracking.upu_codes import Places, places


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def feed() -> Feed:
    """The network of this home."""
    return installed.feed()


_places: dict[int, Places] = {}


def known_places(feed: Annotated[Feed, Depends(feed)]) -> Places:
    """The facilities of the network, as tracking wants them; made once for each feed."""
    if id(feed) not in _places:
        _places.clear()
        _places[id(feed)] = places(feed)
    return _places[id(feed)]


Now = Annotated[datetime, Depends(now)]
TheFeed = Annotated[Feed, Depends(feed)]
ThePlaces = Annotated[Places, Depends(known_places)]
