"""Orders and offers as documents: nothing is lost, and what earlier versions wrote is read."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import orjson

from qafila.core.message import Message
from qafila.core.message import as_it_is as said
from qafila.core.money import Money
from qafila.customs.assessment import Assessment, Charge, Rule, WhatIf
from qafila.network.timetable import Mode
from qafila.shipping.bookings import written_json as documents
from qafila.shipping.offers.offer import CostLine, Offer, Restricted
from tests.shipping.bookables import Run, legs, offer, order, timetable

TABLE = timetable(
    Run("T-1", Mode.ROAD, (("A", 60), ("B", 120))), Run("F-1", Mode.AIR, (("B", 240), ("C", 300)))
)


def rich() -> Offer:
    """An offer in which every part has something to tell."""
    euros = Money(Decimal("12.50"), "EUR")
    law = Rule("fr.vat", said("CGI art. 278"), said("impots.gouv.fr"), date(2014, 1, 1), None, "official")
    dated = replace(law, id="fr.duty", valid_to=date(2030, 12, 31))
    made = offer(order(), legs(TABLE, 0, 1), "ofr_1")
    return replace(
        made,
        itinerary=replace(
            made.itinerary, legs=(replace(made.itinerary.legs[0], calls=(0, 1)), *made.itinerary.legs[1:])
        ),
        promise=replace(made.promise, by=datetime(2027, 3, 9, 23, 59, tzinfo=timezone(timedelta(hours=1)))),
        landed_cost=(
            CostLine("freight", said("freight"), euros, said("rate card")),
            CostLine(
                "vat",
                said("TVA « 20 % »\n"),
                euros,
                said("CGI"),
                "2014-01-01",
                "",
                "official",
                said("20 % of 62.50"),
            ),
        ),
        assessment=Assessment(
            "EUR",
            euros,
            (
                Charge("vat", "B00", said("TVA"), None, euros, said("20 %"), euros, law, said("why")),
                Charge(
                    "duty",
                    "A00",
                    said("Duty"),
                    0,
                    euros,
                    said("3 %"),
                    euros,
                    dated,
                    said("why"),
                    suspended=True,
                ),
            ),
            (WhatIf("de-minimis", said("below 150 EUR"), euros, "proof"),),
            (said("a warning"),),
            {"rate": said("1")},
        ),
        restrictions=(
            Restricted(
                "r-1", 0, "*", said("liquids"), said("MSDS"), said("ADR"), said("unece.org"), "official"
            ),
        ),
    )


def plain(value: object) -> object:
    assert isinstance(value, Decimal | Message)
    return str(value)


def test_an_offer_is_read_as_it_was_written() -> None:
    for one in (rich(), offer(order(), legs(TABLE, 0)), replace(rich(), landed_cost=())):
        told = orjson.loads(documents.offer_document(one))
        assert documents.offer_from(told) == one
        light = documents.offer_to_book(told)
        assert (light.id, light.order_id, light.itinerary) == (one.id, one.order_id, one.itinerary)
        assert (light.price, light.promise, light.valid_until) == (one.price, one.promise, one.valid_until)


def test_an_offer_names_the_fields_of_its_lists_once_and_stays_on_one_line() -> None:
    written = documents.offer_document(rich())
    assert written.count(b'"board_by"') == written.count(b'"legal_basis"') // 2 == 1
    assert b"\n" not in written
    told = orjson.loads(written)
    assert told["itinerary"]["legs"][0][:2] == ["ride", "service_id"]
    assert [row[1] for row in told["itinerary"]["legs"][1:]] == ["T-1", "F-1"]
    assert told["price"] == {"amount": "2", "currency": "EUR"}


def test_offers_of_earlier_versions_are_read() -> None:
    """They were objects all through, and told in plain text what messages tell now."""
    assert documents.offer_from(orjson.loads(orjson.dumps(rich(), default=plain))) == rich()


def test_a_later_version_reads_a_table_whatever_the_order_of_its_fields() -> None:
    told: dict[str, Any] = orjson.loads(documents.offer_document(rich()))
    told["landed_cost"] = [row[::-1] for row in told["landed_cost"]]
    names = told["landed_cost"][0]
    told["landed_cost"] = [row[1:] if names[0] == "why" else row for row in told["landed_cost"]]
    read = documents.offer_from(told)
    assert [line.name for line in read.landed_cost] == [said("freight"), said("TVA « 20 % »\n")]
    assert {line.why for line in read.landed_cost} == {None}  # left out: its default


def test_an_order_keeps_the_document_that_offers_are_bound_to() -> None:
    """Digests of earlier versions are of this very text: every field, in its order, instants with their offset."""
    asked = order(ready=datetime(2027, 2, 28, 9, 30, tzinfo=UTC))
    written = documents.order_document(asked)
    told = orjson.loads(written)
    assert list(told) == list(asdict(asked))
    assert told["ready"] == "2027-02-28T09:30:00+00:00"
    assert documents.order_from(told) == asked
    assert documents.order_document(documents.order_from(told)) == written
