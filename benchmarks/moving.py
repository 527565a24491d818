"""A merchant with a year of data moved between two installations while its parcels move, both servers killed at random.

`python -m benchmarks.moving --orders 520 --seconds 120` makes two homes, each with its database, server and log; in the first a
year of data (`benchmarks.year`). Then, at once: a dock says what happens to parcels, the merchant books more; the merchant
takes everything along by its own key and the second installation takes it in, again and again; and every few seconds a
server, of either, is killed with SIGKILL and begun again. At the end it is taken along once more and compared, row by row,
by a program that reads nothing but the two files and what was answered to dock and merchant (`compared`).

It ends with 1 where anything was lost, doubled, or is otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.serving import port_of
from benchmarks.year import SCOPES, order

COMMAND = "from qafila.cli.main import main; main()"
_MOST = 240.0  # seconds for which a request is asked again while its server is away


class House:
    """An installation in a home of its own, whose server may be killed."""

    def __init__(self, home: Path, name: str, port: int) -> None:
        self.home, self.port, self.killed = home, port, 0
        self.environment = os.environ | {
            "QAFILA_HOME": str(home),
            "QAFILA_LOG_ORIGIN": f"{name}.example/log",
            "QAFILA_DURABLE": "true",
        }
        self._lock = threading.Lock()
        self._server: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Starts the server."""
        asked = [sys.executable, "-c", COMMAND, "serve", "--workers", "1", "--port", str(self.port)]
        with (self.home / "server.log").open("a") as log:
            self._server = subprocess.Popen(
                asked,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.port = port_of(self._server)

    def kill(self, with_what: int = signal.SIGKILL) -> None:
        """Ends it: its processes at once, unless it is asked kindly. PostgreSQL goes on, and rolls back what was open."""
        with self._lock:
            if self._server is not None:
                os.killpg(self._server.pid, with_what)
                self._server.wait(60)
                self.killed += with_what == signal.SIGKILL
                self._server = None

    def end_database(self) -> None:
        """Ends the PostgreSQL of this home, which outlived its servers."""
        known = self.home / "postgresql" / "postmaster.pid"
        if known.exists():
            os.kill(int(known.read_text().splitlines()[0]), signal.SIGINT)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of this installation."""
        asked = [sys.executable, "-c", COMMAND, *arguments]
        return subprocess.run(asked, env=self.environment, capture_output=True, text=True, check=False)

    def ask(self, path: str, key: str, body: object = None, once: str = "") -> tuple[int, bytes]:
        """A request, asked again until the server is there to answer it. Raises TimeoutError."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | (
            {"Idempotency-Key": once} if once else {}
        )
        data, until = None if body is None else json.dumps(body).encode(), time.monotonic() + _MOST
        while time.monotonic() < until:
            try:
                asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", data, headers)
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as refused:
                if refused.code < 500 and refused.code not in (409, 425, 429):
                    return refused.code, refused.read()
            except OSError:
                pass
            time.sleep(0.3)
        raise TimeoutError(path)


