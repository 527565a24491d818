"""Webhooks to a real receiver that fails, is slow, is gone; and senders of their own processes that are killed."""

from __future__ import annotations

import base64
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

import qafila.floors  # noqa: F401  (every floor has its event types listed)
from qafila.core.fault import Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.runtime import outgoing
from qafila.runtime.database import administrator
from qafila.runtime.events import store as history
from qafila.runtime.events.advancing import advance
from qafila.runtime.events.envelope import Event, Source
from qafila.runtime.webhooks import sending, service, webhooks_signing
from qafila.runtime.webhooks.fanning import WEBHOOKS
from tests.runtime.webhooks.receiver import Receiver, receiving

SCANNER = Source("station", "ten_1", "scanner 4, call me at bad.example")


@pytest.fixture
def tenant() -> str:
    """A tenant of his own; what others left behind is out of the way."""
    while advance(WEBHOOKS):
        pass
    with administrator() as connection:
        connection.execute(text("UPDATE webhook_endpoints SET disabled_at = now()"))
    return new_id("mer")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_WAITS", (0.05,) * 9)
    monkeypatch.setattr(sending, "_REST", 0.02)


def happen(tenant: str, *subjects: str, type: str = "noted") -> list[str]:
    """An event of each subject, in order; their ids."""
    made = [
        Event(s, str(uuid4()), type, "actual", datetime.now(UTC), SCANNER, "CAS", subject_kind="stock")
        for s in subjects
    ]
    for event in made:
        with administrator() as connection:
            history.append(connection, tenant, [event])
    while advance(WEBHOOKS):
        pass
    return [e.id for e in made]


