"""To which addresses a request may go that somebody outside named."""

from __future__ import annotations

import socket

import pytest

from qafila.runtime import outgoing
from qafila.runtime.outgoing import Refused

INSIDE = (
    "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
    "::1", "fe80::1", "fd00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
)  # fmt: skip
OUTSIDE = ("9.9.9.9", "2620:fe::fe", "64:ff9b::909:909", "2002:909:909::1")


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """A name that leads to these addresses."""
    found = [
        (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80))
        for a in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, address)
    with pytest.raises(Refused):
        outgoing._address("shop.example", 80, inside=False)
    assert outgoing._address("shop.example", 80, inside=True) == (address, 80)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_world_may_be_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, address)
    assert outgoing._address("shop.example", 80, inside=False) == (address, 80)


def test_of_several_one_outside_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "10.0.0.1", "9.9.9.9")
    assert outgoing._address("shop.example", 80, inside=False) == ("9.9.9.9", 80)
