from __future__ import annotations

import lzma
from pathlib import Path

from qafila.network import region_file
from qafila.network.region_file import compile_from, regions, towns


def test_the_world_is_in_it() -> None:
    """As of GeoNames' dump that the file was compiled from."""
    assert len(region_file._lines()) == 228
    assert sum(len(regions(country)) for country in region_file._lines()) > 51_000
    maine = next(r for r in regions("US") if r.iso == "US-ME")
    assert (maine.key, maine.name) == ("US.ME", "Maine")
    assert regions("XX") == []


def test_towns_come_back_by_their_numbers() -> None:
    within = {town: region.key for region in regions("IT") for town in towns(region)}
    assert within[2523630] == "IT.03.RC"  # Reggio Calabria
    assert len(within) > 8_000


def test_what_is_compiled_is_what_the_tables_say(tmp_path: Path) -> None:
    for name, text in (
        ("subdivisions", "North\tXX-N\tXX.N\t1\tx\tNord|Norden\t1\nTown\t\tXX.N.1\t2\tx\t\t2\n"),
        ("cities", "A\t70\t1|2\t1\nB\t50\t1|2\t1\nC\t90\t1\t1\nD\t1\t\t1\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.tsv").write_text(text, encoding="utf-8")
    head, *lines = lzma.decompress(compile_from(tmp_path)).decode().splitlines()
    assert head.startswith("#")
    north, town = (region_file._region(line) for line in lines)
    assert (north.key, north.name, north.iso, north.others) == ("XX.N", "North", "XX-N", ("Nord", "Norden"))
    assert ([*towns(north)], [*towns(town)]) == ([90], [50, 70])
