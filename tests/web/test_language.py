"""Languages: how one is chosen, and that no word is missing in any."""

from __future__ import annotations

import re
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import qafila.web
from qafila.runtime.language import LANGUAGES, render, words
from qafila.tracking import questions_open as desk
from qafila.web.chassis.phrases import say
from tests.shipping.drafts import orders_of

WEB = Path(qafila.web.__file__).parent
FOREIGN = [code for code in LANGUAGES if code != "en"]


def test_a_sentence_of_an_engine_is_said_with_its_values() -> None:
    french = words("fr")
    text = "No town of this name is known in South Africa."
    assert say(text, french) == "Aucune ville de ce nom n'est connue dans ce pays (Afrique du Sud)."
    assert say("No facility in Niger delivers.", words("ar")) == "لا موقع يوزع في هذا البلد (النيجر)."
    assert say("No facility in Niger delivers.", words("zh")) == "该国（尼日尔）没有可派送的站点。"
    assert say("No facility in Niger delivers.", words("en")) == "No facility in Niger delivers."
    assert say("Customs duty (10 %)", french) == "Droit de douane (10 %)"
    assert (
        say("confirm it before declaring; no history yet", french)
        == "à confirmer avant de déclarer ; pas encore d'historique"
    )
    why = "cheapest; the fastest would cost 2.83 CNY more, arrive 30 days sooner, with 0.19 kg CO2e more"
    assert say(why, french) == (
        "la moins chère ; la plus rapide coûterait 2.83 CNY de plus, arriverait 30 jours plus tôt, "
        "avec 0.19 kg CO2e de plus"
    )
    assert say("road → sea", french) == "Route → Mer"
    assert " ← " in say("road → sea", words("ar"))  # the way goes on to the left
    # a value in another script keeps its own direction
    assert "\u2068711719\u2069" in say("goods 1: HS 711719 is estimated, not confirmed", words("ar"))
    assert say("Statistical levy (redevance statistique) (1 %)", french) == "Redevance statistique (1 %)"
    indicative = "Customs duty (droit de douane) 20 % for HS 950300 is indicative (by 9503): import the national schedule with `x`"
    assert say(indicative, french).startswith("Droit de douane 20 % pour SH 950300")
    foreign = "ECOWAS common external tariff; trade guides on Senegal"
    assert say(foreign, words("ar")) == foreign
    assert say("not insured; trade guides", words("ar")) == "غير مؤمَّن؛ \u2068trade guides\u2069"
    assert say("A sentence that no engine says.", french) == "A sentence that no engine says."
    assert say("x" * 10, words("en")) == "x" * 10


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


@pytest.mark.parametrize("code", FOREIGN)
def test_every_charge_and_relief_of_the_rules_has_a_name(code: str) -> None:
    texts = [
        file.read_text("utf-8")
        for file in (files("qafila.customs") / "rules").iterdir()
        if file.name.endswith(".toml")
    ]
    names = {name for text in texts for name in re.findall(r'^name = "(.+)"$', text, re.MULTILINE)}
    territories = {
        name
        for text in texts
        for name in re.findall(r'^name = "(.+)"$', text.partition("[[")[0], re.MULTILINE)
    }
    assert len(names - territories) > 50
    catalogue = words(code)
    assert {name for name in names - territories if say(name, catalogue) == name} == set()
    assert say(f"{min(names - territories)} (5 %)", catalogue) != f"{min(names - territories)} (5 %)"


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

    monkeypatch.setattr(desk, "track", broken)
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
    for path in ("/", "/ship", "/ship/file", "/shipments", "/t", "/network", "/sign-in", "/docs"):
        page = client.get(f"/{code}{path}")
        assert page.status_code == 200, path
        assert f'lang="{code}"' in page.text
        assert "%(" not in page.text
    assert client.get(f"/{code}/nowhere").status_code == 404
