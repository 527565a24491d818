"""A learner at the pages: the guide on every page of his place, what is closed there, and a certificate that the log proves."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from qafila.openness import openness_receipts, openness_recording, sequencing
from qafila.openness.verifier import main as verify
from qafila.runtime.accounts.tenants import TenantKind
from tests.web.conftest import app  # noqa: F401  (a fixture)
from tests.web.visitors import HERE, member, signed_in, tenant


def test_a_lesson_ends_in_a_certificate_that_the_log_proves(
    app: FastAPI,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (sequencing, openness_receipts):  # what others published before says nothing here
        monkeypatch.setattr(module, "folder", lambda: tmp_path / "log")
    of = tenant(TenantKind.MERCHANT, "Souk")

    def enter(name: str) -> TestClient:
        made = TestClient(app, base_url="https://portal.test", follow_redirects=False)
        return signed_in(made, member(of.id, "clerk", name=name))

    client = enter("Zineb")
    assert client.get("/practice/in/today").headers["location"].endswith("/practice")  # nothing is begun
    assert client.post("/practice/nothing/begin", headers=HERE).status_code == 422
    begun = client.post("/fr/practice/regulator/begin", headers=HERE)
    assert begun.headers["location"] == "/fr/practice/in/today"
    inside = client.get("/fr/practice/in/today").text
    assert 'class="guide"' in inside
    assert 'href="/fr/practice/in/oversight"' in inside
    assert 'href="/ar/practice/in/today"' in inside  # changing the language stays in the place
    for closed in ("/people", "/sign-out", "/ship/file", "/keys", "/account", "/api/v1/offers"):
        assert client.get(f"/practice/in{closed}").headers["location"].endswith("/practice"), closed
    assert client.post("/practice/in/oversight", headers=HERE).headers["location"].endswith("/practice")
    assert client.post("/practice/certificate", headers=HERE).status_code == 422
    client.post("/practice/answer", data={"step": "counted_parcels", "number": "2"}, headers=HERE)
    assert (
        "The records say another number."
        in client.get("/practice/in/today", headers={"accept-language": "en"}).text
        or "Les registres" in client.get("/fr/practice/in/today").text
    )
    for step, number in (("counted_parcels", "٣"), ("counted_decisions", " 6 ")):
        client.post("/practice/answer", data={"step": step, "number": number}, headers=HERE)
    assert client.post("/practice/certificate", headers=HERE).status_code == 303
    assert client.post("/practice/certificate", headers=HERE).status_code == 303  # asked twice, it is one
    page = client.get("/practice").text
    (id,) = set(re.findall(r"/practice/certificate/(crt_\w+)\.pdf", page))
    for code in ("en", "fr", "ar", "zh"):
        assert client.get(f"/{code}/practice/certificate/{id}.pdf").content.startswith(b"%PDF-")
    sequencing.integrate(datetime.now(UTC))
    receipt = client.get(f"/practice/certificate/{id}.receipt")
    assert receipt.status_code == 200, receipt.text
    assert b"Zineb" not in receipt.content
    file, key = tmp_path / "certificate.receipt", str(openness_recording.keys().first)
    file.write_bytes(receipt.content)
    assert verify([str(file), "--key", key]) == 0
    file.write_bytes(receipt.content.replace(b"index ", b"index 1"))
    assert verify([str(file), "--key", key]) != 0
    other = enter("Somebody")
    assert other.get(f"/practice/certificate/{id}.pdf").status_code == 404
    assert other.get(f"/practice/certificate/{id}.receipt").status_code == 404


def test_a_scanner_that_sends_to_a_place_that_is_closed_by_now_is_told_so_and_goes_on(app: FastAPI) -> None:  # noqa: F811
    made = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    client = signed_in(made, member(tenant(TenantKind.MERCHANT, "Belt").id, "clerk", name="Adil"))
    address = "/practice/in/sorting/CAS-SC/acts"
    assert client.post(address, json={"kind": "read"}, headers=HERE).status_code == 410
    assert client.post(address, data={"kind": "read"}, headers=HERE).headers["location"] == "/practice"


def _learner(app: FastAPI, lesson: str) -> TestClient:  # noqa: F811
    made = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    client = signed_in(made, member(tenant(TenantKind.MERCHANT, "School").id, "clerk", name="Samira"))
    assert client.post(f"/practice/{lesson}/begin", headers=HERE).status_code == 303
    return client


def _guide(client: TestClient, page: str) -> str:
    (told,) = re.findall(
        r'<aside class="guide".*?</aside>', client.get(f"/en/practice/in{page}").text, re.DOTALL
    )
    return str(told)


def test_a_driver_is_wrong_at_the_page_and_begins_anew(app: FastAPI) -> None:  # noqa: F811
    client = _learner(app, "driver")

    def report(numbers: list[str], type: str) -> None:
        said = {"numbers": "\n".join(numbers), "type": type}
        assert client.post("/practice/in/report", data=said, headers=HERE).status_code < 400

    for right in (False, True):
        both = list(dict.fromkeys(re.findall(r"[A-Z]{2}\d{9}[A-Z]{2}", _guide(client, "/report"))))
        assert len(both) == 2
        if right:
            report(both, "out_for_delivery")
        report(both[:1], "delivered")
        report(both[1:], "delivery_failed" if right else "delivered")
        told = _guide(client, "/report")
        assert told.count("not right") == (0 if right else 2)
        assert ("it is still in your van" in told) is not right
        assert client.post("/practice/certificate", headers=HERE).status_code == (303 if right else 422)
        client.post("/practice/driver/begin", headers=HERE)


def test_a_broker_mends_at_the_desk_with_what_the_lesson_gives(app: FastAPI) -> None:  # noqa: F811
    client = _learner(app, "broker")
    assert client.post("/practice/in/desk/open", headers=HERE).status_code == 303
    (number,) = re.findall(r'dir="ltr">(\d{15})<', _guide(client, "/desk"))
    filed = dict.fromkeys(
        re.findall(r'href="/practice/in(/desk/dcl_\w+)"', client.get("/practice/in/desk").text)
    )
    (export,) = [one for one in filed if 'name="exporter.number"' in client.get(f"/practice/in{one}").text]
    wrong = {"exporter.number": "001525713000032", "declarant.number": number}
    client.post(f"/practice/in{export}/amend", data=wrong, headers=HERE)
    assert (
        "001525713000032" in client.get(f"/en/practice/in{export}").text
    )  # said beside the field, not only at its name
    client.post(f"/practice/in{export}/amend", data={"exporter.number": number}, headers=HERE)
    assert client.post(f"/practice/in{export}/advance", headers=HERE).status_code == 303
    assert client.post("/practice/certificate", headers=HERE).status_code == 303, _guide(client, "/desk")


def test_a_shift_at_the_sorter_is_worked_at_its_pages(app: FastAPI) -> None:  # noqa: F811
    made = TestClient(app, base_url="https://portal.test", follow_redirects=False)
    client = signed_in(made, member(tenant(TenantKind.MERCHANT, "Belt").id, "clerk", name="Adil"))
    begun = client.post("/practice/sorter/begin", headers=HERE)
    assert begun.headers["location"] == "/practice/in/sorting"
    at = client.get("/practice/in/sorting").headers["location"]
    assert at.startswith("/practice/in/sorting/")
    numbers = re.findall(r"[A-Z]{2}\d{9}[A-Z]{2}", client.get(at).text)
    assert len(set(numbers)) >= 5
    for number in sorted(set(numbers)):
        said = client.post(f"{at}/scan", data={"code": number, "key": f"k-{number}"}, headers=HERE)
        assert re.search(r'data-part="chute">C\d\d<', said.text), said.text
    assert 'data-part="chute">C92<' in "".join(
        client.post(f"{at}/scan", data={"code": n}, headers=HERE).text for n in set(numbers)
    )
    assert client.get(f"{at}/kept.json").status_code == 200
    assert client.get(f"{at}/bags").status_code == 200
    for shown in ("/fleet", "/air"):
        assert client.get(f"/practice/in{shown}").status_code in (200, 403), shown  # by what the role may see
