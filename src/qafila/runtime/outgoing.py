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
        if inside or _of_the_world(ipaddress.ip_address(str(told[0]).partition("%")[0])):
            return str(told[0]), port
    raise Refused(f"{host} is an address inside the hub's own network")


_CARRIED = {ipaddress.ip_network("64:ff9b::/96"): 0, ipaddress.ip_network("2002::/16"): 80}
"""Addresses of version 6 in which one of version 4 is carried that a gateway unwraps, and how many bits stand behind it."""
_OURS = (
    ipaddress.ip_network("::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("fec0::/10"),
)
"""Old or local ranges that the library takes for the world's."""


def _of_the_world(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one host's outside: a wrapped one is looked at as what it carries."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _of_the_world(address.ipv4_mapped)
        for network, behind in _CARRIED.items():
            if address in network:
                return _of_the_world(ipaddress.IPv4Address(int(address) >> behind & 0xFFFFFFFF))
        if any(address in network for network in _OURS):
            return False
    return address.is_global and not address.is_multicast
