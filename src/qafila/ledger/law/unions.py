"""Unions of countries whose rules hold beside a country's own."""

from __future__ import annotations

import eu_vat_rates_data as tedb


def unions_of(country: str) -> tuple[str, ...]:
    """The unions that a country (ISO 3166 alpha-2) belongs to, the nearest first."""
    return ("EU",) if tedb.is_eu_member(country) else ()


def standard_vat(country: str) -> tuple[float, str] | None:
    """A member state's standard rate of value added tax in per cent, with its source; None for others."""
    rate = tedb.get_standard_rate(country) if tedb.is_eu_member(country) else None
    return (
        None
        if rate is None
        else (rate, f"Taxes in Europe Database, by eu-vat-rates-data {tedb.data_version}")
    )
