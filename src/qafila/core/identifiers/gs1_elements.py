"""GS1 element strings and Digital Links, held to the rules of GS1's barcode syntax dictionary.

The rules stand in `facts/gs1-ais.csv`: for the application identifiers of logistics, what their data are made of, which
others they need beside them and which they exclude (gs1/gs1-syntax-dictionary, Apache-2.0, read 2026-11-30).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote, unquote, urlsplit

from qafila.core.identifiers import gs1
from qafila.core.identifiers import identifier_messages as m
from qafila.core.identifiers.errors import InvalidNumber

GROUP = "\x1d"
"""FNC1 as readers give it: behind an element of no fixed length."""
_CSET82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*")
_PART = re.compile(r"\[?([NXYZ])(\.\.)?(\d+)((?:,\w+)*)\]?")
_PERCENT = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class Rule:
    """An application identifier: its parts (kind, variable, length, checks, optional), and its company."""

    ai: str
    fixed: bool
    in_link: bool
    parts: tuple[tuple[str, bool, int, tuple[str, ...], bool], ...]
    needs: tuple[str, ...]  # each `req`: alternatives by comma, together by plus
    excludes: tuple[str, ...]
    key: bool  # it may begin a Digital Link
    qualifiers: tuple[str, ...]
    title: str


@cache
def rules() -> Mapping[str, Rule]:
    """Every application identifier that is known here."""
    found = {}
    with (files("qafila") / "facts" / "gs1-ais.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            parts = tuple(
                (
                    part[1],
                    bool(part[2]),
                    int(part[3]),
                    tuple(c for c in part[4].split(",") if c),
                    part[0].startswith("["),
                )
                for part in _PART.finditer(row["spec"])
            )
            told = row["attributes"].split()
            keyed = [a for a in told if a == "dlpkey" or a.startswith("dlpkey=")]
            found[row["ai"]] = Rule(
                row["ai"],
                "*" in row["flags"],
                "?" in row["flags"],
                parts,
                tuple(a[4:] for a in told if a.startswith("req=")),
                tuple(a[3:] for a in told if a.startswith("ex=")),
                bool(keyed),
                tuple(keyed[0][7:].replace("|", ",").split(",")) if keyed and "=" in keyed[0] else (),
                row["title"],
            )
    return found


def checked(elements: Mapping[str, str]) -> dict[str, str]:
    """Elements by application identifier, held to all rules. Raises InvalidNumber, saying which element breaks which."""
    if not elements:
        raise InvalidNumber(m.GS1_NOTHING())
    for ai, data in elements.items():
        rule = rules().get(ai)
        if rule is None:
            raise InvalidNumber(m.GS1_NO_AI(ai=ai))
        _data(rule, data)
    present = set(elements)
    for ai in elements:
        rule = rules()[ai]
        for need in rule.needs:
            if not any(
                all(_any(p, present - {ai}) for p in together.split("+")) for together in need.split(",")
            ):
                said = need.replace(",", ") or (").replace("+", ") with (")
                raise InvalidNumber(m.GS1_NEEDS(ai=ai, title=rule.title, need=said))
        for excluded in rule.excludes:
            for pattern in excluded.split(","):
                if _any(pattern, present - {ai}):
                    raise InvalidNumber(m.GS1_EXCLUDES(ai=ai, title=rule.title, other=pattern))
    return dict(elements)


def _any(pattern: str, present: Iterable[str]) -> bool:
    """Whether one of these is of a pattern, in which n is any digit."""
    return any(
        len(p) == len(pattern) and all(a in (b, "n") or a == b for a, b in zip(pattern, p, strict=True))
        for p in present
    )


def _data(rule: Rule, data: str) -> None:
    rest = data
    for kind, variable, length, checks, optional in rule.parts:
        if not rest and optional:
            return
        part, rest = rest[:length], rest[length:]
        if not part or (len(part) < length and not variable):
            raise InvalidNumber(m.GS1_SHORT(ai=rule.ai, title=rule.title, data=data))
        good = (part.isascii() and part.isdigit()) if kind == "N" else _CSET82.fullmatch(part) is not None
        if not good:
            raise InvalidNumber(m.GS1_CHARACTERS(ai=rule.ai, title=rule.title, data=part))
        for check in checks:
            if not _LINTERS.get(check, _anything)(part):
                told = m.GS1_CHECK if check == "csum" else m.GS1_WRONG
                raise InvalidNumber(told(ai=rule.ai, title=rule.title, data=part))
    if rest:
        raise InvalidNumber(m.GS1_LONG(ai=rule.ai, title=rule.title, data=data))


def _anything(part: str) -> bool:
    return True


def _csum(part: str) -> bool:
    return gs1.check_digit(part[:-1]) == int(part[-1])


def _date(part: str, day_may_be_0: bool) -> bool:
    month, day = int(part[2:4]), int(part[4:6])
    longest = (31, 29 if int(part[:2]) % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and day <= longest[month - 1] and (day > 0 or day_may_be_0)


_LINTERS: Mapping[str, Callable[[str], bool]] = {
    "csum": _csum,
    "yesno": lambda part: part in ("0", "1"),
    "pcenc": lambda part: _PERCENT.fullmatch(part) is not None,
    "iso3166alpha2": lambda part: part.isalpha() and part.isupper(),
    "yymmdd": lambda part: _date(part, False),
    "yymmd0": lambda part: _date(part, True),
    "hhmi": lambda part: part == "9999" or (int(part[:2]) < 24 and int(part[2:]) < 60),
    "latitude": lambda part: int(part) <= 1_800_000_000,
    "longitude": lambda part: int(part) <= 3_600_000_000,
    "hyphen": lambda part: part == "-",
}


def bracketed(elements: Mapping[str, str]) -> str:
    """Elements as people read them, and as encoders take them: (00)… first what has a fixed length. Raises InvalidNumber."""
    told = checked(elements)
    return "".join(f"({ai}){told[ai]}" for ai in sorted(told, key=lambda ai: (not rules()[ai].fixed, ai)))


def parse(text: str) -> dict[str, str]:
    """Elements of what a reader gives: with brackets, or plain with FNC1 (an ASCII 29, a symbology identifier before it
    allowed). Raises InvalidNumber."""
    plain = re.sub(r"^\](C1|d2|Q3|e0|J1)", "", text)
    found: dict[str, str] = {}
    if plain.startswith("("):
        pairs = re.findall(r"\((\d{2,4})\)((?:(?!\(\d{2,4}\)).)+)", plain)
        if "".join(f"({a}){d}" for a, d in pairs) != plain:
            raise InvalidNumber(m.GS1_STRING(text=text[:60]))
    else:
        pairs = list(_split(plain, text))
    for ai, data in pairs:
        if found.setdefault(ai, data) != data:
            raise InvalidNumber(m.GS1_TWICE(ai=ai))
    return checked(found)


def _split(plain: str, text: str) -> Iterable[tuple[str, str]]:
    while plain:
        ai = next((plain[:n] for n in (2, 3, 4) if plain[:n] in rules()), None)
        if ai is None:
            raise InvalidNumber(m.GS1_NO_AI(ai=plain[:4]))
        rest = plain[len(ai) :]
        if rules()[ai].fixed:
            length = sum(p[2] for p in rules()[ai].parts)
            data, plain = rest[:length], rest[length:].removeprefix(GROUP)
        else:
            data, _, plain = rest.partition(GROUP)
        yield ai, data


def digital_link(elements: Mapping[str, str], domain: str = "https://id.gs1.org") -> str:
    """Elements as a GS1 Digital Link: the key in the path, its qualifiers behind it, the rest as the query.

    Raises InvalidNumber, too, where there is no key among them, or one that a link may not carry.
    """
    told = checked(elements)
    key = next((ai for ai in told if rules()[ai].key), None)
    if key is None:
        raise InvalidNumber(m.GS1_KEY())
    path = [(key, told[key]), *((q, told[q]) for q in rules()[key].qualifiers if q in told)]
    inside = {ai for ai, _ in path}
    for ai in told.keys() - inside:
        if not rules()[ai].in_link:
            raise InvalidNumber(m.GS1_NO_PLACE(ai=ai, title=rules()[ai].title))
    query = "&".join(f"{ai}={quote(told[ai], safe='')}" for ai in sorted(told.keys() - inside))
    return domain + "".join(f"/{ai}/{quote(d, safe='')}" for ai, d in path) + (f"?{query}" if query else "")


def parse_link(uri: str) -> dict[str, str]:
    """The elements of a GS1 Digital Link; raises InvalidNumber."""
    told = urlsplit(uri)
    steps = told.path.strip("/").split("/")
    start = next((i for i in range(len(steps)) if steps[i] in rules() and rules()[steps[i]].key), None)
    if start is None or (len(steps) - start) % 2:
        raise InvalidNumber(m.GS1_LINK(text=uri[:80]))
    found = {steps[i]: unquote(steps[i + 1]) for i in range(start, len(steps), 2)}
    for pair in filter(None, told.query.split("&")):
        ai, _, data = pair.partition("=")
        if ai.isdigit():
            found[ai] = unquote(data)
    return checked(found)


def transport(
    sscc: str,
    *,
    name: str = "",
    street: str = "",
    city: str = "",
    postcode: str = "",
    country: str = "",
    route: str = "",
    phone: str = "",
    dangerous: bool | None = None,
    signature: bool | None = None,
    service: str = "",
) -> dict[str, str]:
    """The elements of a transport label (Scan4Transport): SSCC, ship-to, routing code, service, flags.

    Texts are percent-encoded and cut at a whole character where they are too long. Raises InvalidNumber.
    """
    told = {"00": gs1.parse("SSCC", sscc)}
    for ai, text, most in (
        ("4301", name, 35),
        ("4302", street, 70),
        ("4305", city, 70),
        ("4320", service, 35),
    ):
        if text:
            told[ai] = _encoded(text, most)
    if postcode:
        told["420"] = re.sub(r"[^0-9A-Za-z]", "", postcode).upper()[:20]
    if country:
        told["4307"] = country
    if route:
        told["403"] = route[:30]
    if phone:
        told["4308"] = re.sub(r"[^0-9+]", "", phone)[:30]
    if dangerous is not None:
        told["4321"] = str(int(dangerous))
    if signature is not None:
        told["4323"] = str(int(signature))
    return checked({ai: data for ai, data in told.items() if data})


def _encoded(text: str, most: int) -> str:
    made = ""
    for character in text:
        one = "+" if character == " " else quote(character, safe="!\"'()*,-./:;<=>?_" + "&")
        one = "%7E" if one == "~" else one
        if len(made) + len(one) > most:
            break
        made += one
    return made
