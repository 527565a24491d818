"""A file of orders: looked at, booked in the background, its outputs fetched."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from qafila.context import of_this_home
from qafila.runtime.jobs import queue, worker
from qafila.runtime.settings import settings
from qafila.shipping.files import uploads as jobs
from qafila.shipping.floor import SHIP_FILE

HEAD = "order_id,title,quantity,unit_price,currency,weight_kg,from_city,from_country,to_city,to_country\n"
GOOD = "W-{n},ceramic bowl,2,120,MAD,0.6,Casablanca,MA,Paris,FR\n"


def upload(client: TestClient, text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    answer = client.post(
        "/ship/file", data={"rule": "cheapest"}, files={"file": ("orders.csv", content, "text/csv")}
    )
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_problems_are_shown_before_anything_is_booked(client: TestClient) -> None:
    bad = "W-X,bowl,-1,120,MAD,0.6,Casablanca,MA,Paris,FR\n"
    job = upload(client, HEAD + GOOD.format(n=1) + bad)
    page = client.get(job)
    assert page.status_code == 200
    assert "Book 1 order" in page.text
    assert ">-1</code>" in page.text  # what was typed
    assert "Write a whole number from 1 to 10,000." in page.text
    assert "W-1" not in client.get("/shipments").text


def test_the_file_is_booked_and_told(client: TestClient) -> None:
    job = upload(client, HEAD + GOOD.format(n=7) + "W-8,bowl,1,,MAD,0.6,Casablanca,MA,Paris,FR\n")
    assert client.post(f"{job}/book").status_code == 303
    assert client.post(f"{job}/book").status_code == 303  # asked for again, it is the same work
    assert 'hx-trigger="every 1s"' in client.get(job).text
    worker.work_off([SHIP_FILE], of_this_home)
    page = client.get(job)
    assert page.status_code == 200
    assert 'hx-trigger="every 1s"' not in page.text
    rejected = list(csv.DictReader(io.StringIO(client.get(f"{job}/rejected.csv").text)))
    assert [(r["order_id"], r["field"]) for r in rejected] == [("W-8", "unit_price")]
    assert client.get(f"{job}/labels.pdf").content.startswith(b"%PDF")
    assert "W-7" in client.get("/shipments").text
    assert client.get(f"{job}/../../job.json").status_code == 404
    assert client.get(f"{job}/job.json").status_code == 404


def test_files_that_have_had_their_time_are_removed(client: TestClient) -> None:
    looked_at, booked, running = (upload(client, HEAD + GOOD.format(n=n)) for n in (20, 21, 22))
    folders = {p.name: p for p in (settings().home / "web" / "files").iterdir()}
    of = {address: folders[address.rpartition("/")[2]] for address in (looked_at, booked, running)}
    for address in (booked, running):
        (of[address] / "started").touch()
    queue.ask(SHIP_FILE, None, {"token": of[running].name}, key=f"orders-file:{of[running].name}")
    now = datetime.now(UTC)
    jobs.sweep(now + timedelta(hours=23))
    assert all(folder.exists() for folder in of.values())
    jobs.sweep(now + timedelta(hours=25))
    assert [folder.exists() for folder in of.values()] == [False, True, True]
    jobs.sweep(now + timedelta(days=31))
    assert [folder.exists() for folder in of.values()] == [False, False, True]
    assert client.get(looked_at).status_code == client.get(booked).status_code == 404


def test_a_file_that_is_no_orders_file(client: TestClient) -> None:
    page = client.get(upload(client, "a,b\n1,2\n"))
    assert page.status_code == 422
    assert "cannot be read as orders" in page.text
    page = client.get(upload(client, bytes(range(256)) * 40))
    assert page.status_code == 422


def test_nothing_chosen_keeps_the_settings(client: TestClient) -> None:
    page = client.post(
        "/ship/file", data={"rule": "fastest", "sender_city": "Fez"}, files={"file": ("", b"")}
    )
    assert page.status_code == 422
    assert '<option value="fastest" selected>' in page.text
    assert 'value="Fez"' in page.text
    page = client.post(
        "/ship/file",
        data={"sender_city": "Fez", "sender_country": "Nowhere"},
        files={"file": ("a.csv", b"x")},
    )
    assert page.status_code == 422


def test_a_file_is_its_merchants_alone(client: TestClient, stranger: TestClient) -> None:
    job = upload(client, HEAD + GOOD.format(n=9))
    assert stranger.get(job).status_code == 303
    assert client.get("/ship/file/" + "0" * 32).status_code == 404
    assert client.get("/ship/file/not-a-token").status_code == 404


def test_price_day_and_landed_cost_are_seen_before_anything_is_booked(client: TestClient) -> None:
    ivory = "W-92,carved ivory elephant tusk pendant,1,120,MAD,0.1,Casablanca,MA,Paris,FR\n"
    page = client.get(upload(client, HEAD + GOOD.format(n=91) + GOOD.format(n=93) + ivory))
    assert "What would be booked" in page.text
    assert "Landed cost" in page.text
    assert "In all" in page.text
    assert "W-91" in page.text
    assert "W-91" not in client.get("/shipments").text


def test_problems_are_named_by_the_file_s_own_heading_and_row(client: TestClient) -> None:
    page = client.get(
        upload(
            client,
            HEAD.replace("quantity", "Qté").replace("to_city", "Ville")
            + GOOD.format(n=94)
            + "W-95,bowl,-1,120,MAD,0.6,Casablanca,MA,Paris,FR\n",
        )
    )
    assert "<bdi>Qté</bdi>" in page.text
    assert ">3</td>" in page.text


def test_a_template_can_be_filled_in(client: TestClient) -> None:
    made = client.get("/ship/file/template.csv")
    assert made.headers["content-type"].startswith("text/csv")
    assert made.text.lstrip("\ufeff").startswith("order_id,")
    assert "Book 1 order" in client.get(upload(client, made.content)).text


def test_the_result_says_what_needs_a_document_and_past_files_are_listed(client: TestClient) -> None:
    ivory = "W-95,carved ivory elephant tusk pendant,1,120,MAD,0.1,Casablanca,MA,Paris,FR\n"
    job = upload(client, HEAD + ivory)
    assert "checked, not booked" in client.get("/ship/file").text
    client.post(f"{job}/book")
    worker.work_off([SHIP_FILE], of_this_home)
    page = client.get(job).text
    assert "Needs a document:" in page
    assert "CITES" in page
    past = client.get("/ship/file").text
    assert job.rpartition("/")[2] in past
    assert "orders.csv" in past


def test_files_of_before_are_a_merchants_own(client: TestClient) -> None:
    token = upload(client, HEAD + GOOD.format(n=96)).rpartition("/")[2]
    assert any(job.token == token for job, _ in jobs.listed(jobs_of(client)))
    assert all(job.token != token for job, _ in jobs.listed("another"))


def jobs_of(client: TestClient) -> str:
    import orjson

    newest = max((settings().home / "web" / "files").iterdir(), key=lambda p: p.stat().st_mtime)
    return str(orjson.loads((newest / "job.json").read_bytes())["merchant"])
