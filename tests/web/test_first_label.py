"""From the first page to the first label, by somebody who has never been here; and a hub set up by its page."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

from qafila.core.identifiers.own import new_id
from qafila.customs import nomenclature
from qafila.network import feed as feeds
from qafila.network import installed
from qafila.runtime import runtime_hub
from qafila.runtime.settings import settings
from qafila.shipping.orders import product_templates
from qafila.web.chassis.visitor import COOKIE
from tests.network.small import small_feed
from tests.web.browser import browser
from tests.web.newcomer import Newcomer
from tests.web.visitors import HERE

QUESTION = {"sender_city": "Fès", "sender_country": "MA", "city": "Rabat", "country": "MA", "title": "ceramic bowl", "quantity": "1",
            "unit_price": "120", "currency": "MAD", "weight_kg": "0.5", "hs": "691200"}  # fmt: skip
WHO = {"firm": "Atelier Zineb", "name": "Zineb", "password": "the kiln is warm at dawn"}


@pytest.fixture
def hub_file() -> Iterator[Path]:
    """Where the hub's profile is kept; as it was before, afterwards."""
    path = settings().home / "hub.json"
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def email() -> str:
    return f"{new_id('z')}@example.org"


def test_templates_name_what_there_is_in_four_languages() -> None:
    found = product_templates.every()
    assert len(found) >= 20
    for one in found.values():
        assert nomenclature.known(one.hs), one.id
        assert all(one.names[code].strip() for code in ("en", "fr", "ar", "zh")), one.id
        assert one.grams > 0
        assert all(side > 0 for side in one.sides_cm)
        assert len({one.names[code] for code in ("en", "fr", "ar", "zh")}) == 4, one.id


def test_a_stranger_sees_prices_and_keeps_what_he_typed(stranger: TestClient, hub_file: Path) -> None:
    first = stranger.get("/fr/").text
    assert "/fr/prices" in first
    filled = stranger.get("/fr/prices", params={**QUESTION, "template": "tagine"}).text
    assert 'value="tajine en céramique"' in filled
    assert 'value="2.2"' in filled
    assert 'value="Fès"' in filled
    asked = stranger.get("/prices", params=QUESTION)
    assert asked.status_code == 200
    assert COOKIE not in asked.cookies
    (choice, *_) = re.findall(r'href="(/join\?[^"]+)"', asked.text)
    form = stranger.get(choice.replace("&amp;", "&")).text
    (question,) = re.findall(r'name="question" value="([^"]+)"', form)
    kept = dict(parse_qsl(question.replace("&amp;", "&")))
    assert kept["city"] == "Rabat"
    assert kept["way"]
    sent = {**WHO, "email": email(), "question": question.replace("&amp;", "&")}
    joined = stranger.post("/join", data=sent, headers=HERE)
    assert joined.status_code == 303
    onward = urlsplit(joined.headers["location"])
    assert onward.path == "/ship/offer"
    offer = stranger.get(joined.headers["location"])
    assert offer.status_code == 200
    assert "Rabat" in offer.text
    assert stranger.get("/people").status_code == 200  # its own administrator
    assert stranger.get("/organisations").status_code == 403
    wrong = stranger.get("/prices", params={**QUESTION, "city": "Nowhereville"})
    assert wrong.headers["location"].startswith("/ship?")  # now he has an account


def test_wrong_prices_say_what_to_mend(stranger: TestClient) -> None:
    wrong = stranger.get("/prices", params={**QUESTION, "city": "Nowhereville"})
    assert wrong.status_code == 422
    assert 'value="Nowhereville"' in wrong.text
    assert "No offer yet" in wrong.text
    heavy = stranger.get("/prices", params={**QUESTION, "weight_kg": "90"})
    assert heavy.status_code == 422
    assert "with its unit: 90 kg" in re.sub("[\u2066-\u2069]", "", heavy.text)
    assert 'id="weight_kg" name="weight_kg" type="text"' in heavy.text  # and the field takes a unit
    assert "with its unit" not in stranger.get("/prices", params={**QUESTION, "weight_kg": "90 kg"}).text


def test_an_account_is_opened_once_and_well(stranger: TestClient, app: FastAPI, hub_file: Path) -> None:
    mine = email()
    for change, status in (
        ({"password": "short"}, 422),
        ({"password": mine}, 422),
        ({"email": "no"}, 422),
        ({"firm": " "}, 422),
        ({"name": "\x00"}, 422),
        ({}, 303),
    ):
        answer = stranger.post("/join", data={**WHO, "email": mine, **change}, headers=HERE)
        assert answer.status_code == status, (change, answer.text)
    again = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    taken = again.post("/join", data={**WHO, "email": mine.upper()}, headers=HERE)
    assert taken.status_code == 422
    assert "/sign-in" in taken.text
    elsewhere = again.post(
        "/join", data={**WHO, "email": email(), "question": "x=1\r\nSet-Cookie: a=b"}, headers=HERE
    )
    assert elsewhere.headers["location"] == "/ship"


