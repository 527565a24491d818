"""Pick-ups on the reference network: what can be fetched together, when, and what is handed over."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from qafila.context import Context, of_this_home
from qafila.core.fault import Conflict, Fault, NotFound
from qafila.runtime.database import administrator, merchant_transaction
from qafila.runtime.events import store as history
from qafila.shipping import merchants
from qafila.shipping.bookings import booking, records
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.pickups import manifest, service
from qafila.tracking.status import State, status

ROWS = [
    "P1,MA,Casablanca,FR,Lyon,Vase,1,90,EUR,0.5,Léa,fastest",
    "P2,MA,Casablanca,AE,Dubai,Vase,1,90,EUR,0.7,=cmd(),cheapest",
    "P3,MA,Marrakech,FR,Paris,Vase,1,90,EUR,0.9,Zoé,cheapest",
]
HEAD = "order_id,origin_country,origin_city,destination_country,destination_city,title,quantity,unit_price,currency,weight_kg,receiver_name,rule"


@pytest.fixture
def here(tmp_path: Path) -> Context:
    with administrator() as connection:
        made = of_this_home(merchants.create(connection, "A test").id)
    (tmp_path / "o.csv").write_text("\n".join([HEAD, *ROWS]), encoding="utf-8")
    assert ship_file(made, tmp_path / "o.csv", tmp_path / "out", Options(documents=False)).booked == 3
    return made


def parcels(here: Context) -> dict[str, records.Entry]:
    with merchant_transaction(here.tenant) as connection:
        return {e.order_id: e for e in records.entries(connection)}


def window(here: Context) -> tuple[datetime, datetime]:
    return here.now() + timedelta(minutes=5), here.now() + timedelta(hours=2)


def test_booked_told_in_the_history_and_no_status_changed(here: Context) -> None:
    own = parcels(here)
    numbers = [own["P1"].parcel, own["P2"].parcel]
    made = service.book(here, [own["P1"].shipment_id, own["P2"].booking_id], *window(here), note="blue door")
    assert (set(made.parcels), made.grams, made.station) == (set(numbers), 1200, "DS-MA-CASABLANCA")
    assert made.address[-1] == "MOROCCO"
    with merchant_transaction(here.tenant) as connection:
        told = history.histories(connection, numbers)
    for events in told.values():
        (said,) = [e for e in events if e.type == "pickup_booked"]
        assert said.details["pickup"] == made.id
        assert status(events, here.now()).state is State.BOOKED
    assert {r.order.id for r in service.waiting(here)} == {"P3"}


def test_a_parcel_is_in_one_pickup_at_a_time(here: Context) -> None:
    number = parcels(here)["P1"].parcel
    first = service.book(here, [number], *window(here))
    with pytest.raises(Conflict, match=first.id):
        service.book(here, [number], *window(here))
    service.cancel(here, first.id)
    with pytest.raises(Conflict):
        service.cancel(here, first.id)
    assert service.book(here, [number, number], *window(here)).parcels == (number,)


def test_what_cannot_be_fetched_so(here: Context) -> None:
    own = parcels(here)
    one, other = own["P1"].parcel, own["P3"].parcel
    with pytest.raises(Conflict, match="several stations"):
        service.book(here, [one, other], *window(here))
    with pytest.raises(NotFound):
        service.book(here, [one, "nothing"], *window(here))
    with pytest.raises(Fault):
        service.book(here, [], *window(here))
    now = here.now()
    for opens, closes in (
        (now + timedelta(hours=2), now + timedelta(hours=1)),
        (now - timedelta(hours=2), now - timedelta(hours=1)),
        (now + timedelta(minutes=5), now + timedelta(minutes=10)),
        (now + timedelta(days=20), now + timedelta(days=20, hours=3)),
    ):
        with pytest.raises(Fault):
            service.book(here, [one], opens, closes)
    with pytest.raises(Conflict, match="begins too late"):
        service.book(here, [one], now + timedelta(days=10), now + timedelta(days=10, hours=3))
    booking.cancel(here.tenant, own["P1"].booking_id, here.now())
    with pytest.raises(Conflict, match="not waiting"):
        service.book(here, [one], *window(here))


def test_the_manifest_has_each_parcel_once_by_carrier(here: Context) -> None:
    own = parcels(here)
    made = service.book(here, [own["P1"].parcel, own["P2"].parcel], *window(here))
    with merchant_transaction(here.tenant) as connection:
        found = service.bookings_of(connection, made.parcels)
    some = manifest.lines(found, here.network.feed)
    rows = list(csv.DictReader(io.StringIO(manifest.as_csv(some).decode())))
    assert {row["order_id"]: row["weight_kg"] for row in rows} == {"P1": "0.500", "P2": "0.700"}
    assert [row["receiver"] for row in rows if row["order_id"] == "P2"] == ["'=cmd()"]
    assert [row["carrier"] for row in rows] == sorted(row["carrier"] for row in rows)
    carriers = {line.carrier for line in some}
    pdf = pypdfium2.PdfDocument(manifest.as_pdf(some, here.network.feed.facility, here.now(), made))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert all(number in text for number in made.parcels)
    assert len(pdf) == len(carriers)
    with pytest.raises(Fault, match="Nobody"):
        manifest.of_carrier(some, "Nobody")
    for carrier in carriers:
        assert {line.carrier for line in manifest.of_carrier(some, carrier)} == {carrier}


def test_each_merchant_has_his_own(here: Context) -> None:
    number = parcels(here)["P1"].parcel
    made = service.book(here, [number], *window(here))
    with administrator() as connection:
        other = of_this_home(merchants.create(connection, "Another").id)
    assert service.listed(other.tenant) == []
    with pytest.raises(NotFound):
        service.find(other.tenant, made.id)
    with pytest.raises(NotFound):
        service.cancel(other, made.id)
    with pytest.raises(NotFound):
        service.book(other, [number], *window(other))
