"""A story told to servers that are killed all the while: every act is sent until it is answered, and then once more."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from qafila.core.identifiers.own import new_id
from qafila.floors import RIGHTS
from qafila.ledger import parties
from qafila.ledger.law import licences
from qafila.ledger.law.law_rules import Licence
from qafila.ledger.parties import Party
from qafila.returns import store as returns
from qafila.runtime.accounts import service as accounts
from qafila.runtime.database import administrator
from tests.ledger.kills.story import Door, Driver, Story, pieces, told
from tests.ledger.tills import mad, parcel, shop
from tests.returns.shop import Shop

_ROOT = Path(__file__).parents[3]
_IBAN = "FR7630006000011234567890189"
_MONEY = ("ledger:read", "ledger:cash", "ledger:manage", "returns:read", "returns:write")


class Processes:
    """Two servers and a worker. Every few requests, while one is under way, one of them is killed, and begun again at once.

    Requests count, and not seconds: a machine that is busy is killed as often as one that is not.
    """

    def __init__(self, seed: int, station: str, every: int) -> None:
        self._dice = random.Random(f"kills {seed}")
        self._every = every
        self._lock = threading.Lock()
        self._sent = 0
        self.kills = 0
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.kills.serving", "0", station],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)])},
        )
        assert self._nursery.stdout is not None
        self.address = f"http://127.0.0.1:{int(self._nursery.stdout.readline())}/api/v1"
        self._alive = [(kind, self._begin(kind)) for kind in ("server", "server", "worker")]

    def _begin(self, kind: str) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{kind}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def sending(self) -> None:
        """A request is about to be sent: now and then somebody is killed a moment later."""
        with self._lock:
            self._sent += 1
            if self._sent % self._every:
                return
            n, after = self._dice.choice((0, 1, 0, 1, 2)), self._dice.uniform(0, 0.08)
        threading.Timer(after, self._kill, [n]).start()

    def _kill(self, n: int) -> None:
        with self._lock:
            if self._nursery.poll() is not None:
                return
            kind, process = self._alive[n]
            os.kill(process, signal.SIGKILL)
            self.kills += 1
            self._alive[n] = (kind, self._begin(kind))

    def close(self) -> None:
        """Ends all of them."""
        with self._lock:
            os.killpg(self._nursery.pid, signal.SIGKILL)
            self._nursery.wait()
        assert self._nursery.stdin is not None
        self._nursery.stdin.close()
        assert self._nursery.stdout is not None
        self._nursery.stdout.close()


@dataclass(slots=True)
class Hand:
    """Somebody with a key who sends each act until it is answered, and then once more."""

    processes: Processes
    key: str
    again: int = 0  # how often a request had to be sent again, for whoever would answer was dead

    def _send(self, method: str, path: str, body: Any, name: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": name}
        for _ in range(200):
            try:
                self.processes.sending()
                with httpx.Client(timeout=60, verify=False) as client:  # nothing is encrypted on this machine
                    address = f"{self.processes.address}/{path}"
                    answer = client.request(method, address, json=body, headers=headers)
            except httpx.TransportError:
                self.again += 1
                time.sleep(0.03)
                continue
            if answer.status_code < 500:
                return answer
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        raise AssertionError(f"{path} was never answered")

    def act(self, path: str, name: str, body: Any = None) -> Any:
        """What an act is answered, both times it was sent."""
        first = self._send("POST", path, body, name)
        second = self._send("POST", path, body, name)
        assert first.status_code < 400, f"{path}: {first.text[:500]}"
        said, again = first.json(), second.json()
        for one in (said, again):
            if isinstance(one, dict):
                one.pop("repeated", None)
        assert (first.status_code, said) == (second.status_code, again), f"{path} was answered otherwise"
        return said

    def run_for(self, merchant: str, name: str) -> None:
        """A run drafts once, whoever is told of the draft."""
        for _ in range(2):
            assert self._send("POST", "ledger/remittances", {"merchant": merchant}, name).status_code == 201

    def read(self, path: str) -> Any:
        """What is at an address."""
        return self._send("GET", path, None, new_id("k")).json()


@dataclass(slots=True)
class Told:
    """What came of a run: for the sums."""

    story: Story
    station: str
    merchants: list[str]
    buyers_shop: str
    refunds: dict[str, Decimal]  # return: amount, as the terms come to it
    filled_up: dict[str, Decimal]
    kills: int
    again: int


def run(seed: int, doors: int, refunds: int, every: int = 6) -> Told:
    """Tells a seed's story to processes that are killed.

    Args:
        seed: decides the story and who is killed when.
        doors: parcels with cash on delivery.
        refunds: returns that are refunded.
        every: so many requests from kill to kill.
    """
    world = Shop(delivery_fee=Decimal("4.90"))
    merchants = [shop(), shop()]
    _papers(merchants, world.merchant)
    numbers = []
    for n in range(doors):
        due = mad(40 + 17 * (n % 15))
        numbers.append((parcel(merchants[n % 2], due), merchants[n % 2], due.amount))
    people = [(new_id("driver"), new_id("ST")) for _ in range(max(2, doors // 12))]
    story = told(seed, numbers, people)
    given = []
    for _ in range(refunds):
        one = world.asked(world.delivered(cash="60.00"))
        world.back(one)
        given.append(one.id)
    keys = {}
    with administrator() as connection:
        accounts.local(connection)
        for name in ("driver", "station"):
            keys[name] = accounts.issue_key(connection, RIGHTS, "local", _MONEY, name)[1]
        for merchant in merchants:
            keys[merchant] = accounts.issue_key(
                connection, RIGHTS, merchant, ("ledger:read", "ledger:write")
            )[1]
    processes = Processes(seed, world.id, every)
    hands = {name: Hand(processes, key) for name, key in keys.items()}
    tellers = _Tellers(story, hands)
    try:
        with ThreadPoolExecutor(6) as pool:
            jobs = [pool.submit(tellers.drive, driver) for driver in story.drivers]
            jobs += [pool.submit(tellers.claim, merchant, numbers) for merchant in merchants]
            jobs += [pool.submit(tellers.wallets)]
            for job in jobs:
                job.result()
            filled = tellers.fill_up(_lacking(story), {"EUR": Decimal(60 * refunds)})
            jobs = [pool.submit(tellers.remit, merchant, n) for n, merchant in enumerate(merchants)]
            paid = [pool.submit(tellers.refund, id) for id in given]
            for job in jobs:
                job.result()
            amounts = {id: job.result() for id, job in zip(given, paid, strict=True)}
    finally:
        processes.close()
    again = sum(hand.again for hand in hands.values())
    return Told(story, world.id, merchants, world.merchant, amounts, filled, processes.kills, again)


def _papers(merchants: list[str], buyers_shop: str) -> None:
    """The licences, and who everybody is."""
    with administrator() as connection:
        for territory in ("MA", "FR"):
            licence = Licence(territory, "payment_institution", "The bank", "EP-9", date(2020, 1, 1))
            licences.state(connection, licence, "test")
            licences.end(connection, territory, "EP-9", date(2099, 1, 1))
        parties.put(connection, parties.HUB, Party("Qafila", "MA"), "test")
        for merchant in (*merchants, buyers_shop):
            parties.put(connection, merchant, Party("Souk", "MA", iban=_IBAN), "test")


def _lacking(story: Story) -> Decimal:
    """What the merchants are owed and is not at the bank: missing, suspect, kept back, taken too little."""
    doors = sum((d.owed for driver in story.drivers for d in driver.doors), Decimal(0))
    banked = sum((d.sent - d.bank_keeps for d in story.drivers if d.sent > 0), Decimal(0))
    return max(Decimal(1), doors - banked)


@dataclass(slots=True)
class _Tellers:
    """Who tells what."""

    story: Story
    hands: dict[str, Hand]

    def _key(self, *said: object) -> str:
        return "-".join(map(str, (self.story.seed, *said)))

    def drive(self, driver: Driver) -> None:
        """A driver's day: doors, two counts, the bank."""
        hand, station = self.hands["driver"], self.hands["station"]
        bag = ""
        for door in driver.doors:
            made = hand.act("cash/collections", self._key(door.parcel), _collection(door, driver))
            if door.how == "corrected":
                hand.act(
                    f"cash/collections/{made['id']}/correct",
                    self._key("correct", door.parcel),
                    {"why": "typed wrongly"},
                )
                made = hand.act("cash/collections", self._key("anew", door.parcel), _collection(door, driver))
            bag = made["bag"] or bag
        if not bag:
            return
        good = {"currency": "MAD", "pieces": pieces(driver.sent)}
        if driver.suspect:
            good["suspect"] = {"100": 1}
        if driver.recount:
            hand.act(f"cash/bags/{bag}/declare", self._key("first", bag), good)
            other = {"currency": "MAD", "pieces": pieces(driver.counted + 50)}
            said = station.act(f"cash/bags/{bag}/receive", self._key("first count", bag), other)
            assert said["state"] == "recount"
        hand.act(f"cash/bags/{bag}/declare", self._key("declare", bag), good)
        if driver.recount:  # the station's first count comes once more, late, out of a queue
            late = station.act(f"cash/bags/{bag}/receive", self._key("first count", bag), other)
            assert late["state"] == "recount"
        said = station.act(f"cash/bags/{bag}/receive", self._key("receive", bag), good)
        assert said["state"] == "handed_over"
        if driver.sent <= 0:
            return
        money = {"amount": str(driver.sent), "currency": "MAD"}
        told = {"station": driver.station, "money": money, "slip": f"S-{bag}"}
        deposit = station.act("cash/deposits", self._key("bank", bag), told)["id"]
        credited = {"amount": str(driver.sent - driver.bank_keeps), "currency": "MAD"}
        station.act(f"cash/deposits/{deposit}/banked", self._key("banked", bag), {"money": credited})

    def claim(self, merchant: str, numbers: list[tuple[str, str, Decimal]]) -> None:
        """A merchant claims, and the hub grants."""
        for number, of, _ in numbers:
            granted = self.story.claims.get(number)
            if of != merchant or granted is None:
                continue
            asked = {"amount": "50", "currency": "MAD"}
            told = {"parcel": number, "kind": "damaged", "asked": asked, "said": "the lid"}
            made = self.hands[merchant].act("ledger/claims", self._key("claim", number), told)
            decided = {"amount": str(granted), "why": "the picture shows it"}
            self.hands["station"].act(
                f"ledger/claims/{made['id']}/decide", self._key("decide", number), decided
            )

    def wallets(self) -> None:
        """Merchants pay in, and get some of it back."""
        for merchant, (into, back) in self.story.wallets.items():
            for out, amount in ((False, into), (True, back)):
                told = {"merchant": merchant, "out": out, "money": {"amount": str(amount), "currency": "MAD"}}
                self.hands["station"].act("ledger/wallets", self._key("wallet", merchant, out), told)

    def fill_up(self, dirhams: Decimal, more: dict[str, Decimal]) -> dict[str, Decimal]:
        """The hub puts its own money where that of others is missing."""
        for currency, amount in {"MAD": dirhams, **more}.items():
            told = {"money": {"amount": str(amount), "currency": currency}, "why": "missing"}
            if amount:
                self.hands["station"].act("ledger/clients-account", self._key("fill", currency), told)
        return {"MAD": dirhams, **more}

    def remit(self, merchant: str, turn: int) -> None:
        """A run for a merchant: one is paid; another comes back from the bank, is drafted anew, and paid."""
        hand = self.hands["station"]
        for round in itertools.count():
            hand.run_for(merchant, self._key("run", merchant, round))
            drafts = [
                r
                for r in hand.read("ledger/remittances")
                if r["merchant"] == merchant and r["state"] == "draft"
            ]
            (draft,) = drafts
            hand.act(f"ledger/remittances/{draft['id']}/send", self._key("send", draft["id"]))
            end = "returned" if turn and not round else "paid"
            hand.act(
                f"ledger/remittances/{draft['id']}/{end}", self._key(end, draft["id"]), {"reference": "B"}
            )
            if end == "paid":
                return

    def refund(self, id: str) -> Decimal:
        """A refund is decided and paid."""
        hand = self.hands["station"]
        said = hand.act(f"returns/{id}/refund", self._key("refund", id), {})
        assert said["how"] == "through_us"
        hand.act(f"returns/{id}/paid", self._key("paid", id), {"reference": "SEPA"})
        with administrator() as connection:
            found = returns.one(connection, id)
        assert found is not None
        assert found.refund is not None
        return found.refund.amount


def _collection(door: Door, driver: Driver) -> dict[str, Any]:
    told: dict[str, Any] = {
        "parcel": door.parcel,
        "driver": driver.id,
        "station": driver.station,
        "territory": "MA",
    }
    if door.how == "refused":
        return told | {"refused": "changed her mind"}
    if door.how in ("agreed", "short"):
        given = {"amount": str(door.kept), "currency": "MAD"}
        return told | {"tendered": given, "agreed": door.how == "agreed"}
    if door.how == "change":
        over = (door.due // 200 + 1) * 200
        return told | {
            "tendered": {"amount": str(over), "currency": "MAD"},
            "change": {"amount": str(over - door.due), "currency": "MAD"},
        }
    return told
