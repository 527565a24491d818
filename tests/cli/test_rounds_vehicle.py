"""`qafila rounds vehicle`: whose a vehicle is stands until another is said."""

from __future__ import annotations

from typer.testing import CliRunner

from qafila.cli.main import app
from qafila.context import of_this_home
from qafila.core.identifiers.own import new_id
from qafila.delivery import store
from qafila.network.model import Kind
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator
from tests.web.visitors import tenant

RUN = CliRunner()


def test_a_vehicle_keeps_its_carrier_until_it_is_given_back() -> None:
    carrier, id = tenant(TenantKind.CARRIER, "Atlas").id, new_id("veh")
    feed = of_this_home("").network.feed
    station = next(f.id for f in feed.facilities if f.kind is Kind.DELIVERY_STATION)

    def said(*words: str) -> tuple[str, str]:
        done = RUN.invoke(app, ["rounds", "vehicle", station, id, *words])
        assert done.exit_code == 0, done.output
        with administrator() as connection:
            (found,) = [v for v in store.vehicles(connection, station) if v.id == id]
        return found.carrier, found.driver

    assert said("--carrier", carrier) == (carrier, "")
    assert said("--driver", "Amal") == (carrier, "Amal")
    assert said("--carrier", "") == ("", "")
