"""Forms are set once, whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pypdfium2

from qafila.shipping.papers import typesetting
from qafila.shipping.papers.documents import papers
from tests.shipping.parcels import FACILITIES, RULES, parcel


def test_several_at_once_ask_for_a_form_that_is_not_there_yet() -> None:
    booked = parcel()
    invoice = papers(booked, FACILITIES, RULES)[0] | {"languages": ["tr", "pt"]}
    form = typesetting._folder() / "forms" / "invoice-tr-pt-stated-sale.pdf"
    invoice |= {"proposed": False, "category": "sale"}
    form.unlink(missing_ok=True)
    with ThreadPoolExecutor(6) as team:
        made = list(team.map(typesetting.typeset_papers, [[invoice]] * 6))
    assert form.exists()
    for pdf in made:
        (page,) = pypdfium2.PdfDocument(pdf)
        said = page.get_textpage().get_text_bounded()
        assert "Ticari fatura" in said  # from the form
        assert invoice["order_id"] in said  # from the record
