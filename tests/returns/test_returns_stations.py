"""A return goes to a station that has room that day, and its buyer is told why it is another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from qafila.delivery import delivery_limits
from qafila.delivery.delivery_limits import Kind
from qafila.network.installed import Network
from qafila.returns import returns_asking
from qafila.runtime.database import administrator
from tests.delivery.stations import feed_with, replace_facility
from tests.returns.shop import Shop


def limited(shop: Shop, **per_day: int | None) -> None:
    """Sets how many returns places take."""
    with administrator() as connection:
        for facility, most in per_day.items():
            delivery_limits.put(connection, facility, Kind.RETURNS, most, "test", shop.now)


def test_a_full_station_sends_returns_to_the_next_and_says_why() -> None:
    shop = Shop()
    other = f"{shop.id}-R"
    feed = shop.context.network.feed
    more = replace_facility(feed.facility[shop.id], other, "Villeurbanne", 45.77, 4.88)
    shop.context = replace(shop.context, network=Network.of(feed_with(feed, (more,))))
    limited(shop, **{shop.id: 1, other: 1})
    first, second, third = (shop.delivered() for _ in range(3))
    assert shop.asked(first).facility == shop.id
    moved = shop.asked(second)
    assert moved.facility == other
    said = [x.id for x in returns_asking.view(shop.context, moved.token).said]
    assert "returns.station_full" in said
    assert "returns.next_station" in said
    late = shop.asked(third)  # no place has room today: it stays, and is sent later
    assert late.facility == shop.id
    said = [x.id for x in returns_asking.view(shop.context, late.token).said]
    assert "returns.send_from" in said
    with administrator() as connection:
        day = shop.now.date()
        assert delivery_limits.left(connection, shop.id, Kind.RETURNS, day) == 0
        assert delivery_limits.left(connection, shop.id, Kind.RETURNS, day + timedelta(days=1)) == 0
    limited(shop, **{shop.id: None, other: None})


def test_without_a_limit_nothing_moves() -> None:
    shop = Shop()
    given = shop.asked(shop.delivered())
    assert given.facility == shop.id
    assert given.rule["station"] == []
