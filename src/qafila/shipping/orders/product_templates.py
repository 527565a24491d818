"""Goods that small firms send most, with what a form asks of them: code, weight and size, to begin from and to change."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ProductTemplate:
    """One kind of goods; `names` by language. Weight in grams and sides in cm are of one piece, packed."""

    id: str
    hs: str
    grams: int
    sides_cm: tuple[int, int, int]
    names: dict[str, str]

    def fields(self, language: str) -> dict[str, str]:
        """What it fills in of the form for a parcel."""
        length, width, height = map(str, self.sides_cm)
        return {
            "title": self.names[language],
            "hs": self.hs,
            "weight_kg": f"{self.grams / 1000:g}",
            "length_cm": length,
            "width_cm": width,
            "height_cm": height,
        }


@cache
def every() -> dict[str, ProductTemplate]:
    """All templates, by id."""
    with (files("qafila") / "facts" / "product-templates.csv").open(encoding="utf-8") as lines:
        return {
            row["id"]: ProductTemplate(
                row["id"],
                row["hs"],
                int(row["grams"]),
                (int(row["length_cm"]), int(row["width_cm"]), int(row["height_cm"])),
                {code: row[code] for code in ("en", "fr", "ar", "zh")},
            )
            for row in csv.DictReader(lines)
        }
