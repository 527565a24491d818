"""The help of pages: every page of the portal has its words, one example and a lesson, in four languages; refusals lead to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.practice.lessons import every
from qafila.web.chassis.help import help_for, told
from tests.guards import unexplained

ROOT = Path(__file__).parents[2]


def test_every_page_is_explained(app: FastAPI) -> None:
    assert unexplained(app) == []
    for entry in told()["pages"]:
        assert entry["lesson"] in every()
        assert (ROOT / "docs" / f"{entry['docs']}.md").exists()
        for code in ("en", "fr", "ar", "zh"):
            shown = help_for(entry["at"][0], code)
            assert shown.example.strip()
            assert 2 <= len(shown.words) <= 6
            assert all(w.word.strip() and w.meaning.strip() for w in shown.words)
    used = {w for e in told()["pages"] for w in e["words"]}
    assert used == set(told()["words"])


@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh"])
def test_a_refusal_leads_to_the_lesson(client: TestClient, stranger: TestClient, language: str) -> None:
    refused = client.get(f"/{language}/ship", params={"city": "Nowhereville", "country": "FR", "title": "x"})
    assert refused.status_code == 422
    assert f'/{language}/practice#clerk"' in refused.text
    assert 'popovertarget="word-offer"' in refused.text
    assert 'popover id="word-offer"' in refused.text
    fine = client.get(f"/{language}/ship").text
    assert help_for("/ship", language).example in fine.replace("&#34;", '"').replace("&#39;", "'")
    lost = stranger.get(f"/{language}/nothing")
    assert lost.status_code == 404
    assert "/practice#" in lost.text
