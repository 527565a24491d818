"""Distances: the model against the great circle, and servers that answer, lie or are away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from qafila.core.geo import great_circle_km
from qafila.delivery import delivery_roads
from qafila.delivery.model import vehicle_kinds
from tests.network.small import small_feed

POINTS = np.array([[45.75 + 0.01 * n, 4.85 - 0.003 * n] for n in range(60)])
VAN = vehicle_kinds()["van"]


class Server(BaseHTTPRequestHandler):
    """OSRM and Valhalla in small: the distance between two points is 1,000 m for each degree of latitude × 100."""

    broken = False

    def do_GET(self) -> None:
        where, _, query = self.path.partition("?")
        points = [tuple(map(float, p.split(","))) for p in where.rsplit("/", 1)[1].split(";")]
        asked = dict(part.split("=") for part in query.split("&"))
        begins, ends = (
            [points[int(i)] for i in asked[name].split(";")] for name in ("sources", "destinations")
        )
        far = [[abs(a[1] - b[1]) * 1e5 for b in ends] for a in begins]
        self.say(
            {"code": "NoTable"}
            if self.broken
            else {"code": "Ok", "distances": far, "durations": [[d / 10 for d in r] for r in far]}
        )

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        rows = [
            [
                {"distance": abs(a["lat"] - b["lat"]) * 100, "time": abs(a["lat"] - b["lat"]) * 1e4}
                for b in asked["targets"]
            ]
            for a in asked["sources"]
        ]
        self.say({"sources_to_targets": rows})

    def say(self, answer: Any) -> None:
        said = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()
    Server.broken = False


def test_the_model_is_the_great_circle_by_the_detour_of_the_feed() -> None:
    found = delivery_roads.between(POINTS, VAN, small_feed(), None)
    assert found.told_by == "model"
    km = great_circle_km(*POINTS[3], *POINTS[40]) * 1.3
    assert found.travel.metres[3, 40] == pytest.approx(1000 * km, abs=1)
    assert found.travel.seconds[3, 40] == pytest.approx(3600 * km / VAN.kmh, abs=1)


@pytest.mark.parametrize("name", ["osrm", "valhalla"])
def test_a_routing_server_is_asked_in_blocks(server: str, name: str) -> None:
    found = delivery_roads.between(POINTS, VAN, small_feed(), f"{name}+{server}")
    assert found.told_by == name
    expected = np.abs(POINTS[:, None, 0] - POINTS[None, :, 0]) * 1e5
    assert np.abs(found.travel.metres - expected).max() <= 1
    assert np.abs(found.travel.seconds - expected / 10).max() <= 1


def test_a_server_that_is_away_or_broken_is_not_waited_for(server: str) -> None:
    Server.broken = True
    assert delivery_roads.between(POINTS[:3], VAN, small_feed(), f"osrm+{server}").told_by == "model"
    assert delivery_roads.between(POINTS[:3], VAN, small_feed(), "osrm+http://127.0.0.1:9").told_by == "model"
    assert delivery_roads.between(POINTS[:3], VAN, small_feed(), "osrm+file:///etc/passwd").told_by == "model"
