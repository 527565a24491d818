"""Connections that keep a server waiting: bounded in time and in number, before any of our own code sees a request."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qafila.runtime.limits.addresses import counted_as

HEADERS_WITHIN = 15.0
"""Seconds within which the headers of a request must have come."""

BODY_WITHIN = 30.0
"""Seconds that may pass between two parts of a body."""

FROM_ONE_ADDRESS = 256
"""Connections that one address may hold open in one process."""

HEADER_BYTES = 64 * 1024
"""Bytes of names and values that the headers of a request may have."""


def _answer(status: str, text: str, more: str = "") -> bytes:
    body = f"{text}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n{more}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


_FULL = _answer("429 Too Many Requests", "Too many connections come from here.", "Retry-After: 10\r\n")
_LATE = _answer("408 Request Timeout", "The request did not come in time.")
_TWO_HOSTS = _answer("400 Bad Request", "A request names one host.")
_LONG = _answer("431 Request Header Fields Too Large", "The headers are longer than 64 KiB.")


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with clocks on headers and bodies and a count of connections by address."""

    _open: ClassVar[Counter[str]] = Counter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock: asyncio.TimerHandle | None = None
        self._address = ""
        self._header_bytes = 0
        self._hosts = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = counted_as(self.client[0]) if self.client else ""
        self._open[self._address] += 1
        if self._open[self._address] > FROM_ONE_ADDRESS:
            self._end(_FULL)
            return
        self._within(HEADERS_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._open[self._address] -= 1
        if self._open[self._address] <= 0:
            del self._open[self._address]
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._within(HEADERS_WITHIN)
        self._header_bytes = 0
        self._hosts = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > HEADER_BYTES:
            self._end(_LONG)
            return
        self._hosts += name.lower() == b"host"
        if self._hosts > 1:  # a proxy may read the one, and we the other
            self._end(_TWO_HOSTS)
            return
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._within(BODY_WITHIN)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._within(BODY_WITHIN)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._stop()
        super().on_message_complete()

    def _within(self, seconds: float) -> None:
        self._stop()
        self._clock = self.loop.call_later(seconds, self._late)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _late(self) -> None:
        if self.flow.read_paused:  # it is we who do not read on
            self._within(BODY_WITHIN)
        else:
            self._end(_LATE)

    def _end(self, answer: bytes) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
