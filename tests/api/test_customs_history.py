"""From the booking to the release: what customs do is in the parcel's history, wherever it is read."""

from __future__ import annotations

from typer.testing import CliRunner

from qafila.clearance.lifecycle import State
from qafila.cli.tracking.track_commands import app
from qafila.context import Context
from qafila.core.identifiers.own import new_id
from qafila.runtime.database import administrator
from qafila.shipping.declaring import open_missing
from tests.api.conftest import Clock, Login, booked

CUSTOMS = ("customs_presented", "customs_held", "customs_released")


def test_the_desk_writes_the_parcels_history(login: Login, surroundings: Context, moment: Clock) -> None:
    souk = login()
    number = booked(souk)["parcels"][0]
    with administrator() as connection:
        (merchant,) = connection.exec_driver_sql(
            "SELECT merchant_id FROM parcels WHERE number = %s", (number,)
        ).one()
        assert (
            open_missing(connection, surroundings.of(merchant), "clerk") == 2
        )  # export from MA, import into the EU
        assert open_missing(connection, surroundings.of(merchant), "clerk") == 0
    drafts = [d for d in souk.get("declarations").json() if d["parcel"] == number]
    export = next(d["id"] for d in drafts if d["procedure"] == "export")
    told = souk.get(f"declarations/{export}").json()
    lacking = {t["subject"] for t in told["todos"] if t["kind"] == "field"}
    assert lacking  # the order does not say all that a DUM asks
    assert souk.post(f"declarations/{export}/advance").status_code == 409
    assert not [e for e in souk.get(f"parcels/{number}/events").json() if e["type"] in CUSTOMS]
    mended = souk.patch(f"declarations/{export}", json={field: _filled(field) for field in lacking})
    assert mended.json()["todos"] == [], mended.text
    state = ""
    for _ in range(4):  # the draw may send it to inspection
        moment.later(minutes=10)
        state = souk.post(f"declarations/{export}/advance").json()["state"]
        if state == State.RELEASED.value:
            break
    assert state == "released"
    events = [e for e in souk.get(f"parcels/{number}/events").json() if e["type"] in CUSTOMS]
    assert (events[0]["type"], events[-1]["type"]) == ("customs_presented", "customs_released")
    # UPU's codes of the export side; what is said of the papers moves the parcel nowhere
    assert (events[0]["upu"], events[-1]["upu"]) == ("EXA", "EXC")
    assert {e["facility"] for e in events} == {None}
    told = souk.get(f"parcels/{number}/epcis").json()["epcisBody"]["eventList"]
    assert [e["qafila:upuEvent"] for e in told if e["qafila:type"] == "customs_released"] == ["EXC"]
    shown = CliRunner().invoke(app, [number])
    assert shown.exit_code == 0, shown.output
    assert "customs" in shown.output.casefold()


def _filled(field: str) -> str:
    return {"exporter.number": "001561191000066", "declarant.number": "001561191000066"}.get(
        field, "Casablanca"
    )


def test_a_hit_is_decided_by_a_hubs_key_alone_and_once(login: Login, surroundings: Context) -> None:
    souk, hub = login(), login("screening:decide", "customs:read")
    number = booked(souk)["parcels"][0]
    hit = new_id("hit")
    with administrator() as connection:
        (merchant,) = connection.exec_driver_sql(
            "SELECT merchant_id FROM parcels WHERE number = %s", (number,)
        ).one()
        open_missing(connection, surroundings.of(merchant), "clerk")
        (id,) = connection.exec_driver_sql(
            "INSERT INTO screening_hits (merchant_id, hit_id, declaration_id, role, party_name, list_id, listed_id, "
            "listed_name, score, reason) SELECT merchant_id, %s, declaration_id, 'importer', 'P', 'l', '1', 'X', 1, '\"same\"' "
            "FROM declarations WHERE parcel = %s LIMIT 1 RETURNING declaration_id",
            (hit, number),
        ).one()
    said = {"verdict": "cleared", "why": "born in 1990"}
    assert souk.post(f"declarations/{id}/hits/{hit}", json=said).status_code == 403
    assert hub.post(f"declarations/{id}/hits/hit_x", json=said).status_code == 404
    assert hub.post(f"declarations/{id}/hits/{hit}", json={**said, "by": "The President"}).status_code == 422
    assert hub.post(f"declarations/{id}/hits/{hit}", json={**said, "why": " "}).status_code == 422
    answer = hub.post(f"declarations/{id}/hits/{hit}", json=said)
    assert answer.status_code == 200, answer.text
    (decided,) = answer.json()["hits"]
    assert decided["verdict"] == "cleared"
    assert decided["decided_by"].startswith("Souk (key_")
    assert hub.post(f"declarations/{id}/hits/{hit}", json=said).status_code == 409
