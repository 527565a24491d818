"""Who asks too often waits, by key and by address; who asks slowly is cut off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from qafila.api.chassis.page_walking import doors
from qafila.cli.chassis.serve import listen
from qafila.context import of_this_home
from qafila.floors import RIGHTS
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator
from qafila.runtime.limits.addresses import counted_as
from qafila.web.chassis import connections, limiting
from qafila.web.chassis.connections import BoundedProtocol
from qafila.web.chassis.limiting import LimitMiddleware
from tests.applications import portal_of_home


async def _any(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("fine", 404 if request.url.path.startswith("/t/X") else 200)


def _client(address: str = "203.0.113.9") -> TestClient:
    """Somebody at an address of the RFCs' examples, before an application that counts by itself."""
    app = Starlette(routes=[Route("/{rest:path}", _any, methods=["GET", "POST"])])
    app.state.context = of_this_home
    app.add_middleware(LimitMiddleware, clock=lambda: 1_800_000_000.0)
    return TestClient(app, client=(address, 50000), base_url="http://t")


def test_sign_in_attempts_are_few_and_the_answer_says_how_long_to_wait() -> None:
    client = _client()
    codes = [client.post("/fr/sign-in").status_code for _ in range(limiting.SIGN_IN.most + 2)]
    assert codes == [200] * limiting.SIGN_IN.most + [429, 429]
    refused = client.post("/sign-in")
    assert 0 < int(refused.headers["retry-after"]) <= limiting.SIGN_IN.seconds
    assert "Réessayez" in client.post("/fr/sign-in").text
    assert _client("203.0.113.10").post("/sign-in").status_code == 200


def test_duty_without_a_key_is_limited_and_told_as_a_problem() -> None:
    client = _client()
    for _ in range(limiting.OPEN_DUTY.most):
        client.post("/api/v1/customs/duty")
    refused = client.post("/api/v1/customs/duty")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["remedy"].startswith("Wait")
    with administrator() as connection:
        souk = accounts.create(connection, "Souk")
        _, key = accounts.issue_key(connection, RIGHTS, souk.id)
    keyed = {"Authorization": f"Bearer {key}"}
    assert client.post("/api/v1/customs/duty", headers=keyed).status_code == 200
    for n in range(3):
        made_up = {"Authorization": f"Bearer key_{n}.{key.partition('.')[2]}"}
        assert client.post("/api/v1/customs/duty", headers=made_up).status_code == 429


def test_made_up_keys_are_no_way_round_any_limit() -> None:
    client = _client("203.0.113.20")
    for n in range(limiting.MISSED.most):
        client.get(f"/t/X{n}", headers={"authorization": f"Bearer key_{n}.x"})
    assert client.get("/t/X-one-more", headers={"authorization": "Bearer key_new.x"}).status_code == 429
    for n in range(limiting.SIGN_IN.most):
        client.post("/sign-in", headers={"authorization": f"bearer key_{n}.x"})
    assert client.post("/sign-in", headers={"authorization": "Bearer key_new.x"}).status_code == 429


