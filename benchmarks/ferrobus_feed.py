"""A Timetable as ferrobus reads it: GTFS, and an OpenStreetMap street so long that nobody walks to another stop."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from qafila.network.timetable import Timetable

_APART = 1.0  # degrees between stops: far beyond walking


def positions(nodes: int) -> list[tuple[float, float]]:
    """Latitude and longitude of each node on a grid."""
    side = int(np.ceil(np.sqrt(nodes)))
    return [(n // side * _APART - 25.0, n % side * _APART - 25.0) for n in range(nodes)]


def write_gtfs(t: Timetable, folder: Path) -> None:
    """Each ride is a trip of two stops, on one service day; a pair of nodes is a route."""
    folder.mkdir(parents=True)
    files = {
        "agency": ["agency_id,agency_name,agency_url,agency_timezone", "A,A,http://example.org,UTC"],
        "calendar": [
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
            "S,1,1,1,1,1,1,1,20261101,20261231",
        ],
        "stops": ["stop_id,stop_name,stop_lat,stop_lon"],
        "routes": ["route_id,agency_id,route_short_name,route_type"],
        "trips": ["route_id,service_id,trip_id"],
        "stop_times": ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"],
    }
    for n, (lat, lon) in enumerate(positions(t.nodes)):
        files["stops"].append(f"{n},N{n},{lat:.6f},{lon:.6f}")
    pairs = sorted(set(zip(t.ride_from.tolist(), t.ride_to.tolist(), strict=True)))
    files["routes"] += [f"{a}-{b},A,{a}-{b},3" for a, b in pairs]
    columns = (t.ride_from, t.ride_to, t.ride_board_by, t.ride_ready_at)
    for trip, (a, b, board, ready) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        files["trips"].append(f"{a}-{b},S,{trip}")
        files["stop_times"].append(f"{trip},{_clock(board)},{_clock(board)},{a},1")
        files["stop_times"].append(f"{trip},{_clock(ready)},{_clock(ready)},{b},2")
    for name, lines in files.items():
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


SECONDS = 5
"""A minute of ours is so many seconds of theirs: ferrobus reads no hour above 99, and a sailing takes weeks."""


def _clock(minute: int) -> str:
    seconds = minute * SECONDS
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def write_streets(nodes: int, path: Path) -> None:
    """One footpath past all stops, far apart, as OSM PBF (uncompressed blocks): only joined streets count."""
    ids, lats, lons, ways = [], [], [], []
    for n, (lat, lon) in enumerate(positions(nodes)):
        for end in (0, 1):
            ids.append(2 * n + end + 1)
            lats.append(round((lat + end * 0.0002) * 1e7))
            lons.append(round(lon * 1e7))
        refs = _packed([2 * n + 1, 1] + ([1] if n + 1 < nodes else []), True)  # and on to the next stop
        ways.append(_bytes(3, _int(1, n + 1) + _bytes(2, b"\x01") + _bytes(3, b"\x02") + _bytes(8, refs)))
    dense = b"".join(_bytes(f, _packed(_steps(v), True)) for f, v in ((1, ids), (8, lats), (9, lons)))
    strings = _bytes(1, b"".join(_bytes(1, s) for s in (b"", b"highway", b"footway")))
    block = strings + _bytes(2, _bytes(2, dense)) + _bytes(2, b"".join(ways))
    header = _bytes(4, b"OsmSchema-V0.6") + _bytes(4, b"DenseNodes")
    path.write_bytes(_blob(b"OSMHeader", header) + _blob(b"OSMData", block))


def _blob(kind: bytes, data: bytes) -> bytes:
    blob = _bytes(1, data) + _int(2, len(data))
    head = _bytes(1, kind) + _int(3, len(blob))
    return struct.pack(">I", len(head)) + head + blob


def _steps(values: list[int]) -> list[int]:
    return [b - a for a, b in zip([0, *values[:-1]], values, strict=True)]


def _packed(values: list[int], signed: bool) -> bytes:
    return b"".join(_varint((v << 1) ^ (v >> 63) if signed else v) for v in values)


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
