"""Layouts of national schedules that are known by name (rules/presets.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files

from qafila.customs.rule_reading import read_toml


@dataclass(frozen=True, slots=True)
class Preset:
    """A usual layout: which columns hold what, for a schedule of some authority."""

    columns: Mapping[str, str]  # our field or the code of a charge -> header in the file
    third_country: frozenset[str] = frozenset()  # values of measure_type that mean the general rate
    preferential: frozenset[str] = frozenset()  # values of measure_type that mean a preference
    against: Mapping[str, str] = field(
        default_factory=dict
    )  # value of measure_type -> code of a charge against goods of one origin
    agreements: Mapping[str, str] = field(
        default_factory=dict
    )  # origin, or its mark in `special` -> agreement
    edition: str = "HS2022"
    staging: str | None = None  # column pattern with {year}, of a preference that falls year by year
    staging_agreement: str = ""
    staging_from: date | None = None
    about: str = ""


def presets() -> dict[str, Preset]:
    """The layouts that are known, by name (rules/presets.toml)."""
    data = read_toml(files("qafila.customs") / "rules" / "presets.toml")
    return {
        name: Preset(
            columns=p["columns"],
            third_country=frozenset(p.get("third_country", [])),
            preferential=frozenset(p.get("preferential", [])),
            against=p.get("against", {}),
            agreements=p.get("agreements", {}),
            edition=p.get("edition", "HS2022"),
            staging=p.get("staging"),
            staging_agreement=p.get("staging_agreement", ""),
            staging_from=p.get("staging_from"),
            about=p["about"],
        )
        for name, p in data.items()
    }
