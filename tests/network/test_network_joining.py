"""A carrier joins by its feed, is offered and ranked like everybody, and reports on its own parcels alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from qafila.api.shipping.offer_schema import OrderIn
from qafila.api.shipping.order_command import command_of
from qafila.context import Context
from qafila.network.feed import TABLES, write
from qafila.network.installed import Network
from qafila.network.model import Feed
from qafila.network.network_joining import join, leave, operated
from qafila.network.network_report import FeedErrors
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as
from qafila.runtime.events.envelope import Reporter, Source
from qafila.shipping import counter
from qafila.shipping.bookings.booking import Booked
from qafila.shipping.counter import Quote
from qafila.tracking.tracking_recording import record
from qafila.tracking.tracking_report import Report
from tests.api.conftest import MONDAY, RULES, order
from tests.network.small import small_feed
from tests.openness.logs import fresh_log
from tests.web.visitors import tenant

LATE = MONDAY + timedelta(days=2)


def brought(folder: Path, prefix: str = "AT-", per_kg: str = "") -> Path:
    """A carrier's feed: its own flight at other hours, with a rate card of its own."""
    feed = small_feed()
    (fly,) = (one for one in feed.services if one.id == "FLY")
    (air,) = (one for one in feed.rates if one.id == "AIR")
    calls = [replace(c, service=f"{prefix}FLY") for c in feed.calls if c.service == "FLY"]
    kept = replace(
        feed,
        services=(
            replace(fly, id=f"{prefix}FLY", rate=f"{prefix}AIR", operator="whatever", registration=""),
        ),
        calls=tuple(calls),
        capacities=tuple(replace(c, service=f"{prefix}FLY") for c in feed.capacities if c.service == "FLY"),
        rates=(replace(air, id=f"{prefix}AIR", **({"per_kg": type(air.per_kg)(per_kg)} if per_kg else {})),),
    )
    write(kept, folder)
    for name in TABLES:
        if name not in ("services", "calls", "capacities", "rates"):
            (folder / f"{name}.csv").unlink()
    return folder


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fresh_log(tmp_path, monkeypatch):
        yield


def offered(feed: Feed, merchant: str) -> Quote:
    here = Context(Network.of(feed), RULES, merchant).at(MONDAY)
    found = counter.quote(here, partial(command_of, OrderIn.model_validate(order())))
    assert isinstance(found, Quote), found
    return found


def flights(quote: Quote) -> set[str]:
    return {leg.service_id for offer in quote.offers for leg in offer.itinerary.legs}


def test_its_services_are_in_the_network_and_go_with_it(tmp_path: Path) -> None:
    feed = small_feed()
    made = join(feed, brought(tmp_path / "f"), "car_atlas")
    assert made.brought == {"rates": 1, "services": 1, "calls": 3, "capacities": 2}
    assert operated(made.feed)["AT-FLY"] == "car_atlas"
    assert join(made.feed, tmp_path / "f", "car_atlas").feed == made.feed  # once more is the same
    assert leave(made.feed, "car_atlas") == feed


def test_what_is_somebody_elses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedErrors, match="has this id already"):
        join(small_feed(), brought(tmp_path / "same", prefix=""), "car_atlas")
    folder = brought(tmp_path / "calls")
    (folder / "calls.csv").write_text((folder / "calls.csv").read_text().replace("AT-FLY,3", "FLY,9"))
    with pytest.raises(FeedErrors, match="no service of yours"):
        join(small_feed(), folder, "car_atlas")
    (brought(tmp_path / "none") / "rates.csv").unlink()
    with pytest.raises(FeedErrors, match="missing"):
        join(small_feed(), tmp_path / "none", "car_atlas")


def test_it_is_offered_and_ranked_by_the_same_rule(tmp_path: Path, log: None) -> None:
    souk = tenant().id
    dearer = join(small_feed(), brought(tmp_path / "dear", per_kg="9"), "car_atlas").feed
    cheaper = join(small_feed(), brought(tmp_path / "cheap", per_kg="0.01"), "car_atlas").feed
    assert "AT-FLY" not in flights(offered(dearer, souk))  # the same hours at a higher price are no offer
    assert "AT-FLY" in flights(offered(cheaper, souk))
    assert "FLY" not in flights(offered(cheaper, souk))


def test_who_operates_a_service_changes_no_offer(tmp_path: Path, log: None) -> None:
    """Whatever the name: the operator's own services and a carrier's that joined stand the same."""
    souk = tenant().id
    feed = join(small_feed(), brought(tmp_path / "f", per_kg="0.01"), "car_atlas").feed
    turned = replace(
        feed, services=tuple(replace(one, operator=f"other {n}") for n, one in enumerate(feed.services))
    )

    def seen(quote: Quote) -> list[object]:
        return [(o.itinerary, o.price, o.promise, o.labels) for o in quote.offers]

    assert seen(offered(feed, souk)) == seen(offered(turned, souk))


def test_a_carrier_reports_on_its_own_parcels_alone(tmp_path: Path, log: None) -> None:
    atlas, rif, courier = (
        tenant(TenantKind.CARRIER, name).id for name in ("Atlas Air", "Rif Trucks", "Courier")
    )
    souk = tenant().id
    feed = join(small_feed(), brought(tmp_path / "f", per_kg="0.01"), atlas).feed
    trucks = tuple(replace(one, operator="Rif Trucks") if one.id == "LAST" else one for one in feed.services)
    here = Context(Network.of(replace(feed, services=trucks)), RULES, souk).at(MONDAY)

    def parcel(which: str) -> str:
        quote = counter.quote(here, partial(command_of, OrderIn.model_validate(order())))
        assert isinstance(quote, Quote)
        (offer,) = [o for o in quote.offers if which in {leg.service_id for leg in o.itinerary.legs}][:1]
        made = counter.book(here, offer.id)
        assert isinstance(made, Booked), made
        return made.parcel

    def reported(by: str, number: str) -> bool:
        with acting_as(Role.PARTNER) as connection:
            source = Source(Reporter.CARRIER.value, by, "scanner")
            (one,) = record(
                connection,
                [Report(number, "seen", LATE, source)],
                LATE,
                operators=operated(here.network.feed),
            )
        return one.event is not None

    flown = parcel("AT-FLY")
    assert reported(atlas, flown)
    sailed = parcel("SAIL")
    assert not reported(atlas, sailed)  # it rides on none of its services
    assert reported(rif, sailed)  # by its name in the timetable
    assert reported(courier, sailed)  # who operates nothing may report where services are nobody's
    with acting_as(Role.OPERATOR) as connection:
        source = Source(Reporter.OPERATOR.value, "local", "desk")
        (one,) = record(
            connection, [Report(sailed, "seen", LATE, source)], LATE, operators=operated(here.network.feed)
        )
    assert one.event is not None  # the hub's own people report on all
