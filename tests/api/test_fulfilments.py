"""An order whose goods lie in two warehouses: two shipments, booked together, each with its own papers and its own pick."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import zxingcpp
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from qafila.core.money import Money
from qafila.shipping.bookings import booking
from qafila.shipping.orders.order import Address, Box, CashOnDelivery, Item
from qafila.shipping.orders.parts import sent_from
from qafila.storage import fulfilling, sourcing
from qafila.storage.carried_duty import Carried
from tests.api.conftest import order
from tests.api.test_storage import House
from tests.shipping import bookables
from tests.shipping.papers.test_printing import drawn
from tests.storage.houses import name, told


def stocked(at: House, facility: str, sku: str, pieces: int) -> None:
    """Goods of the house's merchant on a shelf of a facility of the network."""
    api = at.api
    put = api.put(f"/storage/warehouses/{facility}/layout", json=told(facility), headers=at.hub)
    assert put.status_code == 200, put.text
    product = {"title": sku.title(), "grams": 500, "value": "20"}
    assert api.put(f"/storage/products/{sku}", json=product, headers=at.merchant).status_code == 200
    at.facility = facility
    at.do("receive", code=sku, place="DOCK-1", pieces=pieces)
    at.do("put-away", code=sku, source="DOCK-1", place="A-01-L-1", pieces=pieces)


@pytest.fixture
def house(api: TestClient) -> House:
    return House(api)


def asked(first: str, second: str, **more: object) -> dict[str, object]:
    item = {
        "quantity": 1,
        "unit_value": {"amount": "20.00", "currency": "EUR"},
        "hs": "392690",
        "weight_kg": "0.5",
        "length_cm": "20",
        "width_cm": "15",
        "height_cm": "10",
    }
    return order(items=[{"title": s.title(), "sku": s, **item} for s in (first, second)], **more)


def test_two_warehouses_send_two_shipments_of_one_order(house: House, api: TestClient) -> None:
    first, second = name("LAMP-"), name("BOWL-")
    stocked(house, "WH", first, 3)
    stocked(house, "LYS", second, 3)
    wanted = asked(first, second, cash_on_delivery={"amount": "40.00", "currency": "EUR"})
    key = name("fulfil-")
    made = house.post("/storage/fulfilments", house.merchant, wanted, key=key, status=201)
    assert {s["facility"] for s in made["shipments"]} == {"WH", "LYS"}
    assert [s["order_id"] for s in made["shipments"]] == [f"{wanted['id']}/1", f"{wanted['id']}/2"]
    shipments = [
        api.get(f"shipments/{s['shipment_id']}", headers=house.merchant).json() for s in made["shipments"]
    ]
    assert sum(Decimal(s["cash_on_delivery"]["amount"]) for s in shipments) == Decimal("40.00")
    assert sorted(held["title"] for s in shipments for c in s["contents"] for held in c["items"]) == sorted(
        [first.title(), second.title()]
    )
    listed = api.get("shipments", params={"order_id": wanted["id"]}, headers=house.merchant).json()["items"]
    assert {s["id"] for s in listed} == {s["shipment_id"] for s in made["shipments"]}
    for one in made["shipments"]:  # each has papers of its own, and is picked where it lies
        papers = api.get(f"shipments/{one['shipment_id']}/documents", headers=house.merchant)
        assert papers.status_code == 200
        assert papers.content[:4] == b"%PDF"
        pick = api.get(
            f"/storage/orders/{wanted['id']}", params={"part": one["part"]}, headers=house.merchant
        ).json()
        assert (pick["facility"], pick["state"], pick["parcel"]) == (
            one["facility"],
            "reserved",
            one["parcels"][0],
        )
    assert house.post("/storage/fulfilments", house.merchant, wanted, key=key, status=201) == made
    again = house.post("/storage/fulfilments", house.merchant, wanted, status=201)  # by another key, too
    assert again == made
    nothing = house.post("/storage/fulfilments", house.merchant, asked("NOWHERE", first), status=422)
    assert nothing["errors"] or nothing["detail"]


def test_where_one_of_two_finds_no_room_neither_is_booked(
    house: House,
    api: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = name("LAMP-"), name("BOWL-")
    stocked(house, "WH", first, 3)
    stocked(house, "LYS", second, 3)
    wanted = asked(first, second)
    honest = booking.capacity.claim

    def full(connection, demands, totals, locked):  # type: ignore[no-untyped-def]  # as `claim` is asked
        claimed = honest(connection, demands, totals, locked)
        answers = [*claimed.answers[:-1], demands[-1].departures[0]]
        return replace(claimed, answers=answers) if len(demands) > 1 else claimed

    with monkeypatch.context() as patch:
        patch.setattr(booking.capacity, "claim", full)
        refused = house.post("/storage/fulfilments", house.merchant, wanted, status=409)
    assert wanted["id"] in refused["detail"]
    listed = api.get("shipments", params={"order_id": wanted["id"]}, headers=house.merchant).json()["items"]
    assert listed == []
    made = house.post("/storage/fulfilments", house.merchant, wanted, status=201)
    assert len(made["shipments"]) == 2


pieces = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4_000)), min_size=2, max_size=6)


