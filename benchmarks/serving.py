"""`qafila serve --workers 2` under load over the socket: tracking, offers, bookings; on a home of its own, loopback only.

`python -m benchmarks.serving --seconds 5` runs it by hand. Each of the 64 clients asks again as soon as it is answered, from
an address of its own, so that the limits by address stay on as they are for everybody.

The load comes from a process of its own, whose cost is said: on a machine with two cores it takes its share of them. What
two cores serve where the clients are elsewhere is worked out from the processor time of the server's processes and of its
PostgreSQL, and called the bound.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from benchmarks.report import Report

CLIENTS = 64
ORDERS = 1_500
TRACKED = 400
AIMS = {"tracking": (2_000, 50), "offers": (250, 400), "bookings": (200, 600)}
"""Requests a second and milliseconds of the 99th of a hundred, on two cores."""


@dataclass(frozen=True)
class Measured:
    """One kind of request under load."""

    name: str
    requests: int
    refused: int
    seconds: float
    server_cpu: float
    database_cpu: float
    client_cpu: float
    p50: float
    p99: float

    def row(self) -> tuple[str, ...]:
        """Its line in the table."""
        each = (self.server_cpu + self.database_cpu) / self.requests
        aim, late = AIMS[self.name]
        return (
            self.name,
            f"{self.requests:,}",
            str(self.refused),
            f"{self.requests / self.seconds:,.0f}",
            f"{self.p50 * 1e3:.0f}",
            f"{self.p99 * 1e3:.0f}",
            f"{self.server_cpu / self.requests * 1e3:.2f}",
            f"{self.database_cpu / self.requests * 1e3:.2f}",
            f"{self.client_cpu / self.requests * 1e3:.2f}",
            f"{2 / each:,.0f}",
            f"{aim:,} (p99 {late})",
        )


COLUMNS = (
    "requests", "number", "not 2xx", "a second", "p50 ms", "p99 ms", "server ms CPU", "PostgreSQL ms CPU",
    "client ms CPU", "bound a second on 2 cores", "aim",
)  # fmt: skip


def run(report: Report, seconds: float = 6.0, workers: int = 2) -> None:
    """Measures on a home of its own."""
    with tempfile.TemporaryDirectory(prefix="qafila-serving-", ignore_cleanup_errors=True) as home:
        environment = os.environ | {"QAFILA_HOME": home}
        environment.pop("QAFILA_LIMITS", None)
        asked = [sys.executable, "-m", "benchmarks.serving", "--prepare", str(TRACKED)]
        made = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
        prepared = json.loads(made.stdout.splitlines()[-1])
        rows = [m.row() for m in _measured(environment, prepared, seconds, workers)]
    report.table(f"{CLIENTS} clients on {workers} workers, load {os.getloadavg()[0]:.1f}", COLUMNS, rows)


def _measured(environment: dict[str, str], prepared: Any, seconds: float, workers: int) -> list[Measured]:
    command = "from qafila.cli.main import main; main()"
    asked = [sys.executable, "-c", command, "serve", "--workers", str(workers), "--port", "8790"]
    server = subprocess.Popen(
        asked, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        port = port_of(server)
        _until_warm(port, prepared, workers)
        found = []
        for name, requests in _kinds(prepared, seconds):
            before, started = cpu_of(server.pid, environment["QAFILA_HOME"]), time.perf_counter()
            told = ask(port, requests, seconds, once=name != "tracking")
            took, after = time.perf_counter() - started, cpu_of(server.pid, environment["QAFILA_HOME"])
            if name == "offers":
                prepared["offers"] = told["kept"]
            found.append(
                Measured(
                    name,
                    told["answers"],
                    told["refused"],
                    told["seconds"] or took,
                    after[0] - before[0],
                    after[1] - before[1],
                    told["cpu"],
                    told["p50"],
                    told["p99"],
                )
            )
        return found
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def _kinds(prepared: Any, seconds: float) -> Any:
    key = prepared["key"]
    yield "tracking", [_get(f"/api/v1/tracking/{n}") for n in prepared["numbers"]]
    yield (
        "offers",
        [_post("/api/v1/offers", key, f"o{n}", _order(prepared["order"], n)) for n in range(ORDERS)],
    )
    yield (
        "bookings",
        [
            _post("/api/v1/bookings", key, f"b{n}", {"offer_id": id})
            for n, id in enumerate(prepared["offers"])
        ],
    )


def _order(pattern: dict[str, Any], n: int) -> dict[str, Any]:
    return {**pattern, "id": f"BENCH-{n}"}


def _get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\r\n"


def _post(path: str, key: str, once: str, body: object) -> str:
    text = json.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {once}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}"
    )


def port_of(server: subprocess.Popen[str]) -> int:
    """The port at which a server that was started says that it serves."""
    assert server.stdout is not None
    for line in server.stdout:
        if "is served at" in line:
            return int(line.rstrip().rstrip("/").rpartition(":")[2])
    raise RuntimeError("the server ended before it served")


def _until_warm(port: int, prepared: Any, workers: int) -> None:
    """Until each worker has answered what takes long the first time: the kernels are loaded, the timetable is mapped."""
    for n in range(8 * workers):
        body = json.dumps(_order(prepared["order"], -1 - n)).encode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/offers",
            body,
            {"Authorization": f"Bearer {prepared['key']}", "Content-Type": "application/json"},
        )
        for _ in range(60):
            try:
                urllib.request.urlopen(asked, timeout=120).read()
                break
            except OSError:
                time.sleep(1)


def cpu_of(server: int, home: str) -> tuple[float, float]:
    """Processor seconds so far of a server's processes and of the PostgreSQL of a home."""
    family = [psutil.Process(server), *psutil.Process(server).children(recursive=True)]
    ours = database = 0.0
    postmaster = Path(home) / "postgresql" / "postmaster.pid"
    root = psutil.Process(int(postmaster.read_text().splitlines()[0]))
    of_database = {p.pid: p for p in (root, *root.children(recursive=True))}
    for process in {**{p.pid: p for p in family}, **of_database}.values():
        try:
            spent = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        if process.pid in of_database:
            # what a backend that has ended took is its parent's from then on
            more = spent.children_user + spent.children_system if process.pid == root.pid else 0.0
            database += spent.user + spent.system + more
        else:
            ours += spent.user + spent.system
    return ours, database