def test_a_closed_hub_lets_nobody_in_by_himself(
    stranger: TestClient, client: TestClient, hub_file: Path
) -> None:
    named = client.post("/hub", data={"name": "  Tanger  Med ", "open_to": "invited"}, headers=HERE)
    assert named.status_code == 303
    assert runtime_hub.read() == runtime_hub.Hub("Tanger Med", "invited")
    assert "Tanger Med" in stranger.get("/").text
    assert "/join" not in stranger.get("/").text
    assert "adds its merchants itself" in stranger.get("/join").text
    assert stranger.post("/join", data={**WHO, "email": email()}, headers=HERE).status_code == 403
    assert stranger.get("/prices", params=QUESTION).status_code == 200  # prices are everybody's
    refused = client.post("/hub", data={"name": " ", "open_to": "everybody"}, headers=HERE)
    assert refused.status_code == 422
    assert runtime_hub.read().name == "Tanger Med"
    hub_file.write_text('{"name": "x", "open_to": "nonsense"}')
    assert not runtime_hub.read().open


def test_a_hub_takes_a_feed_or_says_what_is_wrong_with_it(
    client: TestClient, hub_file: Path, tmp_path: Path
) -> None:
    before = (settings().home / "network" / "current").read_bytes()
    try:
        feeds.write(small_feed(), tmp_path / "feed")
        good, broken = io.BytesIO(), io.BytesIO()
        for target, without in ((good, ""), (broken, "calls.csv")):
            with zipfile.ZipFile(target, "w") as packed:
                for file in sorted((tmp_path / "feed").iterdir()):
                    if file.name != without:
                        packed.write(file, f"my feed/{file.name}")

        def sent(content: bytes) -> int:
            files = {"feed": ("feed.zip", content, "application/zip")}
            answer = client.post("/hub/network", data={"kind": "feed"}, files=files, headers=HERE)
            if answer.status_code != 303:
                assert "calls.csv" in answer.text or "That is no ZIP" in answer.text
            return answer.status_code

        assert sent(b"no zip") == 422
        assert sent(broken.getvalue()) == 422
        assert (settings().home / "network" / "current").read_bytes() == before
        assert sent(good.getvalue()) == 303
        assert "5 facilities in 2 countries" in client.get("/hub").text
    finally:
        client.post("/hub/network", data={"kind": "reference"}, headers=HERE)
    assert installed.feed().name != "small"


def test_a_kind_of_goods_says_what_was_left_empty(stranger: TestClient) -> None:
    blank = {k: v for k, v in QUESTION.items() if k not in ("title", "weight_kg", "hs")}
    at_once = stranger.get("/fr/prices", params={**blank, "template": "bowl"})
    assert at_once.status_code == 200
    assert "/fr/join?" in at_once.text  # offers to choose from
    assert 'value="bol en céramique"' in at_once.text
    taken = stranger.get("/fr/prices", params={**blank, "template": "bowl", "take": "1"}).text
    assert "/fr/join?" not in taken  # only filled in
    assert 'value="bol en céramique"' in taken
    assert "20 × 20 × 10 cm" in taken
    without = stranger.get("/fr/prices", params={**blank, "template": "bowl", "quantity": ""})
    assert without.status_code == 422
    assert 'aria-describedby="quantity-error"' in without.text
    nothing = stranger.get("/prices", params=blank)
    assert nothing.status_code == 422
    assert 'aria-describedby="title-error"' in nothing.text


FIVE_MINUTES = 300
WAYS = {"fr": ("Fès", "Lyon"), "ar": ("فاس", "ليون")}


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("fr", 1440), ("ar", 360)])
def test_the_first_label_needs_no_training(
    address: str, language: str, width: int, hub_file: Path, tmp_path: Path
) -> None:
    """A browser does what a slow newcomer does, from the first page to a label across a border; his clock is read, not ours."""
    with browser() as chromium:
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": 740}, locale=language
        )
        tab: Page = context.new_page()
        tab.goto(f"/{language}/")
        zineb = Newcomer(tab)
        zineb.clicks_on(tab.locator(f'a.button.first[href="/{language}/prices"]'))
        zineb.chooses("template", "bowl")
        for name, value in zip(("sender_city", "city"), WAYS[language], strict=True):
            zineb.types(name, value)
        zineb.chooses("sender_country", "MA")
        zineb.chooses("country", "FR")
        zineb.types("quantity", "2")
        zineb.types("unit_price", "120")
        zineb.clicks_on(tab.locator("#question > button.first"))
        zineb.reads_to(tab.locator(".offers .button:visible").last)
        zineb.clicks_on(tab.locator(".offers .button").first)
        for name, value in {**WHO, "email": email()}.items():
            zineb.types(name, value)
        zineb.clicks_on(tab.locator("form button.first"))
        assert tab.locator("#sender_name").input_value() == WHO["name"]  # said once is enough
        assert tab.locator("#sender_company").input_value() == WHO["firm"]
        for name, value in {
            "sender_line1": "1 Talaa",
            "name": "Amina Roux",
            "line1": "2 rue de la République",
        }.items():
            zineb.types(name, value)
        zineb.clicks_on(tab.locator("form button.first"))
        label = tab.locator('a[href*="label"]').first
        expect(label).to_be_visible()
        zineb.reads_to(label)
        got = context.request.get(str(label.get_attribute("href")))
        assert got.body().startswith(b"%PDF-")
        print(
            f"{language}: {zineb.seconds:.0f} s, {zineb.words:.0f} words, {zineb.fields} fields, {zineb.clicks} clicks"
        )
        assert zineb.seconds < FIVE_MINUTES, "\n".join(zineb.log)
        assert zineb.fields <= 14
        assert zineb.clicks <= 6
        context.close()
