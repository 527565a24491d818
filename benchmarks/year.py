"""A merchant with a year of data, in a home of its own: `QAFILA_HOME=FOLDER python -m benchmarks.year --orders 520`.

Orders are spread over 52 weeks, on the clock of their day: offered, booked, most of them delivered, some cancelled, some
late; those of the last three weeks are on their way. Everything goes through the API as a merchant's and a dock's would. The
same number gives the same orders. It prints what it made as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

WEEKS = 52
NAME = "Souk Digital"
SCOPES = ("offers:read", "bookings:read", "bookings:write", "data:take", "events:read", "log:read")
"""What the merchant's key opens."""
_GOODS = (("Argan oil, 100 ml", "151590"), ("Leather slippers", "640359"), ("Ceramic tajine", "691200"))


def order(n: int) -> dict[str, Any]:
    """The order of a number."""
    draw = random.Random(n)
    title, hs = draw.choice(_GOODS)
    price = f"{draw.randint(600, 9000) / 100:.2f}"
    return {
        "id": f"Y-{n}",
        "sender": {"facility": "WH", "name": NAME},
        "receiver": {
            "facility": "STA",
            "name": f"Buyer {n}",
            "line1": f"{n} rue Longue",
            "email": f"b{n}@example.org",
        },
        "items": [
            {
                "title": title,
                "quantity": draw.randint(1, 3),
                "hs": hs,
                "origin": "MA",
                "weight_kg": f"{draw.randint(1, 6) / 10:.1f}",
                "unit_value": {"amount": price, "currency": "EUR"},
            }
        ],
        "rule": "cheapest",
    }


def network() -> Any:
    """The little network of the tests, with calendars and rates that hold for three years."""
    from tests.network.small import small_feed

    feed, since, until = small_feed(), date(2025, 1, 1), date(2027, 12, 31)
    return replace(
        feed,
        calendars=tuple(replace(one, valid_from=since, valid_to=until) for one in feed.calendars),
        rates=tuple(replace(one, valid_from=since, valid_to=until) for one in feed.rates),
        emissions=tuple(replace(one, valid_from=since, valid_to=until) for one in feed.emissions),
    )


def make(orders: int) -> dict[str, Any]:
    """Makes it in the home of this process, on the little network.

    Returns:
        `merchant`, its `key` and the hub's `operator` key; `moving`: numbers of parcels that are on their way, with the
        facility at which they were read; how many `orders`, `booked`, `refused`.
    """
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

    installed.install(network())
    with administrator() as connection:
        merchants.local(connection)
        merchant = accounts.create(connection, NAME).id
        _, key = accounts.issue_key(connection, RIGHTS, merchant, SCOPES)
        _, operator = accounts.issue_key(
            connection, RIGHTS, accounts.create(connection, "Hub", TenantKind.HUB).id
        )
    at: list[datetime] = [datetime.now(UTC)]
    api = TestClient(create_app(partial(of_this_home, clock=lambda: at[0])))
    mine, hub = {"Authorization": f"Bearer {key}"}, {"Authorization": f"Bearer {operator}"}
    end, moving, booked, refused, number = at[0] - timedelta(hours=2), dict[str, str](), 0, 0, 0
    for week in range(WEEKS, 0, -1):
        began = end - timedelta(weeks=week - 1)
        some: list[tuple[str, str, str]] = []
        at[0] = began - timedelta(hours=1)
        for _ in range(orders * (WEEKS - week + 1) // WEEKS - orders * (WEEKS - week) // WEEKS):
            number += 1
            asked = api.post("/offers", json=order(number), headers=mine)
            if asked.status_code != 200:
                refused += 1
                continue
            offer = asked.json()["offers"][0]
            made = (
                api.post("/bookings", json={"offer_id": offer["id"]}, headers=mine).raise_for_status().json()
            )
            booked += 1
            some.append((made["parcels"][0], made["id"], offer["legs"][0]["to_facility"]))
        at[0] = end if week < 4 else began + timedelta(days=18)
        for n, (parcel, booking, place) in enumerate(some):
            if n % 9 == 8:
                api.delete(f"/bookings/{booking}", headers=mine).raise_for_status()
                continue
            steps = (
                ("collected", "arrived") if week < 4 else ("collected", "arrived", "departed", "delivered")
            )
            late = timedelta(days=9 if n % 7 == 6 and week >= 4 else 0)
            told = [
                {
                    "parcel": parcel,
                    "type": type,
                    "time": (
                        began
                        + (late if type == "delivered" else timedelta())
                        + timedelta(hours=20 * i * (week > 3) + i / 3)
                    ).isoformat(),
                    "source": "dock",
                    "facility": place,
                }
                for i, type in enumerate(steps)
            ]
            api.post("/events", json={"events": told}, headers=hub).raise_for_status()
            if week < 4:
                moving[parcel] = place
    engine().dispose()
    return {
        "merchant": merchant, "key": key, "operator": operator, "moving": moving, "orders": number, "booked": booked,
        "refused": refused,
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=520)
    print(json.dumps(make(parser.parse_args().orders)))
