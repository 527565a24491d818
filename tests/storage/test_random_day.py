"""A day of random acts from many clients, killed and repeated, each request sent twice: at its end everything adds up."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import text

import qafila.floors  # noqa: F401  (every floor has its event types listed)
from qafila.core.fault import Fault
from qafila.runtime.answered.acts import Act, Actor
from qafila.runtime.database import administrator
from qafila.storage import (
    boxes,
    fetching,
    outbound,
    packing,
    releasing,
    shelving,
    storage_counting,
    storage_doing,
    storage_orders,
    storage_reserving,
    store,
)
from qafila.storage.model import Goods
from qafila.storage.outbound import OutboundOrder
from qafila.storage.releasing import Wish
from qafila.storage.storage_doing import Told
from tests.storage.houses import NOW, fill, owner, warehouse

PLACES = ("A-01-L-1", "A-02-L-1", "B-01-L-1", "B-02-R-1", "C-09-L-1", "DOCK-1")
_CLIENT = """
import sys
from tests.storage.test_random_day import client
client(sys.argv[1], sys.argv[2], int(sys.argv[3]))
"""


def client(facility: str, merchant: str, seed: int, acts: int = 40) -> None:
    """One client's acts; the keys are those of the seed, so that a client that was killed does the same again."""
    for n in range(acts):
        act = Act(f"{facility}:{seed}:{n}", Actor("local", f"picker {seed % 5}", "s"), NOW)
        with contextlib.suppress(Fault):
            _twice(act, facility, merchant, f"{seed}-{n}")


def _twice(act: Act, facility: str, merchant: str, name: str) -> None:
    """Does what the act's key says, and does it again."""
    dice = random.Random(act.key)
    kind = dice.choices(
        (
            "receive",
            "move",
            "order",
            "cancel",
            "release",
            "pick",
            "short",
            "pack",
            "hand-over",
            "count",
            "reserve",
        ),
        (10, 14, 22, 6, 10, 60, 6, 14, 8, 8, 4),
    )[0]
    place, other = dice.sample(PLACES, 2)
    some = f"{dice.randrange(6)}-{dice.randrange(40)}"

    def send() -> dict[str, Any]:
        if kind == "receive":
            return storage_doing.do(
                act, facility, Told("receive", "LAMP", place="DOCK-1", owner=merchant, pieces=dice_pieces)
            )
        if kind == "move":
            return shelving.shift(act, facility, place, other, Goods(merchant, "LAMP"), dice_pieces)
        if kind == "order":
            order = OutboundOrder(
                name, merchant, facility, (("LAMP", dice_pieces), ("TEA", 1)), partial=dice_pieces % 2 == 0
            )
            return outbound.place_order(act, order)
        if kind == "cancel":
            return outbound.cancel(act, merchant, some)
        if kind == "release":
            return releasing.release(act, facility, Wish(compartments=3))
        if kind in ("pick", "short"):
            seen = fetching.begin(Act(f"{act.key}:begin", act.by, act.at), facility)
            with administrator() as connection:
                ahead = fetching.ahead(connection, seen["tour"])["stops"] if seen["tour"] else []
            if not ahead:
                return {}
            stop = ahead[0]
            if kind == "short":
                return fetching.short(act, seen["tour"], stop["pick"])
            return fetching.fetch(act, seen["tour"], stop["pick"], min(stop["pieces"], dice_pieces))
        if kind == "pack":
            with administrator() as connection:
                picked = [r.order_id for r in storage_orders.waiting_at(connection, facility, ["picked"])]
            return packing.pack(act, merchant, sorted(picked)[0]) if picked else {}
        if kind == "hand-over":
            with administrator() as connection:
                packed = [r.order_id for r in storage_orders.waiting_at(connection, facility, ["packed"])]
            return (
                storage_doing.do(act, facility, Told("hand-over", code=packed[0], to="truck"))
                if packed
                else {}
            )
        if kind == "count":
            return storage_counting.count(act, facility, place, Goods(merchant, "LAMP"), dice_pieces)
        return storage_reserving.reserve_waiting(act, facility)

    dice_pieces = dice.randint(1, 4)
    send()
    with contextlib.suppress(
        Fault
    ):  # what was chosen by looking is another thing by now: then nothing is done
        send()


def test_a_day_of_random_acts_killed_and_repeated() -> None:
    facility, merchant = warehouse(), owner()
    for place in PLACES[:5]:
        fill(facility, merchant, "LAMP", 12, place)
        fill(facility, merchant, "TEA", 12, place, "T")
    dice = random.Random(11)

    def start(seed: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _CLIENT, facility, merchant, str(seed)])

    killed = [start(seed) for seed in range(2)]
    time.sleep(4)  # they have begun, most likely: whatever they were in the middle of ends here
    for one in killed:
        time.sleep(dice.random())
        one.kill()
        one.wait()
    with ThreadPoolExecutor(4) as pool:  # the same again, and others
        list(pool.map(lambda seed: client(facility, merchant, seed), range(4)))

    with administrator() as connection:
        assert shelving.audit(connection) == []
        acts = connection.execute(
            text("SELECT count(*), count(DISTINCT (tenant, key)) FROM storage_acts WHERE facility = :f"),
            {"f": facility},
        ).one()
        assert acts[0] == acts[1] > 40
        reasons = {
            r.reason: int(r.n)
            for r in connection.execute(
                text("SELECT reason, sum(pieces) AS n FROM stock_movements WHERE facility = :f GROUP BY 1"),
                {"f": facility},
            )
        }
        out = sum(
            int(r.n)
            for r in connection.execute(
                text(
                    "SELECT sum(CASE WHEN source IS NULL THEN pieces WHEN target IS NULL THEN -pieces ELSE 0 END) AS n "
                    "FROM stock_movements WHERE facility = :f"
                ),
                {"f": facility},
            )
        )
        there = store.stock(connection, "s.facility = :f", f=facility)
        rows = connection.execute(text("SELECT * FROM outbound WHERE facility = :f"), {"f": facility}).all()
        for row in rows:
            lines = storage_orders.lines_of(connection, merchant, row.order_id, row.part)
            inside = sum(b["pieces"] for b in boxes.to_put_back(connection, row))
            picked = sum(line.picked for line in lines)
            if row.state in ("picked", "packed"):
                assert inside == picked
            if row.state == "handed_over":
                assert inside == 0
    assert sum(s.pieces for s in there) == out
    assert reasons["pick"] > 0
    assert {"pick", "pack"} <= set(reasons)
