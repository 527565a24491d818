"""Choosing by rule, the promise by slack, landed cost by line."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from qafila.core.money import Money, exchange_rates
from qafila.customs.rulebook import rulebook
from qafila.network.compile import compile_timetable
from qafila.network.timetable import Mode
from qafila.routing.itinerary import Itinerary, Leg
from qafila.routing.room_left import Room
from qafila.routing.routing_points import EXTREMES
from qafila.shipping.offers.choosing import TooLate, choose, labels, reason
from qafila.shipping.offers.offer import Offer, Promise
from qafila.shipping.offers.offering import Market, best_offers
from qafila.shipping.offers.promising import lateness, probability_by, promise
from tests.network.small import START as NETWORK_START
from tests.network.small import small_feed
from tests.shipping.parcels import parcel

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def leg(mode: Mode, board: float, ready: float) -> Leg:
    """A leg with its cut-off and its end, in hours after START."""
    at, by = START + timedelta(hours=board), START + timedelta(hours=ready)
    return Leg(0, "S", 0, mode, "A", "B", 0, 1, at, at, by, by, 0, 0, (0,), (0,))


def itinerary(hours: float, cost: int, co2e: int) -> Itinerary:
    return Itinerary((leg(Mode.AIR, 1, hours),), START, START + timedelta(hours=hours), cost, co2e)


def promised(i: Itinerary) -> Promise:
    return Promise(i.arrival, 0.95, "test")


FAST, CHEAP, GREEN = itinerary(30, 90_000, 900), itinerary(200, 20_000, 400), itinerary(400, 30_000, 100)
WAYS = (FAST, CHEAP, GREEN)


@pytest.mark.parametrize(("rule", "index"), [("fastest", 0), ("cheapest", 1), ("greenest", 2)])
def test_each_rule_takes_its_best(rule: str, index: int) -> None:
    assert choose(WAYS, rule, None, promised) == index
    assert labels(WAYS)[index] == (rule,)


def test_ties_go_to_the_better_in_the_rest() -> None:
    slow = itinerary(250, 20_000, 300)
    assert choose((slow, CHEAP), "cheapest", None, promised) == 1
    assert labels((CHEAP,)) == [("cheapest", "fastest", "greenest")]


def test_a_promised_day_is_kept_at_the_least_cost() -> None:
    dear = itinerary(20, 95_000, 900)
    assert choose((dear, *WAYS), "promise", date(2026, 11, 25), promised) == 1  # FAST arrives on the 24th
    assert choose((dear, *WAYS), "promise", date(2026, 12, 31), promised) == 2
    with pytest.raises(TooLate, match="2026-11-24"):
        choose((dear, *WAYS), "promise", date(2026, 11, 23), promised)


def test_the_reason_says_what_the_others_would_be() -> None:
    said = str(reason(WAYS, 1, "cheapest", lambda cost: Money(Decimal(cost) / 10_000, "EUR"), None))
    assert said.startswith("cheapest; ")
    assert "the fastest would cost 7.00 EUR more, arrive 7 days sooner" in said  # 9 − 2; 170 h = 7.1 days
    assert "the greenest would cost 1.00 EUR more, arrive 8 days later, with 0.3 g CO2e less" in said


def test_the_probability_of_a_way_by_hand() -> None:
    rules = lateness()
    legs = (leg(Mode.ROAD, 1, 10), leg(Mode.AIR, 12, 20), leg(Mode.DELIVERY, 21, 30))
    arrival = START + timedelta(hours=30)
    by = arrival + timedelta(hours=5)
    # each connection holds if the ride before is no later than its slack: 2 h and 1 h; neither recovers (24 h) in 5 h
    road = 1 - rules[Mode.ROAD].share_late * math.exp(-120 / rules[Mode.ROAD].mean_delay)
    air = 1 - rules[Mode.AIR].share_late * math.exp(-60 / rules[Mode.AIR].mean_delay)
    van = 1 - rules[Mode.DELIVERY].share_late * math.exp(-300 / rules[Mode.DELIVERY].mean_delay)
    assert probability_by(legs, arrival, by) == pytest.approx(road * air * van)
    # a day and more of slack lets both connections be missed
    late = arrival + timedelta(hours=29)
    van = 1 - rules[Mode.DELIVERY].share_late * math.exp(-29 * 60 / rules[Mode.DELIVERY].mean_delay)
    assert probability_by(legs, arrival, late) == pytest.approx(van)
    assert probability_by(legs, arrival, arrival - timedelta(minutes=1)) == 0


def test_more_slack_never_lowers_the_probability() -> None:
    arrival = START + timedelta(hours=30)
    for gap in (1, 2, 5, 30):
        tight = (leg(Mode.AIR, 1, 10), leg(Mode.ROAD, 10 + gap, 30))
        loose = (leg(Mode.AIR, 1, 10), leg(Mode.ROAD, 11 + gap, 30))
        by = arrival + timedelta(hours=4)
        assert probability_by(tight, arrival, by) <= probability_by(loose, arrival, by)


def test_a_promise_is_the_end_of_a_local_day_that_holds() -> None:
    legs = (leg(Mode.ROAD, 1, 10), leg(Mode.DELIVERY, 20, 30))
    arrival = START + timedelta(hours=30)  # 24 November, 14:00 UTC, 18:00 in Dubai
    made = promise(legs, arrival, "Asia/Dubai")
    assert (made.by.date(), made.by.hour, made.by.minute) == (date(2026, 11, 24), 23, 59)
    assert 0.9 <= made.probability <= 0.99
    assert "estimated" in str(made.basis)


def test_a_premium_is_a_share_of_goods_and_freight_with_a_minimum() -> None:
    from qafila.core.money import Money, exchange_rates
    from qafila.shipping.offers.offers_terms import terms

    on = date(2026, 11, 23)
    large = terms().premium(Money(Decimal(1000), "EUR"), Money(Decimal(20), "EUR"), on, exchange_rates())
    assert str(large) == "6.12 EUR"  # 0.6 % of 1,020
    small = terms().premium(Money(Decimal(10), "EUR"), Money(Decimal(4), "EUR"), on, exchange_rates())
    assert str(small) == "1.00 EUR"


def test_an_answer_is_kept_only_while_no_full_departure_touches_it() -> None:
    feed = small_feed()
    place = Market.of(compile_timetable(feed, NETWORK_START, 28), feed.facility, rulebook(), exchange_rates())
    ready = datetime(NETWORK_START.year, NETWORK_START.month, NETWORK_START.day, 5, tzinfo=UTC)
    made = parcel().order
    order = replace(
        made,
        ready=ready,
        sender=replace(made.sender, country="MA", facility_id="WH"),
        receiver=replace(made.receiver, country="FR", facility_id="STA"),
    )
    first = best_offers([order, order], place, ready)
    assert len(place.answers) == 1
    kept = dict(place.answers)
    assert best_offers([order], place, ready) == first[:1]
    assert place.answers == kept
    assert isinstance(first[0], Offer)
    taken = first[0].itinerary.legs[-2].segments[0]
    full = Room(place.timetable, {taken: (0, 0)})
    other = best_offers([order], place, ready, full)[0]
    assert isinstance(other, Offer)
    assert all(taken not in leg.segments for leg in other.itinerary.legs)
    # and it holds for what it was asked: the same departures full, or more that it does not use
    (again,) = place.answers.values()
    unused = next(
        s
        for s in range(place.timetable.segments)
        if s not in {x for i in again.answer.itineraries for leg in i.legs for x in leg.segments}
    )
    assert again.holds(frozenset({taken}), EXTREMES)
    assert again.holds(frozenset({taken, unused}), EXTREMES)
    assert not again.holds(frozenset({taken, unused}), 6)
    assert not again.holds(frozenset(), EXTREMES)  # room came back: there may be a better way
    used = again.answer.itineraries[0].legs[0].segments[0]
    assert not again.holds(frozenset({taken, used}), EXTREMES)
