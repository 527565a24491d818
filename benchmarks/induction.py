"""`python -m benchmarks.induction`: how long the chute of a scan takes, in process at a rate and over HTTP, and how soon it is
in the database. Everything in a home of its own, thrown away afterwards.

Prints, for each way: scans, rate asked and reached, p50, p99 and p99.9 of the decision in milliseconds, and how many seconds
after the last decision all events were committed. CPU seconds stand beside the wall's. The server, its clients and PostgreSQL
are processes of their own on the same machine.
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
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from benchmarks.serving import ask, cpu_of, port_of


def main() -> None:
    """Runs it."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--expected", type=int, default=100_000, help="parcels that the centre expects")
    asked.add_argument("--rate", type=int, default=2_000, help="scans a second")
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--misread", type=float, default=0.005, help="share of scans with one wrong character")
    asked.add_argument("--http", type=int, default=2_000, help="requests over HTTP of each kind; 0: none")
    asked.add_argument("--http-rate", type=int, default=300, help="requests a second, where they are paced")
    asked.add_argument("--workers", type=int, default=1, help="processes of the server")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="qafila-induction-", ignore_cleanup_errors=True) as home:
        os.environ["QAFILA_HOME"] = home
        os.environ["QAFILA_LIMITS"] = "false"
        _run(told)


def _run(told: argparse.Namespace) -> None:
    import qafila.floors  # noqa: F401  (event types of every floor)
    from qafila.core.identifiers import s10
    from qafila.runtime.accounts import service as accounts
    from qafila.runtime.database import administrator, engine
    from qafila.sorting import induction as work
    from qafila.sorting import model, sorting_setting_up

    now = datetime.now(UTC)
    numbers = [s10.number("HB", n, "MA") for n in range(told.expected)]
    centre = model.centre_from(
        {
            "facility": "HUB",
            "chutes": [{"id": f"C{i}", "metres": i} for i in range(60)],
            "special": {"unknown": "X"},
        }
    )
    sorting_setting_up.set_up(centre, now)
    with administrator() as connection:
        merchant = accounts.create(connection, "Benchmark").id
    _fill(numbers, merchant, now)
    sorting_setting_up.make_plan(
        "HUB", sorting_setting_up.Shift("b", now, now + timedelta(days=2)), model.By("local"), now, seconds=2
    )
    here = work.induction()
    surroundings: Any = SimpleNamespace(
        network=SimpleNamespace(id="t", feed=SimpleNamespace(facility={})), clock=lambda: datetime.now(UTC)
    )
    began = time.perf_counter()
    line = here.line("HUB", surroundings)
    print(f"loaded {told.expected:,} expected parcels in {time.perf_counter() - began:.2f} s")
    luck = random.Random(1)
    codes = [_code(luck, numbers, told.misread) for _ in range(int(told.rate * told.seconds))]
    by = model.By("local", station="line 1")

    def one(code: str, n: int) -> int:
        return here.scan(line, [(model.Reading(code, datetime.now(UTC)), f"p{n}", "")], by)[0].number

    _paced("in process", codes, told.rate, one, here.recorder)
    work.close()
    if told.http:
        _http(told, codes)
    engine().dispose()


def _fill(numbers: list[str], merchant: str, now: datetime) -> None:
    """Parcels and what is expected, by COPY: bookings of so many would take longer than what is measured."""
    from qafila.runtime.database import administrator
    from qafila.runtime.database.connection import copied

    due = (now + timedelta(days=1)).isoformat()
    with administrator() as connection:
        from sqlalchemy import text

        connection.execute(text("ALTER TABLE parcels DISABLE TRIGGER ALL"))
        copied(
            connection,
            "parcels",
            "number, merchant_id, shipment_id, grams, length_mm, width_mm, height_mm",
            ((n, merchant, f"shp_{i}", 500, 200, 100, 50) for i, n in enumerate(numbers)),
        )
        connection.execute(text("ALTER TABLE parcels ENABLE TRIGGER ALL"))
        copied(
            connection,
            "sort_expected",
            "parcel, leg, merchant_id, facility, next, service, day, board_by",
            ((n, 0, merchant, "HUB", f"D{i % 55}", f"S{i % 55}", 20_000, due) for i, n in enumerate(numbers)),
        )


