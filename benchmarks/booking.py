"""Bookings, buyers at once, and the history of 10,000 parcels; on a database of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.report import Report

PARCELS = 10_000
BATCH = 500
LEGS = 5
AIM = 1_000.0  # bookings a second


def run(report: Report) -> None:
    """Measure in a process whose home is empty, so that nobody's data are touched."""
    with tempfile.TemporaryDirectory(prefix="qafila-bench-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.booking"],
            env=os.environ | {"QAFILA_HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout)
    report(
        f"{told['bookings_a_second']:,.0f} bookings a second in batches of {BATCH}, {LEGS} legs each, one process "
        f"(aim {AIM:,.0f}: ×{told['bookings_a_second'] / AIM:.2f})"
    )
    report(f"{told['single_a_second']:,.0f} single bookings a second by 8 buyers at once on one departure")
    report(
        f"{told['events']:,} events of {PARCELS:,} parcels read and written as EPCIS 2.0 in {told['epcis_seconds']:.1f} s, "
        f"asked for overdue ones in {told['overdue_seconds']:.1f} s"
    )


def measure() -> dict[str, float]:
    """The figures, on the home of this process."""
    from qafila.network.timetable import Mode
    from qafila.runtime.database import administrator, engine
    from qafila.shipping import merchants
    from qafila.shipping.bookings import booking
    from qafila.tracking import epcis, store
    from qafila.tracking import questions_open as desk
    from tests.shipping.bookables import NOW, Run, legs, offer, order, timetable

    dice = random.Random(3)
    modes = (Mode.AIR, Mode.ROAD, Mode.SEA)
    table = timetable(
        *(
            Run(
                f"S{i}",
                dice.choice(modes),
                ((f"F{i % 97}", 10 * i % 5000), (f"F{(7 * i + 1) % 97}", 10 * i % 5000 + 60)),
                10**9,
                10**10,
            )
            for i in range(2000)
        )
    )
    with administrator() as connection:
        merchant = merchants.local(connection).id

    def request(id: str, *rides: int) -> booking.Request:
        asked = order(id)
        made = replace(offer(asked, legs(table, *rides)), valid_until=NOW + timedelta(days=99))
        return booking.Request(asked, made, id)

    batches = [
        [request(f"B-{b}-{n}", *dice.sample(range(2000), LEGS)) for n in range(BATCH)]
        for b in range(PARCELS // BATCH)
    ]
    now = NOW - timedelta(days=30)
    start = time.perf_counter()
    numbers = [
        outcome.parcel
        for batch in batches
        for outcome in booking.book_many(merchant, batch, table, now)
        if isinstance(outcome, booking.Booked)
    ]
    batched = time.perf_counter() - start
    singles = [request(f"S-{n}", 7) for n in range(400)]
    start = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda r: booking.book(merchant, r, table, now), singles))
    single = time.perf_counter() - start
    with administrator() as connection:
        start = time.perf_counter()
        written = sum(
            piece.count(b'"eventID"')
            for piece in epcis.document(store.each_history(connection, numbers), {}, NOW)
        )
        exported = time.perf_counter() - start
        start = time.perf_counter()
        sum(1 for _ in desk.overdue(connection, NOW + timedelta(days=60)))
        asked = time.perf_counter() - start
    engine().dispose()
    return {
        "bookings_a_second": len(numbers) / batched,
        "single_a_second": len(singles) / single,
        "events": written,
        "epcis_seconds": exported,
        "overdue_seconds": asked,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
