"""Foreign schedules: rates override the indicative ones, bad rows are named, editions never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from qafila.customs.correlation import read_correlation, store_correlation
from qafila.customs.importing import ColumnsError, Imported, Staging, import_schedule, take_schedule
from qafila.customs.presets import presets
from qafila.customs.rulebook import rulebook
from qafila.customs.schedules import Origin, folder
from tests.customs.cases import amounts, consignment, due, goods


@pytest.fixture
def _clean() -> Iterator[None]:
    yield
    for path in folder().glob("*"):
        path.unlink()


def take(
    path: Path,
    territory: str,
    columns: Mapping[str, str] | None = None,
    preset: str = "",
    staging: Staging | None = None,
    **of: Any,
) -> Imported:
    origin = Origin(territory, "gazette", "", date(2026, 1, 1), "official", date(2026, 11, 23), path.name)
    result, _ = take_schedule(rulebook(), path, replace(origin, **of), columns or {}, preset, staging)
    return result


def write(tmp_path: Path, text: str, name: str = "tariff.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.usefixtures("_clean")
def test_a_national_schedule_overrides_the_indicative_rates_from_its_day(tmp_path: Path) -> None:
    path = write(tmp_path, "code;libelle;di;tva\n6109100000;T-shirts;17,5;10\n6110;Pull-overs;free;20\n")
    result = take(path, "MA", columns={"hs": "code", "description": "libelle", "rate": "di", "TVA": "tva"})
    assert (result.rows, result.accepted, len(result.lines)) == (2, 2, 4)
    # 17.5 % of 1000; TPI 2.50; TVA 10 % of 1177.50 = 117.75
    answer = due(consignment("MA", goods("610910", "1000 MAD"), freight="0 MAD"))
    assert amounts(answer) == {"DI": "175.00", "TPI": "2.50", "TVA": "117.75"}
    duty = answer.charges[0]
    assert duty.rule.confidence == "official"
    assert "gazette" in str(duty.rule.source)
    assert not any("indicative" in str(w) for w in answer.warnings)
    assert amounts(due(consignment("MA", goods("611020", "1000 MAD"), freight="0 MAD")))["DI"] == "0.00"
    # the day before it, and goods that it does not name: the indicative table as before
    before = consignment("MA", goods("610910", "1000 MAD"), freight="0 MAD", on="2025-12-31")
    assert amounts(due(before))["DI"] == "300.00"
    assert amounts(due(consignment("MA", goods("711719", "1000 MAD"), freight="0 MAD")))["DI"] == "300.00"


@pytest.mark.usefixtures("_clean")
def test_six_digits_over_several_national_lines_take_the_highest_and_say_the_range(tmp_path: Path) -> None:
    path = write(tmp_path, "code,duty\n6109100010,5\n6109100090,20\n")
    take(path, "EG", columns={"hs": "code", "rate": "duty"})
    open_code = due(consignment("EG", goods("610910", "1000 EGP"), freight="0 EGP"))
    assert amounts(open_code)["CD"] == "200.00"
    assert any("2 national lines from 5 % to 20 %" in str(w) for w in open_code.warnings)
    exact = due(consignment("EG", goods("6109100010", "1000 EGP"), freight="0 EGP"))
    assert amounts(exact)["CD"] == "50.00"
    # the national code of another country: only its six digits count
    foreign = due(consignment("EG", goods("6109100040", "1000 EGP"), freight="0 EGP"))
    assert amounts(foreign)["CD"] == "200.00"
    assert any("give the national code" in str(w) for w in foreign.warnings)


def test_bad_rows_are_named_and_good_rows_go_on(tmp_path: Path) -> None:
    path = write(
        tmp_path, "code,duty\n61.09.10,12\nsixty,12\n6110,See note 4\n6111,\n6112,0.5 EUR / kg\n\n,\n"
    )
    result = import_schedule(path, {"hs": "code", "rate": "duty"}, frozenset(), "CD", date(2026, 1, 1))
    assert [(line.hs, line.rate_text) for line in result.lines] == [
        ("610910", "12 %"),
        ("6110", "See note 4"),
        ("6112", "0.5 EUR / kg"),
    ]
    assert result.rows == 5  # blank lines are none
    assert result.without_rate == 1
    assert [(r.row, r.field, r.value) for r in result.rejected] == [
        (2, "hs", "sixty"),
        (3, "rate", "See note 4"),
    ]
    assert all(r.reason and r.remedy for r in result.rejected)


def test_noise_is_refused_or_rejected_never_a_crash(tmp_path: Path) -> None:
    columns = {"hs": "code", "rate": "duty"}
    huge = write(tmp_path, "code,duty\n" + "x" * 300_000 + ",5\n6109,12\n")
    result = import_schedule(huge, columns, frozenset(), "CD", date(2026, 1, 1))
    assert result.accepted == 1
    assert [(r.row, r.field) for r in result.rejected] == [(1, "row")]
    noise = tmp_path / "noise.csv"
    noise.write_bytes(bytes(range(256)) * 400)
    for path in (noise, write(tmp_path, "", "empty.csv")):
        with pytest.raises(ColumnsError):
            import_schedule(path, columns, frozenset(), "CD", date(2026, 1, 1))


def test_older_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "adil.csv"
    path.write_bytes("code;libellé;droit\n6109;Vêtements;30\n".encode("cp1252"))
    result = import_schedule(
        path, {"hs": "code", "description": "libellé", "rate": "droit"}, frozenset(), "DI", date(2026, 1, 1)
    )
    assert result.lines[0].description == "Vêtements"


def test_titles_between_the_lines_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "code,text,duty\n,Chapter 61,\n6109,T-shirts,35%\n,lost,12\n")
    columns = {"hs": "code", "description": "text", "rate": "duty"}
    result = import_schedule(path, columns, frozenset(), "CD", date(2026, 1, 1))
    assert (result.rows, result.accepted, result.without_rate) == (3, 1, 1)
    assert [(r.row, r.field) for r in result.rejected] == [(3, "hs")]


def test_a_map_that_does_not_fit_lists_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "code,duty\n6109,12\n")
    with pytest.raises(ColumnsError, match="it has code, duty"):
        import_schedule(path, {"hs": "kode", "rate": "duty"}, frozenset(), "CD", date(2026, 1, 1))
    with pytest.raises(ColumnsError, match="is not a field"):
        import_schedule(path, {"hs": "code", "price": "duty"}, frozenset(), "CD", date(2026, 1, 1))


@pytest.mark.usefixtures("_clean")
def test_the_american_schedule_with_its_rate_texts_and_special_rates(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "HTS Number,Indent,Description,General Rate of Duty,Special Rate of Duty\n"
        "0101,0,Live horses,,\n"
        '0702.00.20,1,Tomatoes,3.9¢/kg,"Free (AU,CO,MA,S)"\n'
        '6402.99.33,2,Footwear,"4.2¢/kg + 3.1%","1% (MA) Free (AU)"\n'
        "6402.99.33.30,3,For men,,\n",
    )
    result = take(path, "US", preset="us-hts")
    assert result.accepted == 2
    assert result.without_rate == 2
    assert not result.rejected
    # 10 kg × $0.039
    from decimal import Decimal

    tomatoes = due(consignment("US", goods("07020020", "100 USD", net_kg=Decimal(10)), sender="MX"))
    assert amounts(tomatoes)["DUTY"] == "0.39"
    # 2 kg × $0.042 = 0.084, and 3.1 % of 100: 3.184 → 3.18; the statistical line takes it from the line above
    shoes = goods("6402993330", "100 USD", net_kg=Decimal(2))
    assert amounts(due(consignment("US", shoes)))["DUTY"] == "3.18"
    moroccan = goods("6402993330", "100 USD", net_kg=Decimal(2), preference="us-morocco")
    assert amounts(due(consignment("US", moroccan, sender="MA")))["DUTY"] == "1.00"


@pytest.mark.usefixtures("_clean")
def test_taric_takes_the_general_duty_and_the_preference_and_passes_over_the_rest(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Goods code,Start date,End date,Origin code,Meas. type code,Duty\n"
        "6109100000 80,01-01-2024,,1011,103,12.000 %\n"
        "0702000000 80,01-01-2024,,1011,103,8.800 %\n"
        "0702000000 80,01-01-2024,,MA,142,2.200 %\n"
        "0702000000 80,01-01-2024,,CL,142,0.000 %\n"
        "6109100000 80,01-01-2024,,1011,109,NAR\n",
    )
    result = take(path, "EU", preset="taric", valid_from=date(2024, 1, 1))
    assert not result.rejected
    tomatoes = goods("0702000000", "1000 EUR", preference="eu-morocco")
    answer = due(consignment("FR", tomatoes, sender="MA", freight="0 EUR"))
    assert str(answer.total_of("duty")) == "22.00 EUR"
    without = due(consignment("FR", goods("0702000000", "1000 EUR"), sender="MA", freight="0 EUR"))
    assert str(without.total_of("duty")) == "88.00 EUR"
    assert any(w.code == "preference" for w in without.what_if)


@pytest.mark.usefixtures("_clean")
def test_an_older_edition_is_said_and_converted_only_by_a_stated_correlation(tmp_path: Path) -> None:
    path = write(tmp_path, "code,duty\n851712,5\n851713,35\n")
    take(path, "EG", columns={"hs": "code", "rate": "duty"}, edition="HS2017")
    phone = consignment("EG", goods("851713", "1000 EGP"), freight="0 EGP")
    assert any("no correlation is loaded" in str(w) for w in due(phone).warnings)
    table = write(tmp_path, "HS2022,HS2017\n8517.13,8517.12\n8517.14,8517.12\n", "correlation.csv")
    store_correlation(read_correlation(table, "HS2022", "HS2017", "WCO table"), folder())
    answer = due(phone)
    assert amounts(answer)["CD"] == "50.00"
    assert any("851713" in str(w) and "851712" in str(w) and "WCO table" in str(w) for w in answer.warnings)


@pytest.mark.usefixtures("_clean")
def test_ecowas_schedule_and_its_staged_preference(shared_data: Path) -> None:
    result = take(
        shared_data / "customs" / "ecowas-afcfta.csv",
        "SN",
        preset="unctad-afcfta",
        valid_from=date(2017, 1, 1),
    )
    assert (result.rows, result.accepted, len(result.rejected)) == (6129, 6129, 0)
    # 0101290000: MFN 10 %; staging 9, 8, … 0 by year from 2021: 2026 is year 6 = 4 %
    horses = consignment("SN", goods("0101290000", "100000 XOF"), freight="0 XOF", sender="MA")
    assert amounts(due(horses))["DD"] == "10000"
    claimed = consignment(
        "SN", goods("0101290000", "100000 XOF", preference="afcfta"), freight="0 XOF", sender="MA"
    )
    assert amounts(due(claimed))["DD"] == "4000"
    next_year = consignment(
        "SN",
        goods("0101290000", "100000 XOF", preference="afcfta"),
        freight="0 XOF",
        sender="MA",
        on="2027-01-01",
    )
    assert amounts(due(next_year))["DD"] == "3000"
    offered = next(w for w in due(horses).what_if if w.code == "preference")
    assert str(offered.saves) == "7080 XOF"  # 6,000 and 18 % TVA on it
    assert offered.proof == "origin_declaration"  # 100,000 francs are under $5,000


def test_every_preset_maps_known_fields() -> None:
    for name, preset in presets().items():
        assert "hs" in preset.columns, name
        assert preset.about, name
