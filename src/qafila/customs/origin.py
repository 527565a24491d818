"""Product-specific rules of origin: read from a file of rule sets, looked up by HS code, said in plain text."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qafila.core.fault import Fault
from qafila.core.message import Message, as_it_is
from qafila.customs import customs_messages as m
from qafila.customs import reading_messages as say
from qafila.customs.schedules import folder

CLASSES = {
    "WO": "wholly obtained",
    "CTH": "change of tariff heading",
    "MAXNOM": "limit on the value of materials",
    "MAXNOM_OM": "non-originating materials not above the originating ones",
    "PRODUCTION FROM": "production from named materials",
    "PROCESSING": "named processing",
    "AH": "from materials of any heading",
    "AH EXCEPT": "from materials of any heading but some",
    "AH INCLUDING": "from materials of any heading, the product's own too",
    "ORIGINATING": "named materials originate",
}


@dataclass(frozen=True, slots=True)
class OriginRule:
    """One way in which a product may originate."""

    text: str
    classes: tuple[str, ...]
    alternative: bool  # "or" to the rule before it


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules for the products of a heading, or of a part of it ("ex")."""

    heading: str
    product: str
    first: str  # 10 digits
    last: str
    rules: tuple[OriginRule, ...]

    @property
    def is_part(self) -> bool:
        """It covers only the products described, not every good of the range."""
        return self.heading.lower().startswith("ex")

    def covers(self, hs: str) -> bool:
        """May it apply to a code, of which fewer digits may be known than it names?"""
        return self.first <= hs.ljust(10, "9") and hs.ljust(10, "0") <= self.last

    @property
    def width(self) -> int:
        """How many codes it spans: the narrower set is the more specific."""
        return int(self.last) - int(self.first)


class OriginRulesError(Fault):
    """A file of origin rules that cannot be read."""


def read_origin_rules(path: Path) -> list[RuleSet]:
    """Rule sets from JSON: {"rule_sets": [{heading, subdivision, min, max, rules: [{rule, class, operator}]}]}.

    Raises OriginRulesError naming the entry."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        entries = data["rule_sets"]
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise OriginRulesError(say.IN_FILE(file=path.name, told=say.NOT_RULE_SETS(why=str(error)))) from error
    found = []
    for number, entry in enumerate(entries, start=1):
        try:
            if entry.get("valid", True):
                found.append(_rule_set(entry))
        except (KeyError, TypeError, AttributeError) as error:
            told = say.ODD_RULE_SET(number=number, what=str(error))
            raise OriginRulesError(say.IN_FILE(file=path.name, told=told)) from error
    return found


def _rule_set(entry: dict[str, Any]) -> RuleSet:
    return RuleSet(
        heading=plain(entry["heading"]),
        product=plain(entry["subdivision"]),
        first=str(entry["min"]).ljust(10, "0"),
        last=str(entry["max"]).ljust(10, "9"),
        rules=tuple(
            OriginRule(plain(r["rule"]), tuple(r.get("class", [])), r.get("operator") == "or")
            for r in entry["rules"]
        ),
    )


def plain(text: str) -> str:
    """Text without its markup: links by their words, entities resolved, lists on lines of their own."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ").replace("**", "")
    text = re.sub(r"(?<=\w)\*|\*(?=\w)", "", text)
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def rules_for(sets: list[RuleSet], hs: str) -> list[RuleSet]:
    """The rule sets that may apply to a code, the most specific first.

    A set for part of a heading ("ex") goes before the whole one; the goods' description decides between them."""
    return sorted((s for s in sets if s.covers(hs)), key=lambda s: (s.width, not s.is_part))


def store_origin_rules(path: Path, agreement: str) -> Path:
    """Keep a file of rules for an agreement in the home folder; it is read first, so a broken one is refused."""
    read_origin_rules(path)
    target = folder() / f"{agreement}.origin.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return target


def loaded_origin_rules(agreement: str) -> list[RuleSet] | None:
    """The rules loaded for an agreement; None where none are."""
    path = folder() / f"{agreement}.origin.json"
    return read_origin_rules(path) if path.is_file() else None


def stored_origin_rules() -> dict[str, list[RuleSet]]:
    """Every file of rules in the home folder, by agreement."""
    return {
        path.name.removesuffix(".origin.json"): read_origin_rules(path)
        for path in sorted(folder().glob("*.origin.json"))
    }


def in_short(sets: list[RuleSet] | None, hs: str) -> Message:
    """The rules of origin for a code in one line, for an offer; says so where none are loaded."""
    if sets is None:
        return m.ORIGIN_NOT_LOADED()
    found = rules_for(sets, hs)
    if not found:
        return m.ORIGIN_NONE(hs=hs)
    first = found[0]
    rule: Message | None = None
    for one in first.rules:
        told = as_it_is(" ".join(one.text.split("\n")))
        rule = told if rule is None else m.EITHER_RULE(first=rule, second=told)
    whole = rule or as_it_is("")
    if len(found) > 1:
        return m.ORIGIN_RULE_OF_SEVERAL(heading=first.heading, rule=whole, count=len(found))
    return m.ORIGIN_RULE(heading=first.heading, rule=whole)