_NONE = Money(Decimal(0), "EUR")
NOTHING = Carried(_NONE, _NONE, _NONE)
"""No duty that goods carry."""


@given(pieces, st.data())
def test_parts_hold_each_piece_once_and_their_cash_is_the_order_s(
    kinds: list[tuple[int, int]], data: st.DataObject
) -> None:
    items = tuple(
        Item(f"goods {n}", q, Money(Decimal(g) / 100, "EUR"), Decimal(g) / 1000)
        for n, (q, g) in enumerate(kinds)
    )
    boxes = tuple(Box(((n, q),), q * g, 300, 200, 100) for n, (q, g) in enumerate(kinds))
    due = CashOnDelivery(Money(Decimal("99.99"), "EUR"))
    whole = bookables.order(
        "O", items=items, parcels=boxes, grams=sum(b.grams for b in boxes), cash_on_delivery=due
    )
    mine = data.draw(st.sets(st.sampled_from(range(len(items))), min_size=1, max_size=len(items) - 1))
    sides = [tuple(sorted(mine)), tuple(n for n in range(len(items)) if n not in mine)]
    at = Address("MA", "Rabat", facility_id="WH", to_door=False)
    parts = tuple(
        sourcing.Part("WH", some, sent_from(whole, some, at), bookables.offer(whole, LEGS), NOTHING)
        for some in sides
    )
    serving = sourcing.Serving(parts, _NONE, whole.ready, Decimal(0), NOTHING)
    made = fulfilling.parts_of(whole, serving)
    assert sum(one.grams for one in made) == whole.grams
    assert sorted(i.description for one in made for i in one.items) == sorted(i.description for i in items)
    assert sum(one.value.amount for one in made) == whole.value.amount
    assert sum(one.cash_on_delivery.money.amount for one in made if one.cash_on_delivery) == Decimal("99.99")
    assert {one.whole for one in made} == {"O"}
    for one in made:
        assert sum(q for box in one.boxes for _, q in box.contents) == sum(i.quantity for i in one.items)
    alone = sourcing.Part("WH", tuple(range(len(items))), whole, parts[0].offer, NOTHING)
    single = replace(serving, parts=(alone,))
    assert fulfilling.parts_of(whole, single) == [whole]


LEGS = bookables.legs(bookables.timetable(bookables.Run("T", bookables.Mode.ROAD, (("A", 60), ("B", 90)))), 0)


def test_an_order_of_two_parcels_is_packed_box_by_box_and_each_label_reads_as_its_own(
    house: House, api: TestClient
) -> None:
    first, second = name("LAMP-"), name("BOWL-")
    stocked(house, "WH", first, 3)
    stocked(house, "WH", second, 3)
    halves = [
        {
            "items": [{"item": n, "quantity": 1}],
            "weight_kg": "0.6",
            "length_cm": "30",
            "width_cm": "20",
            "height_cm": "15",
        }
        for n in (0, 1)
    ]
    wanted = asked(first, second, parcels=halves)
    (sent,) = house.post("/storage/fulfilments", house.merchant, wanted, status=201)["shipments"]
    numbers = sent["parcels"]
    assert len(numbers) == 2
    wave = house.post("/storage/waves", house.hub, {"facility": "WH"}, status=201)
    for tour in wave["tours"]:
        seen = house.do("begin", tour=tour["tour"])
        while pick := seen["next"]:
            told_ = {"tour": seen["tour"], "pick": pick["pick"], "pieces": pick["pieces"]}
            seen = house.do("pick", **told_, place=pick["place"], code=pick["sku"])
    at = f"/storage/orders/{wanted['id']}/labels"

    def read(dpi: int, **more: object) -> list[set[str]]:
        """What a scanner reads on each label that a printer draws."""
        asked_for = {"owner": house.owner, "format": "zpl", "dpi": dpi, **more}
        answer = api.get(at, params=asked_for, headers=house.hub)
        assert answer.status_code == 200, answer.text
        return [{c.text for c in zxingcpp.read_barcodes(label)} for label in drawn(answer.content)]

    packed = []
    for n in (1, 2):
        done = house.do("pack", order=wanted["id"], grams=0)
        assert (done["box"], done["state"]) == (n, "packed" if n == 2 else "picked")
        packed.append(done)
    for dpi in (203, 300):
        for n, number in enumerate(numbers, start=1):
            (label,) = read(dpi, box=n)
            assert number in label
            assert not label & set(numbers) - {number}
    both = read(203)
    assert [numbers[n] in label for n, label in enumerate(both)] == [True, True]
    assert api.get(at, params={"owner": house.owner, "box": 3}, headers=house.hub).status_code == 404
    strange = api.get(at, params={"owner": house.owner, "box": 1}, headers=house.merchant)
    assert strange.status_code == 403  # labels are printed where it is packed
