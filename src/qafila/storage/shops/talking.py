"""What all shops' interfaces have in common: a request with JSON, and what its refusal means."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from itertools import islice
from time import sleep
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from qafila.runtime.outgoing import Manners, Refused, request

T = TypeVar("T")
_MOST = 4_000_000
"""Bytes of an answer that are read."""

PATIENCE = 20.0
"""Seconds that a busy shop is waited for, in all, before a request is given up until the next turn."""


class ShopFailed(Exception):
    """A shop could not be told: it refused, was busy, or could not be reached. `wait`: seconds that it asks for."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class Told(NamedTuple):
    """What a shop knows now, and the SKUs that it does not have."""

    pieces: dict[str, int]
    unknown: list[str]


class Shop(Protocol):
    """A shop's interface."""

    def tell(self, pieces: Mapping[str, int], key: str) -> Told:
        """Sets the free pieces of these SKUs; told again, nothing changes. Raises ShopFailed."""


def patiently(once: Callable[[], T]) -> T:
    """What a request answers; asked again where the shop is busy and says how long it wants to be left alone, as long as that
    is seconds. Raises ShopFailed."""
    left = PATIENCE
    while True:
        try:
            return once()
        except ShopFailed as failure:
            if not 0 < failure.wait <= left:
                raise
            left -= failure.wait
            sleep(failure.wait)


def ask(
    method: str, url: str, headers: Mapping[str, str], told: object | None = None, inside: bool = False
) -> Any:
    """One request; what it answers, as JSON holds it. A shop that is busy is asked again (`patiently`). Raises ShopFailed."""
    return patiently(lambda: ask_once(method, url, headers, told, inside))


def ask_once(
    method: str, url: str, headers: Mapping[str, str], told: object | None = None, inside: bool = False
) -> Any:
    """One request, asked once: for whoever waits by himself (`patiently`). Raises ShopFailed."""
    body = None if told is None else orjson.dumps(told)
    sent = {"accept": "application/json", "user-agent": "qafila/1", **headers}
    if body is not None:
        sent["content-type"] = "application/json"
    try:
        answer = request(method, url, body, sent, Manners(inside, most=_MOST))
    except (OSError, http.client.HTTPException, Refused, ValueError) as failure:
        raise ShopFailed(str(failure) or type(failure).__name__) from None
    if not 200 <= answer.status < 300:
        raise ShopFailed(f"the shop answered {answer.status}", _wait(answer.status, answer.headers))
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise ShopFailed("the shop answered something that is no JSON") from None


def _wait(status: int, headers: Mapping[str, str]) -> float:
    """Seconds that a shop asks for, as a number or as an instant by its own clock (RFC 9110); a second where it is busy and does
    not say."""
    after = headers.get("retry-after", "")
    if after.replace(".", "", 1).isdecimal():
        return float(after)
    try:
        until, now = (parsedate_to_datetime(one) for one in (after, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return 1.0 if status == 429 else 0.0


def batched(some: Iterable[T], most: int) -> Iterator[tuple[T, ...]]:
    """The same in groups of so many at most."""
    rest = iter(some)
    while group := tuple(islice(rest, most)):
        yield group
