"""The page that checks a receipt without a server: the same verdicts as the verifier's, in a real browser."""

import base64
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from qafila.openness import verifier
from qafila.openness.log import succession
from tests.openness.receipts import LEAVES, LOG, WITNESS, Keys, proof
from tests.web.browser import CHROMIUM, browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
PAGE = Path(str(files("qafila.openness") / "check-receipt.html"))
_JUDGE = """async ([asked, receipts]) => Promise.all(receipts.map(async text => {
    const receipt = Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
    try { await check({ ...asked, receipt }); return true; }
    catch (error) { if (error instanceof Broken) return false; throw error; }
}))"""


@pytest.fixture(scope="module")
def page() -> Iterator[object]:
    with browser() as launched:
        opened = launched.new_page(locale="fr-FR")
        opened.goto(PAGE.as_uri())
        yield opened


def judged(page, receipts: list[bytes], **asked: object) -> list[bool]:  # type: ignore[no-untyped-def]
    asked = {"key": str(LOG.key), "witnesses": str(WITNESS.key), "quorum": 1, **asked}
    return page.evaluate(_JUDGE, [asked, [base64.b64encode(one).decode() for one in receipts]])


def test_it_accepts_what_holds_and_refuses_each_changed_byte(page) -> None:  # type: ignore[no-untyped-def]
    good = proof(time=5)
    changed = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(len(good))]
    sizes = [proof(index, size, time=5) for size in range(1, 21) for index in range(size)]
    assert all(judged(page, sizes))
    assert not any(judged(page, changed))


def test_it_follows_keys_as_the_verifier_does(page) -> None:  # type: ignore[no-untyped-def]
    keys = Keys()
    receipts = [
        proof(7, 12),
        proof(7, 10, time=900),
        proof(7, 10),
        proof(7, 20, time=900),
        proof(by=keys.second),
    ]
    for reason in ("rotated", "lost", "stolen"):
        statements = keys.statements(reason)
        written = succession.written(statements).decode()
        found = judged(page, receipts, succession=written, quorum=0)
        for one, accepted in zip(receipts, found, strict=True):
            try:
                keys.judge(reason, one)
                expected = True
            except verifier.Broken:
                expected = False
            assert accepted is expected


def test_it_is_used_by_people_in_four_languages(page, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    receipt, openings = tmp_path / "o.tlog-proof", tmp_path / "openings.json"
    receipt.write_bytes(proof(time=1_700_000_000))
    openings.write_text(json.dumps({one.field: one.written() for one in LEAVES[7].openings}))
    assert page.get_by_role("heading", level=1).inner_text() == "Vérifier un reçu"
    page.locator("#receipt").set_input_files(receipt)
    page.locator("#key").fill(str(LOG.key))
    page.locator("summary").click()
    page.locator("#witnesses").fill(str(WITNESS.key))
    page.locator("#openings").set_input_files(openings)
    page.locator(".go").click()
    page.locator("#verdict.done").wait_for()
    said = page.locator("#verdict").inner_text()
    assert "inscription 7 sur 20" in said
    assert "2023-11-14T22:13:20Z" in said
    assert '"price": "7.00"' in said
    for code, word in (("ar", "مقبول"), ("zh", "已接受"), ("en", "Accepted")):
        page.locator(f"header button[lang={code}]").click()
        assert word in page.locator("#verdict").inner_text()
        assert page.locator("html").get_attribute("dir") == ("rtl" if code == "ar" else "ltr")
    receipt.write_bytes(proof(8, time=1_700_000_000))
    page.locator("#receipt").set_input_files(receipt)
    page.locator(".go").click()
    page.locator("#verdict.stop").wait_for()
    assert "“price”" in page.locator("#verdict").inner_text()


def test_its_four_languages_say_the_same_things(page) -> None:  # type: ignore[no-untyped-def]
    words = page.evaluate("() => WORDS")

    def shape(said: object) -> object:
        if isinstance(said, dict):
            return {name: shape(one) for name, one in sorted(said.items())}
        return sorted({part.partition("}")[0] for part in str(said).split("{")[1:]})

    assert {json.dumps(shape(one)) for one in words.values()} == {json.dumps(shape(words["en"]))}
    assert set(words) == {"en", "fr", "ar", "zh"}