def ask(
    port: int,
    requests: list[str],
    seconds: float,
    connections: int = CLIENTS,
    rate: float = 0.0,
    once: bool = True,
) -> Any:
    """Lets a process of its own ask a server; see `socket_load`. `once`: each request, else round and round."""
    asked = json.dumps({"port": port, "requests": requests, "seconds": seconds, "once": once,
                        "connections": connections, "rate": rate})  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.socket_load"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    if done.stderr:
        print(done.stderr[:800], file=sys.stderr)
    return json.loads(done.stdout)


def prepare(count: int) -> dict[str, Any]:
    """A merchant with a key, and parcels on their way, in the home of this process; the reference network."""
    from datetime import UTC, datetime, timedelta
    from functools import partial

    from fastapi.testclient import TestClient

    import qafila.floors  # noqa: F401  (event types of every floor)
    from qafila.api.app import create_app
    from qafila.context import of_this_home
    from qafila.floors import RIGHTS
    from qafila.network import installed
    from qafila.runtime.accounts import service as accounts
    from qafila.runtime.accounts.tenants import TenantKind
    from qafila.runtime.database import administrator, engine
    from qafila.shipping import merchants

    installed.install_reference()
    with administrator() as connection:
        merchants.local(connection)
        _, key = accounts.issue_key(connection, RIGHTS, accounts.create(connection, "Souk Digital").id)
        hub = accounts.create(connection, "Hub", TenantKind.HUB)
        _, operator = accounts.issue_key(connection, RIGHTS, hub.id)
    pattern = {
        "sender": {"country": "MA", "city": "Casablanca", "name": "Souk Digital"},
        "receiver": {
            "country": "FR",
            "city": "Lyon",
            "name": "Amélie Roux",
            "line1": "3 rue Mercière",
            "postcode": "69002",
        },
        "items": [
            {
                "title": "Argan oil, 100 ml",
                "quantity": 2,
                "hs": "151590",
                "weight_kg": "0.18",
                "unit_value": {"amount": "12.50", "currency": "EUR"},
            }
        ],
        "rule": "cheapest",
    }
    began = datetime.now(UTC) - timedelta(hours=3)
    # booked before anything happens to them: nobody is told of what was before its booking
    booking = TestClient(create_app(partial(of_this_home, clock=lambda: began - timedelta(hours=1))))
    api = TestClient(create_app())
    mine, all = {"Authorization": f"Bearer {key}"}, {"Authorization": f"Bearer {operator}"}
    numbers, places = [], []
    for n in range(count):
        offers = (
            booking.post("/offers", json={**pattern, "id": f"T-{n}"}, headers=mine).raise_for_status().json()
        )
        booked = booking.post("/bookings", json={"offer_id": offers["offers"][0]["id"]}, headers=mine)
        (number,) = booked.raise_for_status().json()["parcels"]
        numbers.append(number)
        places.append(offers["offers"][0]["legs"][0]["to_facility"])
    for n, (number, place) in enumerate(zip(numbers, places, strict=True)):
        told = [
            {
                "parcel": number,
                "type": type,
                "time": (began + timedelta(minutes=20 * i)).isoformat(),
                "source": "dock",
                "facility": place,
            }
            for i, type in enumerate(("collected", "arrived", "departed")[: n % 4])
        ]
        if told:
            taken = api.post("/events", json={"events": told}, headers=all).raise_for_status().json()
            if taken["recorded"] != len(told):
                raise RuntimeError(f"not recorded: {taken}")
    engine().dispose()
    return {"key": key, "numbers": numbers, "order": pattern, "offers": []}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args()
    if told.prepare:
        print(json.dumps(prepare(told.prepare)))
    else:
        from benchmarks.report import Report as Printed

        run(Printed(), told.seconds, told.workers)
