"""From the booking to the release: what customs do is in the parcel's history, wherever it is read."""

from __future__ import annotations

from typer.testing import CliRunner

from qafila.clearance.lifecycle import State
from qafila.cli.tracking.track_commands import app
from qafila.context import Context
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