class Told:
    """What the first installation answered that it has: events of parcels, and parcels that were booked."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []
        self.parcels: list[str] = []


def _move(here: House, year: dict[str, Any], told: Told, ends: threading.Event) -> None:
    """A dock that says what happens, and a merchant that books more, until it ends."""
    draw, places, n = random.Random(1), dict(year["moving"]), 0
    while not ends.is_set():
        n += 1
        parcel, type = draw.choice(sorted(places)), draw.choice(["seen", "sorted", "departed", "arrived"])
        at = datetime.now(UTC).isoformat()
        said = {"parcel": parcel, "type": type, "time": at, "source": "dock", "facility": places[parcel]}
        status, _ = here.ask("/events", year["operator"], {"events": [said]}, f"e{n}")
        if status < 300:
            told.events.append((parcel, type, at))
        if n % 4 == 0:
            status, answer = here.ask("/offers", year["key"], order(year["orders"] + n), f"o{n}")
            if status == 200:
                offer = {"offer_id": json.loads(answer)["offers"][0]["id"]}
                status, answer = here.ask("/bookings", year["key"], offer, f"b{n}")
                if status < 300:
                    (number,) = json.loads(answer)["parcels"]
                    told.parcels.append(number)
                    places[number] = year["place"]
        time.sleep(0.2)


def _kill(houses: list[House], every: float, ends: threading.Event) -> None:
    draw = random.Random(2)
    while not ends.wait(draw.uniform(0.5, 1.5) * every):
        house = draw.choice(houses)
        house.kill()
        house.begin()


def take(house: House, key: str, to: Path) -> str:
    """Takes everything along by the merchant's own key, to a ZIP file; returns the log's key."""
    begun = house.ask("/exports", key, {}, f"x{time.time_ns()}")
    if begun[0] >= 300:
        raise RuntimeError(f"no export: {begun}")
    asked = json.loads(begun[1])
    while asked["state"] not in ("done", "failed"):
        time.sleep(0.5)
        status, answer = house.ask(f"/exports/{asked['id']}", key)
        if status >= 300:
            raise RuntimeError(f"the export {asked['id']} is not there: {answer!r}")
        asked = json.loads(answer)
    if asked["state"] == "failed":
        raise RuntimeError(f"the export failed: {asked}")
    to.write_bytes(house.ask(f"/exports/{asked['id']}/file", key)[1])
    return str(asked["key"])


def compared(one: Path, other: Path, told: Told) -> list[str]:
    """What differs between two files of a merchant's, and what of that which was told is not in the second once.

    It shares nothing with the program that wrote them: rows are compared as JSON, without the columns that each
    installation counts for itself.
    """
    counted: dict[str, tuple[str, ...]] = {"events": ("seq", "recorded_at")}
    faults = []
    a, b = _rows(one, counted), _rows(other, counted)
    for name in sorted(a.keys() | b.keys()):
        here, there = a.get(name, Counter()), b.get(name, Counter())
        if lost := here - there:
            faults.append(f"{name}: {lost.total()} rows lost, such as {next(iter(lost))[:300]}")
        if more := there - here:
            faults.append(f"{name}: {more.total()} rows doubled or made up, such as {next(iter(more))[:300]}")
    events = [json.loads(row) for row in b.get("tables/events.jsonl", Counter()).elements()]
    seen = Counter(
        (e["subject_id"], e["type"], datetime.fromisoformat(e["time"]))
        for e in events
        if e["time_kind"] == "actual"
    )
    for parcel, type, at in told.events:
        if (n := seen[parcel, type, datetime.fromisoformat(at)]) != 1:
            faults.append(f"{type} of {parcel} at {at} is there {n} times")
    numbers = Counter(
        json.loads(row)["number"] for row in b.get("tables/parcels.jsonl", Counter()).elements()
    )
    faults += [
        f"parcel {number} is there {numbers[number]} times" for number in told.parcels if numbers[number] != 1
    ]
    return faults


def _rows(file: Path, counted: dict[str, tuple[str, ...]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    with zipfile.ZipFile(file) as whole:
        for name in whole.namelist():
            path = name[name.find("tables/") :] if "tables/" in name else ""
            if not path.endswith(".jsonl"):
                continue
            without = counted.get(path[7:-6], ())
            rows = (json.loads(line) for line in whole.read(name).splitlines())
            found[path] = Counter(
                json.dumps({k: v for k, v in row.items() if k not in without}, sort_keys=True) for row in rows
            )
    return found


def receipts(file: Path, key: str, to: Path) -> tuple[int, int]:
    """How many receipts of a file the stand-alone verifier takes, and how many there are."""
    with zipfile.ZipFile(file) as whole:
        names = [name for name in whole.namelist() if name.endswith(".tlog-proof")]
        whole.extractall(to, [name for name in whole.namelist() if "receipts/" in name])
    program = Path(__file__).parents[1] / "src" / "qafila" / "openness" / "verifier.py"
    good = 0
    for name in names:
        opener = to / (name.removesuffix(".tlog-proof") + ".openings.json")
        asked = [sys.executable, str(program), str(to / name), "--key", key]
        more = ["--openings", str(opener)] if opener.exists() else []
        good += subprocess.run([*asked, *more], capture_output=True, check=False).returncode == 0
    return good, len(names)


def main(orders: int, seconds: float, every: float, sample: int) -> int:
    """Moves a merchant; returns 1 where something is wrong."""
    with tempfile.TemporaryDirectory(prefix="qafila-moving-", ignore_cleanup_errors=True) as work:
        one, two = (House(Path(work) / name, name, port) for name, port in (("left", 8791), ("joined", 8792)))
        for house in (one, two):
            house.home.mkdir()
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.year", "--orders", str(orders)],
            env=one.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        year = json.loads(made.stdout.splitlines()[-1])
        print(
            f"a year: {year['orders']} orders, {year['booked']} booked, {len(year['moving'])} parcels on their way"
        )
        year["place"] = next(iter(year["moving"].values()))
        told, ends, rounds, aside, threads = Told(), threading.Event(), 0, 0, list[threading.Thread]()
        try:
            for house in (one, two):
                house.begin()
            threads += [
                threading.Thread(target=_move, args=(one, year, told, ends)),
                threading.Thread(target=_kill, args=([one, two], every, ends)),
            ]
            for thread in threads:
                thread.start()
            file, until = Path(work) / "along.zip", time.monotonic() + seconds
            while time.monotonic() < until:
                key = take(one, year["key"], file)
                came = two.run("move", "in", str(file), "--key", key)
                rounds += came.returncode == 0
                aside += came.returncode != 0
            ends.set()
            for thread in threads:
                thread.join()
            key = take(one, year["key"], file)
            last = two.run("move", "in", str(file), "--key", key)
            if last.returncode:
                print(last.stdout, last.stderr, sep="\n")
                return 1
            again = Path(work) / "again.zip"
            take(two, _key_at(two, year["merchant"]), again)
            faults = compared(file, again, told)
            good, there = receipts(again, key, Path(work) / "receipts") if sample else (0, 0)
        finally:
            ends.set()
            for thread in threads:
                thread.join()
            for house in (one, two):
                house.kill(signal.SIGTERM)
                house.end_database()
    print(*faults[:20], sep="\n", end="\n" if faults else "")
    print(
        f"{one.killed} and {two.killed} kills, {rounds} times taken in ({aside} refused), {len(told.events)} events and "
        f"{len(told.parcels)} bookings meanwhile; {len(faults)} faults; {good} of {there} receipts hold"
    )
    return 1 if faults or good != there else 0


def _key_at(house: House, merchant: str) -> str:
    """A key of the merchant at an installation, given by who holds the machine."""
    program = (
        "from qafila.floors import RIGHTS\nfrom qafila.runtime.accounts import service\n"
        "from qafila.runtime.database import administrator\n"
        f"with administrator() as c: print(service.issue_key(c, RIGHTS, {merchant!r}, {SCOPES!r})[1])"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], env=house.environment, capture_output=True, text=True, check=True
    )
    return made.stdout.split()[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=520)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--every", type=float, default=15, help="seconds between kills, in the mean")
    parser.add_argument("--sample", type=int, default=1, help="0: receipts are not checked")
    told = parser.parse_args()
    sys.exit(main(told.orders, told.seconds, told.every, told.sample))
