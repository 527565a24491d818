"""Labels and papers over the API, in every form, and of a cancelled booking."""

from __future__ import annotations

from io import BytesIO

import httpx
import pypdfium2

from tests.api.conftest import Login, booked


def text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(BytesIO(pdf)))


def test_label_and_papers_are_linked_from_booking_and_shipment(login: Login) -> None:
    souk: httpx.Client = login()
    made = booked(souk)
    shipment = souk.get(f"shipments/{made['shipment_id']}").json()
    assert made["links"] == shipment["links"]
    label = souk.get(made["links"]["label"])
    assert label.headers["content-type"] == "application/pdf"
    number = made["parcels"][0]
    assert number[2:5] in text_of(label.content)
    assert len(pypdfium2.PdfDocument(souk.get(made["links"]["documents"]).content)) >= 2
    for dpi in (203, 300):
        zpl = souk.get(made["links"]["label"], params={"format": "zpl", "dpi": dpi})
        assert zpl.headers["content-type"].startswith("application/vnd.zebra.zpl")
        assert zpl.content.startswith(b"^XA")
    sheet = pypdfium2.PdfDocument(souk.get(made["links"]["label"], params={"format": "a4"}).content)
    assert [round(x) for x in sheet[0].get_size()] == [595, 842]
    assert souk.get(made["links"]["label"], params={"format": "zpl", "dpi": 72}).status_code in (400, 422)


def test_many_labels_at_once_and_none_of_another_merchant(login: Login) -> None:
    souk: httpx.Client = login()
    ids = [booked(souk)["id"], booked(souk)["parcels"][0]]
    made = souk.post("labels", json={"ids": ids})
    assert len(pypdfium2.PdfDocument(made.content)) == 2
    assert souk.post("labels", json={"ids": [*ids, "bkg_nothing"]}).status_code == 404
    other: httpx.Client = login()
    assert other.post("labels", json={"ids": ids}).status_code == 404


def test_the_label_of_a_cancelled_booking_is_void(login: Login) -> None:
    souk: httpx.Client = login()
    made = booked(souk)
    gone = souk.delete(f"bookings/{made['id']}").json()
    assert gone["links"]["documents"] is None
    assert "VOID" in text_of(souk.get(gone["links"]["label"]).content)
    assert souk.get(f"shipments/{made['shipment_id']}/documents").status_code == 404
