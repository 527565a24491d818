"""A carrier joins by API and by page, is told each problem by its row, and changes nothing that is somebody else's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from qafila.carriers import feeds
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.network import installed
from qafila.network.feed import write
from qafila.network.network_joining import BROUGHT
from qafila.network.network_report import FeedErrors
from qafila.openness import auditing, openness_recording, sequencing
from qafila.openness import store as log
from qafila.runtime.accounts import service
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import Role, acting_as, administrator
from qafila.web.portal import create_app
from tests.api.conftest import MONDAY, RULES
from tests.network.small import small_feed
from tests.network.test_network_joining import brought
from tests.openness.logs import fresh_log
from tests.web.visitors import HERE, member, signed_in, tenant


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A network of this test's own, and a log."""
    monkeypatch.setattr(installed, "_home", lambda: tmp_path / "network")
    installed.install(small_feed())
    with fresh_log(tmp_path, monkeypatch):
        yield tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.glob("*.csv") if one.name != "feed.csv"}


def key_of(carrier: str) -> str:
    with administrator() as connection:
        return service.issue_key(connection, RIGHTS, carrier, ["carriers:write", "carriers:read"])[1]


def client_of(home: Path) -> TestClient:
    app = create_app(lambda: Context(installed.network(), RULES).at(MONDAY))
    client = TestClient(app, follow_redirects=False)
    client.headers.update(HERE)
    return client


def test_by_api_it_joins_is_told_its_problems_and_leaves(home: Path) -> None:
    atlas = tenant(TenantKind.CARRIER, "Atlas").id
    client, sent = client_of(home), files(brought(home / "f"))
    head = {"authorization": f"Bearer {key_of(atlas)}"}
    told = {"files": {name: content.decode() for name, content in sent.items()}}
    checked = client.put("/api/v1/carriers/feed?check=true", json=told, headers=head)
    assert checked.json() == {"rows": {"rates": 1, "services": 1, "calls": 3, "capacities": 2}, "network": ""}
    assert installed.feed() == small_feed()
    joined = client.put("/api/v1/carriers/feed", json=told, headers=head)
    assert joined.status_code == 200, joined.text
    assert {s.id: s.operator for s in installed.feed().services}["AT-FLY"] == atlas
    with zipfile.ZipFile(io.BytesIO(client.get("/api/v1/carriers/feed", headers=head).content)) as packed:
        again = feeds.files_of({"own.zip": _zipped({n: packed.read(n) for n in packed.namelist()})})
    before = installed.feed()
    feeds.bring(atlas, again, MONDAY)
    assert installed.feed() == before  # what it takes out it can bring again
    told["files"]["calls.csv"] = told["files"]["calls.csv"].replace("AT-FLY,3", "FLY,9")
    wrong = client.put("/api/v1/carriers/feed", json=told, headers=head)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"].startswith("#/files/calls.csv/4/")
    assert client.delete("/api/v1/carriers/feed", headers=head).json() == {"services": 1}
    assert installed.feed() == small_feed()
    assert client.delete("/api/v1/carriers/feed", headers=head).status_code == 409
    with acting_as(Role.OPERATOR) as connection:
        kinds = [one.kind for one in log.about(connection, atlas)]
    assert kinds == ["carriers.feed"] * 3  # joined twice, left: everybody can read it
    sequencing.integrate(MONDAY)
    with acting_as(Role.OPERATOR) as connection:
        assert auditing.audit(connection, sequencing.folder(), openness_recording.keys().keys) == []


