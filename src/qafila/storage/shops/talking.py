"""What all shops' interfaces have in common: a request with JSON, and what its refusal means."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson

from qafila.runtime.outgoing import Manners, Refused, request

T = TypeVar("T")
_MOST = 4_000_000
"""Bytes of an answer that are read."""


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


def ask(
    method: str, url: str, headers: Mapping[str, str], told: object | None = None, inside: bool = False
) -> Any:
    """One request; what it answers, as JSON holds it. Raises ShopFailed."""
    body = None if told is None else orjson.dumps(told)
    sent = {"accept": "application/json", "user-agent": "qafila/1", **headers}
    if body is not None:
        sent["content-type"] = "application/json"
    try:
        answer = request(method, url, body, sent, Manners(inside, most=_MOST))
    except (OSError, http.client.HTTPException, Refused, ValueError) as failure:
        raise ShopFailed(str(failure) or type(failure).__name__) from None
    after = answer.headers.get("retry-after", "")
    wait = float(after) if after.replace(".", "", 1).isdecimal() else 0.0
    if not 200 <= answer.status < 300:
        raise ShopFailed(f"the shop answered {answer.status}", wait)
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise ShopFailed("the shop answered something that is no JSON") from None


def batched(some: Iterable[T], most: int) -> Iterator[tuple[T, ...]]:
    """The same in groups of so many at most."""
    rest = iter(some)
    while group := tuple(islice(rest, most)):
        yield group
