"""A client that loads a server: as little work a request as Python allows, so that its share of the machine is small.

Reads from standard input what to ask, and prints what came of it. Each connection sends its next request as soon as the
one before is answered; with a rate, as soon as its time has come, and it is timed from that moment on.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from itertools import cycle

CLIENTS = 64
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_OFFER = re.compile(rb'"id":\s*"(ofr_[^"]+)"')


class Client(asyncio.Protocol):
    """One connection.

    Args:
        load: what all connections share.
    """

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.wanted = -1
        self.sent = 0.0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._next()

    def _next(self) -> None:
        asked = next(self.load.requests, None) if time.perf_counter() < self.load.until else None
        if asked is None:
            self.transport.close()
            if not self.ended.done():
                self.ended.set_result(None)
            return
        self.sent = self.load.due()
        early = self.sent - time.perf_counter()
        if early > 0:
            asyncio.get_running_loop().call_later(early, self.transport.write, asked)
        else:
            self.transport.write(asked)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.wanted < 0:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(self.buffer, 0, head)
            self.wanted = head + 4 + (int(length.group(1)) if length else 0)
        if len(self.buffer) < self.wanted:
            return
        self.load.answered(self.buffer[: self.wanted], time.perf_counter() - self.sent)
        self.buffer, self.wanted = self.buffer[self.wanted :], -1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.load.refused += 1
            self.ended.set_result(None)


class Load:
    """What is asked, by all connections together, and what came back."""

    def __init__(self, requests: Iterator[bytes], until: float, rate: float = 0.0) -> None:
        self.requests, self.until, self.rate = requests, until, rate
        self.began, self.asked = time.perf_counter(), 0
        self.taken: list[float] = []
        self.refused = 0
        self.kept: list[str] = []
        self.strange = ""

    def due(self) -> float:
        """When the next request is to be sent: at once, or by the rate."""
        if not self.rate:
            return time.perf_counter()
        self.asked += 1
        return self.began + self.asked / self.rate

    def answered(self, answer: bytes, took: float) -> None:
        """Notes one answer."""
        self.taken.append(took)
        if answer[9:10] != b"2":
            self.refused += 1
            self.strange = self.strange or answer[:600].decode("utf-8", "replace")
        elif found := _OFFER.search(answer):
            self.kept.append(found.group(1).decode())


async def load(
    port: int, requests: Iterator[bytes], seconds: float, connections: int = CLIENTS, rate: float = 0.0
) -> Load:
    """Asks for some seconds, or until there is nothing more to ask.

    Args:
        rate: requests a second of all connections together; 0: as many as are answered.
    """
    loop = asyncio.get_running_loop()
    made = Load(requests, time.perf_counter() + seconds, rate)
    clients = []
    for n in range(connections):
        _, client = await loop.create_connection(
            lambda: Client(made), "127.0.0.1", port, local_addr=(f"127.0.1.{n + 1}", 0)
        )
        clients.append(client)
    await asyncio.gather(*(c.ended for c in clients))
    return made


def main() -> None:
    """Does what standard input says."""
    asked = json.load(sys.stdin)
    requests = [text.encode() for text in asked["requests"]]
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF)
    done = asyncio.run(
        load(
            asked["port"],
            iter(requests) if asked["once"] else cycle(requests),
            asked["seconds"],
            asked.get("connections", CLIENTS),
            asked.get("rate", 0.0),
        )
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    taken = sorted(done.taken) or [0.0]
    if done.strange:
        print(done.strange, file=sys.stderr)
    print(
        json.dumps(
            {
                "answers": len(done.taken),
                "refused": done.refused,
                "seconds": took,
                "kept": done.kept,
                "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
                "p50": taken[len(taken) // 2],
                "p99": taken[min(len(taken) - 1, int(len(taken) * 0.99))],
            }
        )
    )


if __name__ == "__main__":
    main()
