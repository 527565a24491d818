"""Requests that the house makes to addresses that its tenants name: never to what stands behind its own walls unasked."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit


class Refused(Exception):
    """The address is none that may be sent to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers with names in small letters, and the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Manners:
    """How a request is made.

    Attributes:
        inside: whether addresses of this machine and of private networks may be asked.
        patience: seconds for the whole of it.
        most: bytes of the answer that are read.
    """

    inside: bool = False
    patience: float = 15.0
    most: int = 65_536


def request(method: str, url: str, body: bytes | None, headers: Mapping[str, str], how: Manners) -> Answer:
    """Asks once. Follows no redirection.

    Raises:
        Refused: the address is one of the hub's own network. OSError, http.client.HTTPException: it did not work.
    """
    until = time.monotonic() + how.patience
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    raw = socket.create_connection(_address(host, port, how.inside), timeout=how.patience / 2)
    try:
        if parts.scheme == "https":
            raw = _tls().wrap_socket(raw, server_hostname=host)
        line = http.client.HTTPConnection(host, port)
        line.sock = raw
        raw.settimeout(max(until - time.monotonic(), 0.1))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        cut = threading.Timer(max(until - time.monotonic(), 0.1), _shut, (raw,))  # an answer that drips in
        cut.start()
        try:
            line.request(method, path, body, dict(headers))
            answer = line.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read(how.most))
        finally:
            cut.cancel()
    finally:
        raw.close()


def _shut(raw: socket.socket) -> None:
    with contextlib.suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _address(host: str, port: int, inside: bool) -> tuple[str, int]:
    """The address that is connected to, looked up once: one of this machine or its own network only where that is
    allowed, else whoever names an endpoint could ask what stands behind the hub's walls.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"{host} has no address: {error}") from None
    for *_, told in found:
        address = ipaddress.ip_address(str(told[0]).partition("%")[0])
        if address.is_global or inside:
            return str(told[0]), port
    raise Refused(f"{host} is an address inside the hub's own network")
