"""A maker's lockers behind HTTP, against a server of our own: told, opened, cleared; slow, broken, gone, or leading elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qafila.core.fault import Conflict, Fault
from qafila.delivery import delivery_points, handing_out, http_lockers, lockers, wishes
from qafila.delivery.http_lockers import HttpLocker, LockerAway
from qafila.delivery.model import State
from qafila.runtime.database import administrator
from qafila.runtime.settings import settings
from tests.delivery.stations import SOURCE, Station

NO_HTTP = 1
"""Stands for an answer that is no HTTP at all."""


class Maker:
    """A maker's server: the codes of its compartments, which doors it opened, and what it answers."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.opened: list[str] = []
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.answer = 204
        maker = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                door, what = self.path.rsplit("/", 1)
                maker.tokens.add(self.headers.get("authorization", ""))
                maker.asked.append(f"{self.command} {door}")
                if maker.answer == NO_HTTP:
                    self.wfile.write(b"LOCKED\r\n\r\n")
                    self.close_connection = True
                    return
                if maker.answer < 300:
                    if what == "open":
                        maker.opened.append(door)
                    elif self.command == "POST":
                        maker.codes[door] = json.loads(body)["code"]
                    else:
                        maker.codes.pop(door, None)
                self.send_response(maker.answer)
                self.send_header("location", "http://127.0.0.1:9/")
                self.send_header("content-length", "0")
                self.end_headers()

            do_POST = do_DELETE = _do

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.address = f"http://:s3cret@127.0.0.1:{self._server.server_port}/api"

    def close(self) -> None:
        """Gone from then on."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    made = Maker()
    monkeypatch.setenv("QAFILA_LOCKERS", json.dumps({"smart": made.address}))
    settings.cache_clear()
    yield made
    monkeypatch.undo()
    settings.cache_clear()
    made.close()


def at_point(station: Station, **more: str) -> str:
    """A parcel that its buyer wants at the locker."""
    with administrator() as connection:
        delivery_points.put_compartments(
            connection, [delivery_points.Compartment(station.point, "C 1/ü", (200, 200, 200), "smart")]
        )
    number = station.parcel(**more)
    station.plan()
    wishes.wish(station.context, station.delivery(number).token, "point", point=station.point)
    return number


def test_a_code_is_told_the_door_opened_once_and_the_code_taken_back(maker: Maker) -> None:
    station = Station()
    number = at_point(station, cash="20.00")
    door = f"/api/{station.point}/C%201%2F%C3%BC"
    code = maker.codes[door]
    station.do("leave", parcel=number, left="locker", photo="/9j/2Q==")
    act = station.act(f"{station.id}:fetch")
    with pytest.raises(Fault):  # nothing is opened before it is paid
        handing_out.hand_out(station.context, station.act(), SOURCE, station.point, code)
    assert maker.opened == []
    for _ in range(2):
        handing_out.hand_out(station.context, act, SOURCE, station.point, code, collected="20.00")
    assert maker.opened == [door]
    assert maker.codes == {}
    assert maker.tokens == {"Bearer s3cret"}
    assert station.delivery(number).state is State.DELIVERED


@pytest.mark.parametrize("answer", [302, 404, 409, 500, 503])
def test_a_door_that_does_not_open_hands_nothing_out_and_is_tried_again(maker: Maker, answer: int) -> None:
    station = Station()
    number = at_point(station)
    station.do("leave", parcel=number, left="locker", photo="/9j/2Q==")
    code = next(iter(maker.codes.values()))
    maker.answer = answer
    act = station.act(f"{station.id}:fetch")
    with pytest.raises(LockerAway, match=str(answer)):
        handing_out.hand_out(station.context, act, SOURCE, station.point, code)
    assert station.delivery(number).state is State.AT_POINT
    maker.answer = 204
    handing_out.hand_out(station.context, act, SOURCE, station.point, code)
    assert station.delivery(number).state is State.DELIVERED
    assert len(maker.opened) == 1


def test_a_maker_that_is_gone_takes_no_parcel_and_keeps_none_from_leaving(maker: Maker) -> None:
    station = Station()
    number = at_point(station)
    maker.close()
    other = station.parcel()
    station.plan()
    with pytest.raises(Conflict):  # the one compartment is taken, and no other is told
        wishes.wish(station.context, station.delivery(other).token, "point", point=station.point)
    wishes.wish(
        station.context, station.delivery(number).token, "door"
    )  # its code stays where nobody listens
    with administrator() as connection:
        assert delivery_points.standing(connection, number) is None
    with pytest.raises(LockerAway):
        wishes.wish(station.context, station.delivery(number).token, "point", point=station.point)
    with administrator() as connection:
        assert delivery_points.standing(connection, number) is None


def test_an_answer_that_is_no_http_counts_as_away(maker: Maker) -> None:
    maker.answer = NO_HTTP
    with pytest.raises(LockerAway, match="BadStatusLine"):
        HttpLocker(maker.address).open("P", "C1")


def test_a_locker_that_is_away_is_waited_for_once_in_a_sweep(maker: Maker) -> None:
    station = Station()
    numbers = [at_point(station)]
    with administrator() as connection:
        delivery_points.put_compartments(
            connection, [delivery_points.Compartment(station.point, "C2", (200, 200, 200), "smart")]
        )
    numbers.append(at_point(station, line1="9 rue Neuve"))
    with administrator() as connection:
        stays = [delivery_points.standing(connection, number) for number in numbers]
        assert {stay.compartment for stay in stays if stay is not None} == {"C 1/ü", "C2"}
        maker.answer, maker.asked[:] = 503, []
        delivery_points.run_out(connection, max(stay.reserved_until for stay in stays if stay is not None))
        assert [delivery_points.standing(connection, number) for number in numbers] == [None, None]
    assert len(maker.asked) == 1


def test_a_slow_maker_counts_as_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), BaseHTTPRequestHandler
    ) as silent:  # takes the line and says nothing
        monkeypatch.setattr(http_lockers, "_PATIENCE", 0.05)
        with pytest.raises(LockerAway):
            HttpLocker(f"http://127.0.0.1:{silent.server_port}").open("P", "C1")


def test_a_maker_that_the_settings_name_no_more_opens_nothing() -> None:
    with pytest.raises(LockerAway, match="elsewhere"):
        lockers.of("elsewhere").open("P", "C1")
    with pytest.raises(Fault, match="elsewhere"), administrator() as connection:
        delivery_points.put_compartments(
            connection, [delivery_points.Compartment("P", "C1", (1, 1, 1), "elsewhere")]
        )