def test_addresses_of_one_customer_are_one() -> None:
    app = Starlette(routes=[Route("/{rest:path}", _any, methods=["GET", "POST"])])
    app.state.context = of_this_home
    limited = LimitMiddleware(app, clock=lambda: 1_800_000_000.0)
    codes = [
        TestClient(limited, client=(f"2001:db8:1:2::{n:x}", 5), base_url="http://t")
        .post("/api/v1/customs/duty")
        .status_code
        for n in range(limiting.OPEN_DUTY.most + 1)
    ]
    assert codes[-2:] == [200, 429]
    assert counted_as("2001:db8:1:2::1") == counted_as("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert counted_as("2001:db8:1:3::1") != counted_as("2001:db8:1:2::1")
    assert counted_as("::ffff:203.0.113.9") == counted_as("203.0.113.9") == "203.0.113.9"
    assert counted_as("fe80::1%eth0") == "fe80::/64"
    assert counted_as("testclient") == "testclient"


def test_numbers_that_there_are_not_are_counted_and_those_that_there_are_not() -> None:
    client = _client()
    for n in range(limiting.MISSED.most):
        assert client.get(f"/t/X{n}").status_code == 404
    assert client.get("/t/X-one-more").status_code == 429
    found = _client("203.0.113.11")
    assert {found.get("/t/HA1").status_code for _ in range(limiting.MISSED.most + 20)} == {200}


def test_what_is_limited_are_addresses_that_there_are() -> None:
    """A limit on an address that was renamed would hold nobody back, in silence."""
    pages = {door.path for door in doors(portal_of_home())}
    for _, pattern, limit in limiting._NARROWER:
        assert any(pattern.fullmatch(path) for path in pages), limit
    for asked in ("/t/{number}", "/api/v1/tracking/{number}"):
        assert asked in pages
        assert limiting._NUMBERS.fullmatch(asked)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A real server whose clocks run fast."""
    monkeypatch.setattr(connections, "HEADERS_WITHIN", 0.4)
    monkeypatch.setattr(connections, "BODY_WITHIN", 0.4)
    monkeypatch.setattr(connections, "FROM_ONE_ADDRESS", 8)
    app = Starlette(routes=[Route("/{rest:path}", _any, methods=["GET", "POST"])])
    listener = listen("127.0.0.1", 18600)
    server = uvicorn.Server(uvicorn.Config(app, http=BoundedProtocol, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def _said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as there:
        for part in parts:
            there.sendall(part)
            time.sleep(pause)
        answer = b""
        while piece := there.recv(4096):
            answer += piece
        return answer


def test_headers_that_do_not_come_end_the_connection(port: int) -> None:
    assert _said(port, b"GET / HTTP/1.1\r\nHost: t\r\n").startswith(b"HTTP/1.1 408")
    assert _said(port).startswith(b"HTTP/1.1 408")


def test_a_body_that_stops_ends_the_connection(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n12"
    assert _said(port, head).startswith(b"HTTP/1.1 408")


def test_a_slow_body_that_goes_on_is_heard(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 6\r\n\r\n"
    assert _said(port, head, b"1", b"2", b"3", b"4", b"5", b"6", pause=0.15).startswith(b"HTTP/1.1 200")


def test_endless_headers_are_refused(port: int) -> None:
    head = b"GET / HTTP/1.1\r\nHost: t\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(80))
    assert _said(port, head + b"\r\n").startswith(b"HTTP/1.1 431")


_POST, _CHUNKED = b"POST /a HTTP/1.1\r\nHost: t\r\n", b"Transfer-Encoding: chunked\r\n"
_WITHIN = b"GET /within HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        _POST + _CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\n" + _WITHIN,
        _POST + b"Content-Length: 1\r\nContent-Length: 35\r\n\r\nx" + _WITHIN,
        _POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc" + _WITHIN,
        _POST + b"Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + _WITHIN,
        _POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + _WITHIN,
        _POST + b"Transfer-Encoding:\x0bchunked\r\nContent-Length: 0\r\n\r\n" + _WITHIN,
        _POST + b"X: a\r\n Content-Length: 9\r\n\r\n" + _WITHIN,
        _POST + b"Content-Length: +5\r\n\r\nhello" + _WITHIN,
        _POST + b"Content-Length: -5\r\n\r\nhello" + _WITHIN,
        _POST + b"Content-Length: 0x5\r\n\r\nhello" + _WITHIN,
        _POST + _CHUNKED + b"\r\nFFFFFFFFFFFFFFFFF\r\nhello" + _WITHIN,
        _POST + _CHUNKED + b"\r\n5\nhello\n0\n\n" + _WITHIN,
        _POST + _CHUNKED + b"\r\n0\r\nContent-Length: 50\r\n\r\n" + _WITHIN,
        b"GET /a HTTP/1.1\nHost: t\n\n" + _WITHIN,
        b"GET /a HTTP/1.1\r\nHost: t\r\nX: a\x00b\r\n\r\n" + _WITHIN,
        b"GET /a HTTP/1.1\r\nHost: t\r\nHOST: evil.test\r\n\r\n" + _WITHIN,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _WITHIN,
    ],
)
def test_what_a_proxy_may_read_in_another_way_is_refused_whole(port: int, sent: bytes) -> None:
    """Neither is a request within another answered, nor goes the connection on."""
    answers = _said(port, sent)
    assert answers.startswith(b"HTTP/1.1 400")
    assert answers.count(b"HTTP/1.1 ") == 1


def test_one_address_holds_so_many_connections_and_no_more(port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(8)]
    try:
        time.sleep(0.1)
        assert _said(port).startswith(b"HTTP/1.1 429")
    finally:
        for one in held:
            one.close()
    time.sleep(0.1)
    assert _said(port, b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_small_answers_do_not_wait(port: int) -> None:
    """The sockets of clients have TCP_NODELAY, which asyncio sets where the listening one is named as TCP."""
    listener = listen("127.0.0.1", 18650)
    try:
        assert listener.proto == socket.IPPROTO_TCP
    finally:
        listener.close()
