"""Languages: how one is chosen, and that no word is missing in any."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import qafila.web
from qafila.core.message import fact
from qafila.core.money import Money
from qafila.customs.customs_messages import ESTIMATED_CODE, WITH_PROOF
from qafila.network.model import Facility, Kind
from qafila.runtime.language import LANGUAGES, render
from qafila.tracking import questions_open as desk
from qafila.web.chassis.page_frame import facility_name
from tests.customs.cases import consignment, due, goods
from tests.shipping.drafts import orders_of

WEB = Path(qafila.web.__file__).parent
FOREIGN = [code for code in LANGUAGES if code != "en"]


def test_a_message_of_an_engine_is_said_with_its_values() -> None:
    french, arabic = LANGUAGES["fr"], LANGUAGES["ar"]
    (duty,) = [c for c in due(consignment("MA", goods("640411", "1000 MAD"))).charges if c.code == "TPI"]
    assert render(duty.name, french) == "Taxe parafiscale à l'importation"
    assert render(duty.rate, french) == "0,25\u00a0%"
    assert render(duty.rule.legal_basis, french) == "décret n° 2-85-890, modifié"
    stated = ESTIMATED_CODE(goods=1, hs="711719")
    # a value in another script keeps its own direction
    assert "\u2068711719\u2069" in render(stated, arabic)
    saved = WITH_PROOF(
        proof=fact("customs", "an origin declaration"), saved=Money(Decimal("10000.05"), "MAD")
    )
    assert render(saved, french).endswith("votre acheteur paie 10\u202f000,05\u00a0MAD de moins")
    assert render(fact("customs", "A levy of nobody's"), french) == "A levy of nobody's"


def test_a_facility_is_named_in_the_readers_words() -> None:
    station = Facility(
        "DS-MA-FES", "Fès delivery station", Kind.DELIVERY_STATION, 0, 0, "MA", "", "UTC", "MA"
    )
    assert facility_name(station, LANGUAGES["fr"]) == "Agence de livraison de Fès"
    assert facility_name(station, LANGUAGES["en"]) == "Fès delivery station"


def test_what_is_wrong_with_an_order_is_said_in_every_language() -> None:
    rows = (
        "order_id,country,city,title,quantity,unit_price,currency,weight_kg,length_cm,ready,promise_by,rule\n"
        "1,,,,,,,-1,-1,2020-01-01,2020-01-01,teleport\n2,FR,Lyno,Tray,0,0,XXQ,151,301,x,x,\n"
        "3,Nowhere,Lyon,Tray,1.5,-1,,heavy,wide,2027-03-01,03/04/2027,\n4,FR,Lyon,Tray,1,2\n5,FR,Lyon,Tray,1,,EUR,,,,,\n"
        '6,FR,Lyon,T\0ray,1,2,EUR,,,,,\n7,FR,Lyon,"Tray,1,2\n8,MA,Fès,Tray,1,2,EUR,,,,,\n9,FR,Lyon,Tray,1,2,EUR,,,,,,x\n'
        "10,FR,Lyon,Tray,1,2,EUR,,,,,\n10,FR,Lyon,Tray,1,2,EUR,,,,,\n11,FR,Lyon,Tray,1,2,EUR,,,,,\n"
        "11,FR,Lyon,Tray,2,2,EUR,,,,,\n,FR,Lyon,Tray,1,2,EUR,,,,,\n"
    )
    problems = orders_of(rows)[1]
    assert len(problems) > 30
    for code in FOREIGN:
        language = LANGUAGES[code]
        told = {m for p in problems for m in (p.reason, p.remedy)}
        # of the five towns that stand in for the network
        assert {str(m) for m in told if render(m, language) == str(m)} == {
            "No town of this name is known.",
            "Perhaps Fès?",
        }


def test_the_prefix_decides_and_is_remembered(client: TestClient) -> None:
    page = client.get("/ar/t")
    assert page.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page.text
    assert page.headers["content-language"] == "ar"
    assert "qafila_language=ar" in page.headers["set-cookie"]
    assert 'href="/ar/network"' in page.text
    assert '<html lang="ar" dir="rtl">' in client.get("/t").text  # by the cookie
    assert '<html lang="zh" dir="ltr">' in client.get("/zh/t", headers={"accept-language": "fr"}).text


@pytest.mark.parametrize(
    ("address", "headers", "code", "said"),
    [
        ("/fr/t/X", {}, "fr", "Une erreur s'est produite chez nous"),
        ("/t/X", {"accept-language": "ar"}, "ar", "حدث"),
        ("/t/X", {"cookie": "qafila_language=zh"}, "zh", "出"),
        ("/t/X", {}, "en", "Something broke on our side"),
    ],
)
def test_a_failure_too_is_told_in_the_readers_language(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], code: str, said: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(desk, "track_all", broken)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as reader:
        page = reader.get(address, headers=headers)
    assert page.status_code == 500
    assert (f'<html lang="{code}"' in page.text, page.headers["content-language"]) == (True, code)
    assert said in unescape(page.text)
    assert "the database is away" not in page.text
    assert 'href="/ar/t/X"' in page.text or code == "ar"  # the page itself in another language
    assert "/fr/fr" not in page.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_pages(client: TestClient, code: str) -> None:
    for path in ("/welcome", "/ship", "/ship/file", "/shipments", "/t", "/network", "/sign-in", "/docs"):
        page = client.get(f"/{code}{path}")
        assert page.status_code == 200, path
        assert f'lang="{code}"' in page.text
        assert "%(" not in page.text
    assert client.get(f"/{code}/nowhere").status_code == 404
