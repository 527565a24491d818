"""Files of cities and matrices as people keep them: read in any order, or refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qafila.planning.matrix import START, BadMatrix, City, read_cities, read_matrix, write_demand

A, B, C = City("Ayla", 37.0, 35.3), City("Bora", 38.4, 27.1), City("Ceren", 39.9, 32.8)
HEAD = "City,Latitude,Longitude\n"


def test_names_come_in_any_order_and_others_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "km.csv"
    file.write_text(
        "\ufeffcity,Ceren,Nowhere,Ayla,Bora\nBora,8,9,6,0\nNowhere,1,1,1,1\nAyla,2,9,0,3\nCeren,0,9,4,7\n"
    )
    assert read_matrix(file, [A, B, C]).tolist() == [[0, 3, 2], [6, 0, 8], [4, 7, 0]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "is empty"),
        (b"city,Ayla,Bora\nAyla,0,1\n", "no full row for Bora"),
        (b"city;Ayla;Bora\nAyla;0;1\nBora;1;0\n", "by commas"),
        (b"city,Ayla,Bora\nAyla,0,nan\nBora,1,0\n", "line 2: 'nan'"),
        (b"city,Ayla,Bora\nAyla,0,1\nBora,inf,0\n", "line 3: 'inf'"),
        (b"city,Ayla,Bora\nAyla,0,-1\nBora,1,0\n", "line 2: '-1'"),
        (b'city,Ayla,Bora\nAyla,0,"1,300"\nBora,1,0\n', "line 2: '1,300'"),
        (b"city,Ayla,Bora\nAyla,0,1\nAyla,0,2\nBora,1,0\n", "line 3: a second row for Ayla"),
        ("city,Ayla,Bora\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_matrix_that_does_not_fit_says_where(text: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "km.csv").write_bytes(text)
    with pytest.raises(BadMatrix, match=says):
        read_matrix(tmp_path / "km.csv", [A, B])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ((HEAD + "Gümüs,37,35\n").encode("latin-1"), "UTF-8"),
        (b"Town,Latitude,Longitude\nAyla,37,35\n", "needs the columns"),
        ((HEAD + "Ayla,37,35\n").encode(), "two cities"),
        ((HEAD + "Ayla,37,35\nAYLA,38,35\n").encode(), "name of its own"),
        ((HEAD + "Ayla,37,35\nBora,137,35\n").encode(), "line 3"),
        ((HEAD + "Ayla,nan,35\nBora,37,35\n").encode(), "line 2"),
        ((HEAD + ",37,35\nBora,37,35\n").encode(), "line 2"),
        ((HEAD + "Ayla,,35\nBora,37\n").encode(), "line 2"),
    ],
)
def test_cities_that_do_not_fit_say_where(text: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_bytes(text)
    with pytest.raises(BadMatrix, match=says):
        read_cities(tmp_path / "cities.csv")


def test_a_flow_to_itself_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    assert write_demand(file, [A, B], np.array([[50.0, 10.0], [30.0, 50.0]]), 400, START) == 2
    assert [line.split(",")[6] for line in file.read_text().splitlines()] == ["parcels", "100", "300"]
    with pytest.raises(BadMatrix, match="no flow"):
        write_demand(file, [A, B], np.diag([5.0, 5.0]), 400, START)
