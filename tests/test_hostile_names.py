"""Names as an attacker writes them, in each format that leaves the house, read by a reader that is not the house's own."""

from __future__ import annotations

import xml.etree.ElementTree as Elsewhere
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact.segmentcollection import Interchange as Theirs

from qafila.clearance import mapping
from qafila.core import core_edifact as edifact
from qafila.core.plain_text import one_line, xml_text
from qafila.delivery import notices
from qafila.delivery.delivery_messages import NOTICES
from qafila.delivery.mail import Smtp
from qafila.delivery.notices import Notice
from qafila.ledger.invoices.ubl import ubl
from qafila.ledger.ledger_papers import invoice_pdf
from qafila.runtime.language import LANGUAGES, render
from tests.clearance.test_mapping import full
from tests.ledger.invoices.test_issuing import FRENCH, FRENCH_HUB, drawn

HOSTILE = (
    "<script>alert(1)</script>",
    "Zineb\u202egnp.exe\u202c & S\u00f6hne",
    "\u2067Zineb\u2069 \u200fSouk",
    "Zineb\x00\x07\x1b[31m\x85\x9f",
    "=HYPERLINK(\"http://x\",\"y\")",
    "@SUM(A1)+-1",
    "Zineb'UNZ+1+1'?'?+:",
    "]]> &amp; <!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "Zineb\r\nBcc: other@example.org\r\n\r\nPay here",
    "#strong[Zineb] $x$ \\u{41} {{1}} {0} %s",
    "\ufffe\uffff\U0001fffe\ufdd0Zineb",
    "زينب\u202d12\u202c 宰娜布",
)  # fmt: skip

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
anything = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE)


@given(anything)
def test_a_line_is_one_line_and_turns_nothing(said: str) -> None:
    told = one_line(said)
    assert len(f"x{told}x".splitlines()) == 1
    assert not _TURNS & set(told)
    assert one_line(told) == told


@given(anything)
def test_what_xml_cannot_hold_is_not_in_it(said: str) -> None:
    written = mapping.to_xml({"Name": said, "@kind": said}, "Told")
    found = Elsewhere.fromstring(written)
    child = found.find("Name")
    assert child is not None
    # a reader of XML makes one break of lines of any
    assert (child.text or "") == xml_text(said).replace("\r\n", "\r\n") or "\r" in said
    assert not _TURNS & set(child.text or "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_declaration_stays_one(name: str) -> None:
    declaration = full("cn23")
    told = replace(declaration, importer=replace(declaration.importer, name=name))
    found = Elsewhere.fromstring(mapping.to_xml(mapping.write(told), "Declaration"))
    plain = Elsewhere.fromstring(mapping.to_xml(mapping.write(declaration), "Declaration"))
    assert [one.tag for one in found.iter()] == [one.tag for one in plain.iter()]
    assert xml_text(name) in {one.text for one in found.iter()}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_invoice_stays_one_as_ubl(name: str) -> None:
    seller, buyer = FRENCH_HUB, replace(FRENCH, name=name, line1=name, city=name)
    found = Elsewhere.fromstring(ubl(replace(drawn(seller, FRENCH), buyer=buyer, note=name)))
    usual = replace(FRENCH, name="n", line1="n", city="n")
    plain = Elsewhere.fromstring(ubl(replace(drawn(seller, usual), note="n")))
    assert [one.tag for one in found.iter()] == [one.tag for one in plain.iter()]
    names = [one.text or "" for one in found.iter() if one.tag.endswith("}RegistrationName")]
    assert xml_text(name) in names


def test_an_invoice_shows_names_as_they_are_written_and_its_sums_beside_them() -> None:
    invoice = drawn(FRENCH_HUB, FRENCH)
    plain = _words(invoice_pdf(invoice, LANGUAGES["en"]))
    for name in HOSTILE:
        seller = replace(FRENCH_HUB, name=name, registration=name)
        told = replace(invoice, seller=seller, buyer=replace(FRENCH, name=name), note=name)
        shown = _words(invoice_pdf(told, LANGUAGES["en"]))
        assert not _TURNS & set(shown)
        for word in ("<script>alert(1)</script>", "#strong[Zineb]", "=HYPERLINK"):
            assert (word in shown) == (word in name), name
        for sum in (one for one in plain.split() if one.startswith("€") or "." in one):
            assert sum in shown, (name, sum)


def _words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_message_says_a_name_on_its_line_and_a_letter_has_no_other_heads(name: str, language: str) -> None:
    said = notices._plain(
        {"parcel": "RX1", "point": name, "last": "18:00", "code": "123456", "link": "https://hub.example/d/x"}
    )
    subject, body = (
        render(part(**{n: said[n] for n in part.names}), LANGUAGES[language]) for part in NOTICES["waiting"]
    )
    assert len(body.splitlines()) == len(subject.splitlines()) == 1
    assert body.count("\u2068") == body.count("\u2069")  # what is set apart in Arabic ends where it should
    notice = Notice(
        "ntc_1",
        "RX1",
        "waiting",
        "email",
        "amal@shop.example",
        language,
        subject,
        body,
        "https://hub.example/stop",
        0,
    )
    letter = message_from_bytes(
        Smtp("smtp://localhost", "parcels@hub.example")._letter(notice).as_bytes(policy=policy.SMTP),
        policy=policy.default,
    )
    assert isinstance(letter, EmailMessage)
    assert not letter.defects
    assert letter["Bcc"] is None
    assert letter.get_content_type() == "text/plain"
    assert letter["To"] == "amal@shop.example"
    assert letter["Subject"].split() == subject.split()
    assert letter.get_content().strip() == body.strip()


@pytest.mark.filterwarnings("ignore:segments.xml not found")
@pytest.mark.parametrize("name", HOSTILE)
def test_edifact_says_a_name_or_refuses_it(name: str) -> None:
    message = edifact.Message(
        "IFTSTA:D:01B:UN",
        (edifact.segment("BGM", "23", name, "9"), edifact.segment("TDT", "20", (name, "x"))),
    )
    whole = edifact.Interchange("HUB", "OTHER", "1", datetime(2027, 3, 1, 12, 30, tzinfo=UTC), (message,))
    if any(ord(c) > 255 or ord(c) < 32 or 127 <= ord(c) < 160 for c in name):
        with pytest.raises(edifact.NotEdifact):
            edifact.write(whole)
        return
    told = edifact.write(whole)
    assert edifact.read(told).messages == (message,)
    segments = [one for one in Theirs.from_str(told).segments if one.tag in ("BGM", "TDT")]
    assert [one.elements for one in segments] == [["23", name, "9"], ["20", [name, "x"]]]