def send(until: Callable[[], bool] = lambda: False, seconds: float = 8.0) -> None:
    """Sends what is due until nothing is, or something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if until():
            return
        if not sending.send_some(10):
            if until.__name__ == "<lambda>" and not until.__closure__:
                return
            time.sleep(0.02)
    raise AssertionError("it did not come to that in time")


def make(tenant: str, receiver: Receiver, *types: str) -> tuple[str, bytes]:
    made, secret = service.create(tenant, receiver.url, types, hub=True)
    return made.id, base64.b64decode(secret.removeprefix("whsec_"))


def test_an_event_is_sent_once_signed_and_without_free_text(tenant: str, receiver: Receiver) -> None:
    happen(tenant, "S-0")  # before there was a webhook
    _, secret = make(tenant, receiver)
    (id,) = happen(tenant, "S-1")
    happen("somebody-else", "S-1")
    send()
    (got,) = receiver.got
    stamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == webhooks_signing.signature(secret, got.id, stamp, got.body)
    assert abs(stamp - time.time()) < 60
    assert (got.data["id"], got.data["subject"]) == (id, {"kind": "stock", "id": "S-1"})
    assert b"bad.example" not in got.body
    assert got.attempt == 1


def test_only_the_types_that_were_asked_for_are_sent(tenant: str, receiver: Receiver) -> None:
    make(tenant, receiver, "retracted")
    happen(tenant, "S-1")
    (id,) = happen(tenant, "S-1", type="retracted")
    send()
    assert [g.data["id"] for g in receiver.got] == [id]


def test_a_receiver_that_fails_gets_it_again_marked_and_in_order(tenant: str, receiver: Receiver) -> None:
    make(tenant, receiver)
    ids = happen(tenant, "S-1", "S-1", "S-2", "S-1")
    fails = {ids[0]: 3, ids[3]: 1}

    def answer(got: object) -> int:
        id = receiver.got[-1].data["id"]
        fails[id] = fails.get(id, 0) - 1
        return 503 if fails[id] >= 0 else 200

    receiver.answer = answer
    send(lambda: len({g.data["id"] for g in receiver.got}) == 4 and max(fails.values()) < 0)
    first = [g for g in receiver.got if g.data["subject"]["id"] == "S-1"]
    assert [g.data["id"] for g in first] == [ids[0]] * 4 + [ids[1]] + [ids[3]] * 2
    assert [g.attempt for g in first] == [1, 2, 3, 4, 1, 1, 2]
    assert len({g.id for g in first}) == 3  # the same message has the same id, however often it is sent
    assert len([g for g in receiver.got if g.data["subject"]["id"] == "S-2"]) == 1


def test_what_never_arrives_is_dead_holds_up_nothing_and_can_be_replayed(
    tenant: str, receiver: Receiver
) -> None:
    endpoint, _ = make(tenant, receiver)
    poison, good = happen(tenant, "S-1", "S-1")
    receiver.answer = lambda got: 500 if got.data["id"] == poison else 200
    send(lambda: bool(receiver.got) and receiver.got[-1].data["id"] == good)
    assert [g.attempt for g in receiver.got] == [*range(1, 11), 1]
    (dead,) = service.messages(tenant, endpoint, "dead")
    assert (dead.last_status, dead.attempts, dead.last_error) == (500, 10, "the receiver answered 500")
    assert [e.dead for e in service.every(tenant)] == [1]
    receiver.answer = lambda got: 200
    assert service.replay(tenant, endpoint) == 1
    send()
    assert (receiver.got[-1].data["id"], receiver.got[-1].attempt) == (poison, 11)
    assert [e.dead for e in service.every(tenant)] == [0]
    assert [m.state for m in service.messages(tenant, endpoint)] == ["sent", "sent"]


def test_a_receiver_that_is_gone_says_so_and_is_left_alone(tenant: str, receiver: Receiver) -> None:
    endpoint, _ = make(tenant, receiver)
    receiver.answer = lambda got: 410
    happen(tenant, "S-1")
    send()
    happen(tenant, "S-2")
    send()
    assert len(receiver.got) == 1
    found = service.find(tenant, endpoint)
    assert found.disabled_why == "gone"
    receiver.answer = lambda got: 200
    service.enable(tenant, endpoint, True)
    happen(tenant, "S-3")
    send(lambda: len(receiver.got) == 3)
    # what was off was not kept; the order of two subjects is nobody's promise
    assert sorted(g.data["subject"]["id"] for g in receiver.got) == ["S-1", "S-1", "S-3"]


def test_a_slow_receiver_is_cut_off_and_holds_up_no_other(
    tenant: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_PATIENCE", 0.4)
    slow = threading.Event()
    receiver.answer = lambda got: (slow.wait(3), 200)[1] if got.attempt == 1 else 200
    make(tenant, receiver)
    with receiving() as other:
        make(tenant, other)
        happen(tenant, "S-1")
        began = time.monotonic()
        send(lambda: bool(other.got) and len(receiver.got) > 1)
        assert time.monotonic() - began < 3
    slow.set()
    assert [g.attempt for g in receiver.got] == [1, 2]
    assert [g.attempt for g in other.got] == [1]


def test_a_receiver_that_was_killed_gets_everything_when_it_is_back(tenant: str) -> None:
    with receiving() as first:
        endpoint, _ = make(tenant, first)
        port = int(first.url.rpartition(":")[2].partition("/")[0])
        one = happen(tenant, "S-1")
        send()
    two = happen(tenant, "S-1", "S-2")
    for _ in range(4):
        sending.send_some(10)
        time.sleep(0.02)
    assert "refused" in service.messages(tenant, endpoint, "waiting")[0].last_error
    with receiving(port) as back:
        send(lambda: len(back.got) == 2)
    assert [g.data["id"] for g in first.got] == one
    assert sorted(g.data["id"] for g in back.got) == sorted(two)


def test_both_secrets_sign_for_a_day_after_one_was_changed(tenant: str, receiver: Receiver) -> None:
    endpoint, old = make(tenant, receiver)
    new = base64.b64decode(service.rotate(tenant, endpoint).removeprefix("whsec_"))
    happen(tenant, "S-1")
    send()
    with administrator() as connection:
        connection.execute(text("UPDATE webhook_endpoints SET old_until = now() - interval '1 second'"))
    happen(tenant, "S-2")
    send()
    for got, keys in zip(receiver.got, ([new, old], [new]), strict=True):
        stamp = int(got.headers["webhook-timestamp"])
        told = [webhooks_signing.signature(k, got.id, stamp, got.body) for k in keys]
        assert got.headers["webhook-signature"].split() == told


def test_addresses_of_the_hubs_own_network_are_for_the_hub_alone(tenant: str) -> None:
    for url in (
        "http://127.0.0.1:1/x",
        "http://[::1]/x",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest",
    ):
        with pytest.raises(Fault, match="own network"):
            service.create(tenant, url)
    for url in (
        "ftp://example.org/",
        "nothing",
        "http://",
        "http://a:b@example.org/",
        "http://x:99999/",
        "http://a b/",
    ):
        with pytest.raises(Fault, match="address"):
            service.create(tenant, url, hub=True)
    with pytest.raises(Fault, match="no event type"):
        service.create(tenant, "https://example.org/", ["exploded"])
    with pytest.raises(outgoing.Refused):
        outgoing._address("localhost", 80, inside=False)  # also where the name leads inside only later


def test_one_tenant_never_touches_anothers(tenant: str, receiver: Receiver) -> None:
    endpoint, _ = make(tenant, receiver)
    for act in (
        lambda: service.find("m-2", endpoint),
        lambda: service.rotate("m-2", endpoint),
        lambda: service.remove("m-2", endpoint),
        lambda: service.messages("m-2", endpoint),
        lambda: service.replay("m-2", endpoint),
        lambda: service.enable("m-2", endpoint, False),
    ):
        with pytest.raises(NotFound):
            act()
    service.remove(tenant, endpoint)
    assert service.every(tenant) == []
    happen(tenant, "S-1")
    send()
    assert receiver.got == []


_SENDER = """
import threading
from qafila.runtime import runtime_following as following
from qafila.runtime.webhooks import sending
sending._WAITS, sending._LEASE, sending._REST = (0.05,) * 9, 0.8, 0.02
following._EVERY = 0.05
following.follow([], threading.Event())
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_instant_nothing_is_lost_out_of_order_or_sent_twice_unmarked(
    tenant: str, receiver: Receiver, seed: int
) -> None:
    dice = random.Random(seed)
    make(tenant, receiver)
    receiver.answer = lambda got: dice.choice((200, 200, 200, 500, 0))  # 0: it got it, and the answer is lost

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _SENDER], cwd=Path(__file__).parents[3])

    senders = [start(), start()]
    wrote: dict[str, list[str]] = {}
    try:
        for n in range(60):
            subject = f"S-{dice.randrange(5)}"
            event = Event(
                subject,
                str(uuid4()),
                "noted",
                "actual",
                datetime.now(UTC),
                SCANNER,
                None,
                subject_kind="stock",
            )
            with administrator() as connection:
                history.append(connection, tenant, [event])
            wrote.setdefault(subject, []).append(event.id)
            time.sleep(dice.uniform(0.0, 0.06))
            if n % 12 == 11:
                victim = dice.randrange(2)
                senders[victim].send_signal(signal.SIGKILL)
                senders[victim].wait()
                senders[victim] = start()
        receiver.answer = lambda got: 200
        until = time.monotonic() + 60
        wanted = {id for ids in wrote.values() for id in ids}
        while {m.state for m in service.messages(tenant, service.every(tenant)[0].id, limit=100)} != {
            "sent"
        } or ({g.data["id"] for g in receiver.got} < wanted):
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        for process in senders:
            process.kill()
            process.wait()
    for subject, ids in wrote.items():
        told = [g.data["id"] for g in receiver.got if g.data["subject"]["id"] == subject]
        assert list(dict.fromkeys(told)) == ids  # in order, each of them
        assert [id for n, id in enumerate(told) if n and told[n - 1] != id] == ids[1:]  # and never back again
    marks = [(g.id, g.attempt) for g in receiver.got]
    assert len(set(marks)) == len(marks)  # what came twice says so
    assert {g.id for g in receiver.got if g.attempt > 1} <= {g.id for g in receiver.got}
