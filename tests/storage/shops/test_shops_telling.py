"""Shops are told what is free: each change once, what they do not have is said, and failures wait longer and longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy import text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.runtime.database import Role, acting_as, administrator
from qafila.storage import outbound
from qafila.storage.outbound import OutboundOrder
from qafila.storage.shops import links, shops_telling, talking
from qafila.storage.shops.links import Link, NewLink
from qafila.storage.shops.shopify import Shopify
from qafila.storage.shops.talking import ShopFailed
from qafila.storage.shops.woocommerce import WooCommerce
from tests.storage.houses import NOW, act, fill, owner, warehouse
from tests.storage.shops.recorded import KEYS, TOKEN, Shop, serving, shopify, woocommerce

PRODUCTS = {"TEA": -1, "LAMP": -1, "LAMP-B": -1, "PHONE": -1, "HAM": -1, "PAINT": -1}


def _link(merchant: str, shop: Shop, kind: str = "shopify", **more: object) -> str:
    secret = TOKEN if kind == "shopify" else KEYS
    with administrator() as connection:
        return links.add(connection, merchant, NewLink(kind, shop.url, secret, inside=True, **more))  # type: ignore[arg-type]


def _seen(merchant: str, id: str) -> Link:
    with administrator() as connection:
        return links.find(connection, merchant, id)


@pytest.mark.parametrize(("kind", "answers"), [("shopify", shopify), ("woocommerce", woocommerce)])
def test_a_shop_hears_what_is_free_and_then_only_what_changed(kind: str, answers: object) -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    fill(facility, merchant, "TEA", 9, "B-01-L-1", "T")
    with serving(Shop(dict(PRODUCTS), variations={"LAMP-B": 55}), answers) as shop:  # type: ignore[arg-type]
        id = _link(merchant, shop, kind)
        assert shops_telling.tell_one(merchant, id, NOW)
        assert shop.stock == {"TEA": 9, "LAMP": 5, "LAMP-B": 0, "PHONE": 0, "HAM": 0, "PAINT": 0}
        assert _seen(merchant, id).unknown == ("SET",)  # a kit that the shop does not have
        asked = len(shop.asked)
        assert shops_telling.tell_one(merchant, id, NOW)
        assert len(shop.asked) == asked  # nothing is new
        outbound.place_order(act(), OutboundOrder("O1", merchant, facility, (("LAMP", 2),)))
        assert shops_telling.tell_one(merchant, id, NOW + timedelta(minutes=2))
        assert shop.stock["LAMP"] == 3
        last = shop.asked[-1][2]
        changed = last["variables"]["input"]["quantities"] if kind == "shopify" else last["update"]
        assert len(changed) == 1
        assert TOKEN not in repr(_seen(merchant, id))


def test_what_the_location_does_not_keep_holds_up_nothing_else() -> None:
    facility, merchant = warehouse(), owner()
    fill(facility, merchant, "LAMP", 5, "A-01-L-1")
    with serving(Shop(dict(PRODUCTS), not_here={"TEA", "HAM"}), shopify) as shop:
        id = _link(merchant, shop, location="7")
        assert shops_telling.tell_one(merchant, id, NOW)
        assert (shop.stock["LAMP"], shop.stock["TEA"]) == (5, -1)
        assert set(_seen(merchant, id).unknown) == {"TEA", "HAM", "SET"}


def test_only_the_warehouses_that_are_named_count() -> None:
    one, two, merchant = warehouse(), warehouse(), owner()
    fill(one, merchant, "LAMP", 5, "A-01-L-1")
    fill(two, merchant, "LAMP", 8, "A-01-L-1")
    with serving(Shop(dict(PRODUCTS)), woocommerce) as shop:
        shops_telling.tell_one(merchant, _link(merchant, shop, "woocommerce", facilities=(two,)), NOW)
        assert shop.stock["LAMP"] == 8


def test_a_failure_is_said_and_tried_again_later_until_it_holds() -> None:
    merchant = owner()
    with serving(Shop(dict(PRODUCTS)), woocommerce) as shop:
        id = _link(merchant, shop, "woocommerce")
        shop.fail = lambda n: (503, {"retry-after": "900"}, {"code": "busy"}) if n <= 1 else None
        assert not shops_telling.tell_one(merchant, id, NOW)
        assert _seen(merchant, id).last_error == "the shop answered 503"
        with administrator() as connection:
            due = connection.execute(
                text("SELECT due_at FROM shop_links WHERE link_id = :i"), {"i": id}
            ).scalar_one()
        assert due == NOW + timedelta(seconds=900)
        shops_telling.tell_due(NOW + timedelta(minutes=14))
        assert _seen(merchant, id).failures == 1
        shops_telling.tell_due(NOW + timedelta(minutes=16))
        found = _seen(merchant, id)
        assert (found.failures, found.last_error, shop.stock["LAMP"]) == (0, "", 0)


@pytest.mark.parametrize(("kind", "answers"), [("shopify", shopify), ("woocommerce", woocommerce)])
def test_a_large_shop_is_told_page_by_page_though_it_is_busy_now_and_then(
    kind: str, answers: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(talking, "sleep", waited.append)
    pieces = {f"S{n:04}": n for n in range(640)}
    adapter = Shopify if kind == "shopify" else WooCommerce
    with serving(Shop(dict.fromkeys(pieces, -1), languages=3), answers) as shop:  # type: ignore[arg-type]
        busy = (
            (
                200,
                {},
                {
                    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
                    "extensions": {
                        "cost": {
                            "requestedQueryCost": 252,
                            "throttleStatus": {"currentlyAvailable": 52, "restoreRate": 100.0},
                        }
                    },
                },
            )
            if kind == "shopify"
            else (429, {"retry-after": "2"}, {"code": "too_many_requests"})
        )
        shop.fail = lambda n: busy if n % 7 == 3 else None
        told = adapter(shop.url, TOKEN if kind == "shopify" else KEYS, inside=True).tell(
            pieces | {"NOT-THERE": 1}, "k"
        )
    assert shop.stock == told.pieces == pieces
    assert told.unknown == ["NOT-THERE"]
    assert waited
    assert set(waited) == {2.0}
    if kind == "woocommerce":  # the product of each language
        assert len(shop.set) == len(set(shop.set)) == 3 * len(pieces)


def test_a_shop_that_wants_to_be_left_alone_for_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "sleep", pytest.fail)
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    for after in ("3600", in_an_hour):
        with serving(Shop(dict(PRODUCTS)), woocommerce) as shop:
            shop.fail = lambda n, after=after: (429, {"retry-after": after}, {})  # type: ignore[misc]
            with pytest.raises(ShopFailed, match="429") as failure:
                WooCommerce(shop.url, KEYS, inside=True).tell({"TEA": 1}, "k")
            assert 3500 < failure.value.wait <= 3600


@pytest.mark.parametrize(
    "body",
    [
        {"data": {}},
        {"data": None},
        [],
        "x",
        {"errors": [{"message": "no", "extensions": {"code": "THROTTLED"}}]},
    ],
)
def test_an_answer_that_makes_no_sense_breaks_nothing(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "sleep", lambda seconds: None)
    merchant = owner()
    with serving(Shop(dict(PRODUCTS)), shopify) as shop:
        id = _link(merchant, shop)
        shop.fail = lambda n: (200, {}, body)
        assert not shops_telling.tell_one(merchant, id, NOW)
        assert _seen(merchant, id).last_error


def test_a_key_that_is_wrong_is_refused_by_the_shop() -> None:
    with serving(Shop(dict(PRODUCTS)), shopify) as shop, pytest.raises(ShopFailed, match="401"):
        Shopify(shop.url, "wrong-token", inside=True).tell({"TEA": 1}, "k")
    with serving(Shop(dict(PRODUCTS)), woocommerce) as shop, pytest.raises(ShopFailed, match="401"):
        WooCommerce(shop.url, "ck_no:cs_no", inside=True).tell({"TEA": 1}, "k")
    with pytest.raises(ShopFailed, match="inside the hub"):
        Shopify("http://127.0.0.1:9", TOKEN).tell({"TEA": 1}, "k")


def test_sent_again_with_the_same_key_it_is_done_once() -> None:
    with serving(Shop(dict(PRODUCTS)), shopify) as shop:
        adapter = Shopify(shop.url, TOKEN, inside=True)
        adapter.tell({"TEA": 4}, "key")
        shop.stock["TEA"] = 3  # sold there meanwhile
        adapter.tell({"TEA": 4}, "key")
        assert shop.stock["TEA"] == 3


def test_keys_are_read_by_nobody_and_other_merchants_shops_are_not_there() -> None:
    merchant, other = owner(), owner()
    with serving(Shop({}), shopify) as shop:
        id = _link(merchant, shop)
        with pytest.raises(Conflict, match="told already"):
            _link(merchant, shop)
    for role, tenant in ((Role.MERCHANT, merchant), (Role.OPERATOR, "local")):
        with acting_as(role, tenant) as connection, pytest.raises(Exception, match="permission denied"):
            connection.execute(text("SELECT secret FROM shop_links"))
    with acting_as(Role.MERCHANT, other) as connection:
        assert links.every(connection) == []
        with pytest.raises(NotFound):
            links.remove(connection, other, id)
    with pytest.raises(NotFound):
        shops_telling.tell_one(other, id, NOW)


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewLink("ebay", "https://a.example", TOKEN), "shop"),
        (NewLink("shopify", "http://a.example", TOKEN), "address"),
        (NewLink("shopify", "https://a:b@a.example", TOKEN), "address"),
        (NewLink("shopify", "a.example", TOKEN), "address"),
        (NewLink("shopify", "https://a.example", "short"), "secret"),
        (NewLink("woocommerce", "https://a.example", TOKEN), "secret"),
        (NewLink("woocommerce", "https://a.example", "ck_1234:cs_12\r\nx: y"), "secret"),
    ],
)
def test_what_is_no_shop_is_refused(new: NewLink, field: str) -> None:
    with administrator() as connection, pytest.raises(Fault) as fault:
        links.add(connection, owner(), new)
    assert fault.value.field == field