def _code(luck: random.Random, numbers: list[str], misread: float) -> str:
    code = luck.choice(numbers)
    if luck.random() < misread:
        place = luck.randrange(13)
        code = code[:place] + luck.choice("ABCDEFGH0123456789") + code[place + 1 :]
    return code


def _paced(name: str, codes: list[str], rate: float, one: Callable[[str, int], int], recorder: Any) -> None:
    taken, last = [], 0
    began, cpu = time.perf_counter(), time.process_time()
    for n, code in enumerate(codes):
        wait = began + n / rate - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        start = time.perf_counter()
        last = one(code, n)
        taken.append(time.perf_counter() - start)
    seconds = time.perf_counter() - began
    stopped = time.perf_counter()
    recorder.wait(last, 60)
    _say(name, taken, len(codes) / seconds, time.perf_counter() - stopped, time.process_time() - cpu)


def _say(name: str, taken: list[float], reached: float, durable: float, cpu: float) -> None:
    taken = sorted(taken)
    p50, p99, p999 = (taken[min(len(taken) - 1, int(len(taken) * p))] * 1000 for p in (0.5, 0.99, 0.999))
    print(
        f"{name}: {len(taken):,} scans at {reached:,.0f}/s; p50 {p50:.3f} ms, p99 {p99:.3f} ms, p99.9 {p999:.3f} ms; "
        f"all durable {durable:.3f} s after the last; {cpu:.1f} CPU s"
    )


def _http(told: argparse.Namespace, codes: list[str]) -> None:
    """A server of its own process on the same home, and clients in a third: each scan a request of its own."""
    from qafila.floors import RIGHTS
    from qafila.runtime.accounts import service as accounts
    from qafila.runtime.accounts.tenants import TenantKind
    from qafila.runtime.database import administrator

    with administrator() as connection:
        hub = accounts.create(connection, "Hub", TenantKind.HUB)
        _, key = accounts.issue_key(connection, RIGHTS, hub.id, ["sorting:work"])
    environment = os.environ.copy()
    environment.pop("QAFILA_LIMITS", None)
    command = "from qafila.cli.main import main; main()"
    server = subprocess.Popen(
        [sys.executable, "-c", command, "serve", "--workers", str(told.workers), "--port", "8795"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        port = port_of(server)
        warm = [_post(key, [{"code": codes[0]}])] * 400
        for _ in range(told.workers):
            ask(port, warm, 20, 8)
        for connections, rate in ((1, 0), (16, 0), (16, told.http_rate)):
            requests = [_post(key, [{"code": code}]) for code in codes[: told.http]]
            before = cpu_of(server.pid, environment["QAFILA_HOME"])
            done = ask(port, requests, 60, connections, rate)
            started = time.perf_counter()
            ask(port, [_post(key, [{"code": codes[0]}], durable=True)], 60, 1)
            durable = time.perf_counter() - started
            after = cpu_of(server.pid, environment["QAFILA_HOME"])
            n = max(done["answers"], 1)
            print(
                f"over HTTP singly, {connections} connections{f', {rate} a second' if rate else ''}: {n:,} scans at "
                f"{n / done['seconds']:,.0f}/s, {done['refused']} refused; p50 {done['p50'] * 1e3:.1f} ms, "
                f"p99 {done['p99'] * 1e3:.1f} ms; one more was durable after {durable:.3f} s; CPU ms a scan: server "
                f"{(after[0] - before[0]) / n * 1e3:.2f}, PostgreSQL {(after[1] - before[1]) / n * 1e3:.2f}, client "
                f"{done['cpu'] / n * 1e3:.2f}"
            )
        many = [_post(key, [{"code": c} for c in codes[:100]])] * 50
        done = ask(port, many, 60, 2)
        print(f"over HTTP, 100 scans a request: {100 * done['answers'] / done['seconds']:,.0f} scans/s")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def _post(key: str, scans: list[dict[str, str]], durable: bool = False) -> str:
    body = json.dumps({"scans": scans, "durable": durable})
    return (
        f"POST /api/v1/sorting/centres/HUB/scans HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


if __name__ == "__main__":
    main()
