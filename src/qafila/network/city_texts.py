"""What a text that stands for a town may hold beside the town's name, and how it is taken apart."""

from __future__ import annotations

import re
from collections.abc import Container

from qafila.network.network_places import plain
from qafila.network.postcodes import postcode
from qafila.network.regions import regions_meant

PIECES = re.compile(r"[,،，;/()|]|\s-\s")


def codes_in(country: str, text: str) -> list[str]:
    """What in a text is a postcode of the country that the table has: "04101" in "Portland ME 04101"."""
    words = re.findall(r"[^\s,]*\d[^\s,]*", text)
    pairs = re.findall(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b", text)
    found = [w for w in (*pairs, *words) if len(w.strip("-")) >= _SHORTEST_CODE]
    return [w for w in found if (code := postcode(country, w)).fits and code.places and not code.lost_zeros]


_SHORTEST_CODE = 4


def readings(city: str) -> list[tuple[str, str]]:
    """The text itself, then what is left of it without what people add to a town's name."""
    part = "part of the text"
    found = [(city, "")]
    if in_chinese := _PREFECTURE.search(city):  # 广东省深圳市南山区: province, city, district run together
        found.append((in_chinese[1], "name in the text"))
    for piece in PIECES.split(city):
        found.append((piece, "name in the text"))
        bare = re.sub(
            r"(?i)\b(cedex|city of|greater|ville de|région de|province de|governorate|city|市)\b|\d\w*",
            " ",
            piece,
        )
        found.append((bare, "name in the text"))
        if piece.strip().endswith(("市", "区", "县", "區", "縣")):
            found.append((piece.strip()[:-1], "name in the text"))
        words = bare.split()
        if len(words) > 1 and words[-1].isupper() and len(words[-1]) in (2, 3):  # Portland ME
            found.append((" ".join(words[:-1]), "name in the text"))
        found += [(" ".join(words[:n]), part) for n in range(len(words) - 1, 0, -1)]
        found += [(" ".join(words[n:]), part) for n in range(1, len(words))]
        if "-" in bare:  # two names that an administration joined: Meknès-Tafilalet
            found += [(name, part) for name in bare.split("-")]
    return found


_PREFECTURE = re.compile(r"((?:(?![省区區市县縣県])[\u4e00-\u9fff]){2,7})市")


def run_together(city: str, country: str, names: Container[str]) -> tuple[str, str] | None:
    """The town and what stands before it in a Chinese or Japanese text without gaps: 香港九龙 is Kowloon in Hong Kong,
    東京都新宿区 is Shinjuku in Tokyo.

    Args:
        city: as it was written.
        country: its ISO code.
        names: plain names of the country's towns.

    Returns:
        The town's name and the region before it, which is empty where that is the country. None where the text is not of
        Chinese characters alone, is a name itself, or cannot be taken apart.
    """
    text = re.sub(r"\s", "", city)
    if not _HAN.fullmatch(text):
        return None
    bare = re.sub(r"^(中国|中國|中华人民共和国)(?=.{2})|特别行政[区區]|特別行政[区區]", "", text)
    if bare != text and plain(bare) in names:
        return bare, ""
    for start in range(2, len(bare) - 1):  # the longest name that may stand last
        before, town = bare[:start], bare[start:]
        spellings = (town, f"{town}市", _KIND_OF_TOWN.sub("", town))
        if (known := next((one for one in spellings if plain(one) in names), None)) is None:
            continue
        if _LANDS.get(before) == country:
            return known, ""
        for name in (before, _LAND.sub("", before)):
            if regions_meant(country, name):
                return known, name
    return None


def leading_town(city: str, country: str, names: Container[str]) -> str | None:
    """The longest name of a town with which a Chinese or Japanese text begins that is followed by a part of the town
    which no table has: 香港中环, 江苏苏州工业园区; None where there is none."""
    text = _LAND.sub("", re.sub(r"\s", "", city))
    if not _HAN.fullmatch(re.sub(r"\s", "", city)):
        return None
    for start in range(2, len(text) - 1):
        if regions_meant(country, text[:start]) and (inner := _longest(text[start:], names)):
            return inner
    if town := _longest(text, names):
        return town
    land = _LAND.match(re.sub(r"\s", "", city))
    return land[0] if land and _LANDS[land[0]] == country and plain(land[0]) in names else None


def _longest(text: str, names: Container[str]) -> str | None:
    return next((text[:end] for end in range(len(text), 1, -1) if plain(text[:end]) in names), None)


_HAN = re.compile(r"[\u3400-\u9fff]{4,}")
_LANDS = {"香港": "HK", "澳门": "MO", "澳門": "MO", "台湾": "TW", "臺灣": "TW", "台灣": "TW"}
_LAND = re.compile(rf"^({'|'.join(_LANDS)})(?=.{{2}})")
_KIND_OF_TOWN = re.compile(r"(?<=..)[市区區县縣鎮镇町村]$")