def _zipped(of: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in of.items():
            made.writestr(name, content)
    return out.getvalue()


def test_by_page_it_joins_with_a_zip(home: Path) -> None:
    atlas = tenant(TenantKind.CARRIER, "Atlas").id
    client = signed_in(client_of(home), member(atlas, "dispatcher"))
    packed = _zipped(files(brought(home / "f")))
    checked = client.post("/carriers/feed", files={"files": ("feed.zip", packed)}, data={"check": "1"})
    assert checked.status_code == 200
    assert "services.csv: 1" in checked.text
    assert client.post("/carriers/feed", files={"files": ("feed.zip", packed)}).status_code == 303
    assert "AT-FLY" in {s.id for s in installed.feed().services}
    assert "1 services of yours" in client.get("/carriers").text
    refused = client.post("/carriers/feed", files={"files": ("feed.zip", packed[:-40])})
    assert refused.status_code == 422
    bad = _zipped({**files(brought(home / "f")), "rates.csv": b"id,currency\nAT-AIR,\n"})
    refused = client.post("/carriers/feed", files={"files": ("feed.zip", bad)})
    assert "rates.csv" in refused.text
    assert client.post("/carriers/leave").status_code == 303
    assert installed.feed() == small_feed()


def test_others_may_not_and_the_hub_sees_who_carries(home: Path) -> None:
    hub, souk = tenant(TenantKind.HUB, "Hub").id, tenant().id
    with administrator() as connection:
        secret = service.issue_key(connection, RIGHTS, souk)[1]
    client = client_of(home)
    denied = client.put(
        "/api/v1/carriers/feed", json={"files": {}}, headers={"authorization": f"Bearer {secret}"}
    )
    assert denied.status_code == 403
    pages = signed_in(client_of(home), member(hub))
    assert pages.get("/carriers").status_code == 200
    assert pages.post("/carriers/leave").status_code == 403


def test_what_others_run_and_emit_is_theirs(home: Path) -> None:
    """A day struck out of a rival's calendar, a mode's emissions, a rival's rates, hours and facilities."""
    feed = small_feed()
    service = next(s for s in feed.services if s.id == "FLY")
    attacks = {
        "calendar_dates.csv": f"calendar,on,runs\n{service.calendar},2026-03-24,0\n",
        "emissions.csv": "mode,vehicle,g_per_tkm,detour_factor,extra_km,valid_from,valid_to,source,confidence\nair,,9999,1,0,2020-01-01,,x,low\n",
    }
    rival = replace(feed.rates[0], per_kg=feed.rates[0].per_kg + 99)
    place = replace(feed.facilities[0], handling_fee=feed.facilities[0].handling_fee + 99)
    write(replace(feed, rates=(rival,), facilities=(place,)), home / "rival")
    attacks |= {"facilities.csv": (home / "rival" / "facilities.csv").read_text()}
    for name, content in attacks.items():
        sent = files(brought(home / name)) | {name: content.encode()}
        with pytest.raises(FeedErrors, match=r"yours|you bring|has this id already"):
            feeds.bring(tenant(TenantKind.CARRIER, "Pirate").id, feeds.files_of(sent), MONDAY)
    sent = files(brought(home / "rates"))
    sent["rates.csv"] += (home / "rival" / "rates.csv").read_bytes().split(b"\n", 1)[1]
    with pytest.raises(FeedErrors, match="has this id already"):
        feeds.bring(tenant(TenantKind.CARRIER, "Pirate").id, sent, MONDAY)
    assert installed.feed() == feed


def test_a_facility_of_its_own_may_change_when_it_joins_again(home: Path) -> None:
    atlas = tenant(TenantKind.CARRIER, "Atlas").id
    feed = small_feed()
    own = replace(feed.facilities[0], id="AT-DEPOT", name="Depot", gln="", iata="", unlocode="")
    write(replace(feed, facilities=(own,)), home / "one")
    sent = files(brought(home / "f")) | {"facilities.csv": (home / "one" / "facilities.csv").read_bytes()}
    feeds.bring(atlas, sent, MONDAY)
    feeds.bring(atlas, sent, MONDAY)
    write(replace(feed, facilities=(replace(own, handling_minutes=own.handling_minutes + 5),)), home / "two")
    sent["facilities.csv"] = (home / "two" / "facilities.csv").read_bytes()
    feeds.bring(atlas, sent, MONDAY)
    assert installed.feed().facility["AT-DEPOT"].handling_minutes == own.handling_minutes + 5
    rif = tenant(TenantKind.CARRIER, "Rif").id
    feeds.bring(rif, sent | files(brought(home / "g", "RF-")), MONDAY)  # as it is, it may be said again
    sent["facilities.csv"] = (home / "one" / "facilities.csv").read_bytes()
    with pytest.raises(FeedErrors, match="has this id already"):  # and is no more its own for that
        feeds.bring(rif, sent | files(brought(home / "g", "RF-")), MONDAY)


def test_two_at_once_are_both_in(home: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    carriers = [
        (tenant(TenantKind.CARRIER, n).id, files(brought(home / n, f"{n}-")))
        for n in ("A1", "A2", "A3", "A4")
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: feeds.bring(*one, MONDAY), carriers))
    assert {f"{n}-FLY" for n in ("A1", "A2", "A3", "A4")} <= {s.id for s in installed.feed().services}


def test_a_zip_is_not_taken_for_more_than_it_may_be() -> None:
    bomb = _zipped({"services.csv": b"0" * (feeds.MOST + 1)})
    assert len(bomb) < feeds.MOST
    for uploads in ({"x.zip": bomb}, {"x.zip": b"PK"}, {}, {"../../etc/passwd": b"x"}, {"feed.csv": b"x"}):
        with pytest.raises(Exception, match=r"larger|cannot be read|No file|is no file"):
            feeds.files_of(uploads)
    assert set(feeds.files_of({"a/b/rates.csv": b"x"})) == {"rates.csv"}
    assert "rates" in BROUGHT
