"""The gate before build-up: what may not be loaded for reasons of security or law, whatever room there is."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from qafila.air import air_messages
from qafila.core.message import Message

SECURE = frozenset({"SPX", "SCO"})
"""Security statuses with which goods may fly on an all-cargo aircraft (Regulation (EU) 2015/1998, annex 6.3.2.6)."""
HIGH_RISK = "SHR"
METHODS = frozenset({"PHS", "VCK", "XRY", "EDS", "RES", "FRD", "EDD", "ETD", "CMD", "AOM"})
"""Screening methods by their codes in a consignment security declaration."""
HIGH_RISK_METHODS = 2
"""High-risk cargo is screened by at least two of them (annex 6.7)."""
EXEMPT_OR_KNOWN = frozenset({"KC", "AC", "RA"})
"""Received from a known consignor, an account consignor or a regulated agent, who secured it."""


@dataclass(frozen=True, slots=True)
class Security:
    """What a consignment security declaration says: status, who secured it, how it was screened, and its number."""

    status: str = ""
    received_from: str = ""
    methods: tuple[str, ...] = ()
    declaration: str = ""


@dataclass(frozen=True, slots=True)
class Dangerous:
    """Dangerous goods as a shipper declares them; `charge` is the state of charge of batteries in %."""

    un: str
    name: str = ""
    hazard: str = ""  # class or division
    instruction: str = ""  # packing instruction
    group: str = ""
    net: str = ""  # quantity and its unit
    charge: int | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """What is known of a lot beside its size and weight. `hold` is an authority's word not to load it; `undeclared` are
    dangerous goods by the order's words that no shipper's declaration is there for."""

    security: Security = Security()
    hold: str = ""
    dangerous: Dangerous | None = None
    undeclared: str = ""


@dataclass(frozen=True, slots=True)
class Lithium:
    """A packing instruction for lithium batteries, and the state of charge in % it allows; None where it sets none."""

    un: str
    instruction: str
    charge: int | None
    since: date


def refused(papers: Papers, day: date) -> tuple[Message, Message] | None:
    """Why something may not be built up on a day, and what would change it; None where nothing speaks against it."""
    if papers.hold:
        return air_messages.DO_NOT_LOAD(authority=papers.hold), air_messages.ASK_AUTHORITY(
            authority=papers.hold
        )
    if papers.undeclared:
        return air_messages.UNDECLARED(goods=papers.undeclared), air_messages.DECLARE_DANGEROUS()
    security = papers.security
    if not security.declaration or not security.status:
        return air_messages.NO_DECLARATION(), air_messages.DECLARE()
    known = [m for m in security.methods if m in METHODS]
    if security.status == HIGH_RISK:
        if len(set(known)) < HIGH_RISK_METHODS:
            return air_messages.HIGH_RISK(), air_messages.SCREEN_TWICE()
    elif security.status not in SECURE:
        return air_messages.NOT_SECURE(status=security.status), air_messages.SCREEN()
    elif security.received_from not in EXEMPT_OR_KNOWN and not known:
        return air_messages.NOT_SCREENED(), air_messages.SCREEN()
    return _lithium(papers.dangerous, day) if papers.dangerous else None


def _lithium(goods: Dangerous, day: date) -> tuple[Message, Message] | None:
    rules = [rule for rule in lithium() if rule.un == goods.un]
    if not rules:
        return None
    mine = [rule for rule in rules if rule.instruction == goods.instruction]
    if not mine:
        given = goods.instruction or "?"
        right = ", ".join(rule.instruction for rule in rules)
        return air_messages.WRONG_INSTRUCTION(un=goods.un, given=given), air_messages.RIGHT_INSTRUCTION(
            right=right
        )
    for rule in mine:
        if (
            rule.charge is not None
            and day >= rule.since
            and (goods.charge is None or goods.charge > rule.charge)
        ):
            return (
                air_messages.TOO_CHARGED(un=goods.un, instruction=rule.instruction, most=rule.charge),
                air_messages.DISCHARGE(most=rule.charge),
            )
    return None


@cache
def lithium() -> tuple[Lithium, ...]:
    """The packing instructions for lithium batteries, from lithium.csv."""
    text = (files("qafila.air") / "lithium.csv").read_text(encoding="utf-8")
    return tuple(
        Lithium(
            row["un"],
            row["instruction"],
            int(row["charge"]) if row["charge"] else None,
            date.fromisoformat(row["since"]),
        )
        for row in csv.DictReader(text.splitlines())
    )
