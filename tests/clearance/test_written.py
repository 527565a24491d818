"""Declarations by hand through the engine, the API and the terminal: each field missing in turn."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qafila.clearance import desk, mapping, store
from qafila.clearance.authority import Sandbox
from qafila.clearance.declaration import Procedure
from qafila.clearance.lifecycle import State, StepRefused
from qafila.clearance.written import DeclarationError, declaration_from, forms, misused, schema, usual_dataset
from qafila.cli.clearance.desk_commands import app
from qafila.core.fault import Fault
from qafila.core.identifiers.own import new_id
from qafila.core.money import exchange_rates
from qafila.runtime.database import administrator
from qafila.shipping import merchants
from tests.clearance.test_desk import AT

PARTY = {"name": "Atlas SARL", "street": "3 rue de Fès", "city": "Tanger", "postcode": "90000", "country": "MA",
         "phone": "+212 5", "number": "001561191000066"}  # fmt: skip
CASES = [
    (f.dataset, procedure, "MA" if f.territory == "*" else f.territory)
    for f in forms()
    for procedure in f.procedures
]
# what says what is declared at all: without it there is no declaration to keep
AT_ONCE = ("procedure", "parcel")


def whole(dataset: str, procedure: str, territory: str) -> dict[str, Any]:
    """A declaration with everything that any dataset asks for; goods that no rule restricts."""
    line = {
        "description": "cotton tea towel",
        "hs": "630260",
        "origin": "CN",
        "quantity": "10",
        "net_kg": "1",
        "gross_kg": "1.2",
        "value": {"amount": "60.00" if dataset == "h7" else "200.00", "currency": "EUR"},
    }
    return {
        "procedure": procedure,
        "dataset": dataset,
        "territory": territory,
        "parcel": new_id("x"),
        "office": "301",
        "declarant": {**PARTY, "number": "FR73282932000074"} if dataset == "h7" else PARTY,
        "exporter": {**PARTY, "country": "CN", "number": "91110000600037341L"},
        "importer": PARTY,
        "lines": [line, dict(line)],
        "gross_kg": "2.4",
        "packages": 1,
        "country_of_dispatch": "CN",
        "country_of_destination": "MA",
        "mode": "sea",
        "category": "sale",
        "incoterm": "DAP",
        "freight": {"amount": "20", "currency": "EUR"},
        "insurance": {"amount": "2", "currency": "EUR"},
        "postage": {"amount": "9", "currency": "EUR"},
        "invoice_number": "F-1",
        "invoice_date": "2026-11-20",
        "previous_document": "26MA1",
        "warehouse": "MA-BW-7",
    }


def without(data: dict[str, Any], field: str) -> dict[str, Any]:
    """The declaration without one field, in its second line where it is a line's. An amount goes as a whole."""
    made = copy.deepcopy(data)
    node: Any = made
    *levels, leaf = field.replace("lines[]", "lines.1").split(".")
    if leaf in ("amount", "currency"):
        leaf = levels.pop()
    for level in levels:
        node = node[int(level) if level.isdigit() else level]
    del node[leaf]
    return made


def lacking(dataset: str, procedure: str, territory: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, declaration without it) of every field that this declaration may not lack."""
    data = whole(dataset, procedure, territory)
    declaration = declaration_from(data)
    assert mapping.missing(declaration) == []
    for row in mapping.rows(dataset):
        if row.need == "O" or "proofs" in row.field or row.field in AT_ONCE:
            continue
        path = row.field.replace("lines[]", "lines[1]")
        if not any(mapping.filled(value) for _, value, _ in mapping.values(declaration, row.field)):
            continue  # asked for in other circumstances only
        data["parcel"] = new_id("x")
        short = without(data, row.field)
        if path in {m.field for m in mapping.missing(declaration_from(short))}:
            yield path, short
        else:
            assert row.need == "C", row.field


@pytest.fixture
def merchant() -> str:
    with administrator() as connection:
        return merchants.create(connection, "Broker's client").id


@pytest.mark.parametrize(("dataset", "procedure", "territory"), CASES)
def test_each_field_missing_in_turn_is_named_with_its_remedy_and_nothing_is_lodged(
    dataset: str, procedure: str, territory: str, merchant: str, tmp_path: Path
) -> None:
    cases = list(lacking(dataset, procedure, territory))
    assert len(cases) >= 10
    file = tmp_path / "declarations.json"
    file.write_text(json.dumps([data for _, data in cases]), "utf-8")
    done = CliRunner().invoke(app, ["new", str(file), "--merchant", merchant, "--json"])
    assert done.exit_code == 0, done.stdout
    for (path, _), told in zip(cases, json.loads(done.stdout), strict=True):
        todo = next(t for t in told["todos"] if t["subject"] == path)
        assert todo["remedy"]
        assert "is mandatory" in todo["reason"]
        with administrator() as connection:
            with pytest.raises(StepRefused) as refused:
                desk.advance(connection, told["declaration"], Sandbox(exchange_rates()), "broker", AT)
            assert store.get(connection, told["declaration"]).state is State.DRAFT
        assert f"{path}: " in str(refused.value)
        assert todo["remedy"] in str(refused.value)


@pytest.mark.parametrize("field", ["procedure", "territory", "parcel"])
def test_what_makes_it_a_declaration_is_asked_for_at_once(field: str) -> None:
    data = whole("dum", "import", "MA")
    del data[field]
    with pytest.raises(DeclarationError) as refused:
        declaration_from(data)
    assert [p.field for p in refused.value.problems] == [field]
    assert refused.value.problems[0].remedy


def test_a_field_that_nobody_knows_is_not_dropped_on_the_way() -> None:
    data = whole("dum", "import", "MA")
    data["lines"][1]["colour"] = "red"
    data["importer"] = {**PARTY, "ice": "1"}
    data["freigth"] = "1"
    with pytest.raises(DeclarationError) as refused:
        declaration_from(data)
    assert {p.field for p in refused.value.problems} == {"lines[1].colour", "importer.ice", "freigth"}
    data = whole("dum", "import", "MA")
    data["lines"][0]["quantity"] = "many"
    with pytest.raises(DeclarationError, match=r"lines\[0\]\.quantity: “many” cannot be read"):
        declaration_from(data)


def test_a_code_that_there_is_not_is_refused_with_those_near(merchant: str, tmp_path: Path) -> None:
    """Opened and amended alike; a code with its dots is kept as digits, by which restrictions look it up."""
    data = whole("dum", "import", "MA")
    data["lines"] = [{**data["lines"][0], "hs": code} for code in ("8517.70", "6302.60", "98010000", "61a")]
    with pytest.raises(DeclarationError) as refused:
        declaration_from(data)
    form = "Write 6 to 10 digits, e.g. 610910."
    assert [(p.field, str(p.reason), str(p.remedy)) for p in refused.value.problems] == [
        ("lines[0].hs", "HS 2022 has no subheading 851770.", "Codes near it are 851771 or 851779."),
        (
            "lines[2].hs",
            "Chapters 98 and 99 are for each country's own use: they do not say what the goods are.",
            form,
        ),
        ("lines[3].hs", "“61a” is not an HS code.", form),
    ]
    data["lines"] = data["lines"][1:2]
    made = declaration_from(data)
    assert made.lines[0].hs == "630260"
    words = "lines[0].hs: HS 2022 has no subheading 851770. Codes near it are 851771 or 851779."
    with administrator() as connection:
        desk.open_one(connection, merchant, made, AT, "broker")
        with pytest.raises(DeclarationError) as wrong:
            desk.amend(connection, made.id, {"lines[0].hs": "851770"}, "broker", AT)
        assert str(wrong.value) == words
        assert desk.amend(connection, made.id, {"lines[0].hs": "8517.71"}, "b", AT).lines[0].hs == "851771"
    done = CliRunner().invoke(app, ["amend", made.id, "lines[0].hs=851770"])
    assert done.exit_code != 0
    assert words in " ".join(done.output.split())
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({**data, "lines": [{**data["lines"][0], "hs": "851770"}]}), "utf-8")
    done = CliRunner().invoke(app, ["new", str(file), "--merchant", merchant])
    assert "HS 2022 has no subheading 851770. → Codes near it are 851771 or 851779." in " ".join(
        done.output.split()
    )


def test_the_dataset_is_the_usual_one_and_fits_the_procedure() -> None:
    assert usual_dataset(Procedure.IMPORT, "EU") == "h7"
    assert usual_dataset(Procedure.TRANSIT, "EU") == "cn23"  # H7 is for imports of low value only
    assert usual_dataset(Procedure.BONDED, "MA") == "dum"
    with pytest.raises(DeclarationError, match="Choose cn23 or itmatt"):
        declaration_from(whole("h7", "transit", "EU"))
    assert misused(declaration_from(whole("h7", "import", "EU"))) is None


def test_the_schema_names_every_field() -> None:
    properties = schema()["properties"]
    assert {"procedure", "lines", "importer", "warehouse"} <= set(properties)
    assert "id" not in properties
    assert "$ref" not in json.dumps(schema())


def test_the_same_parcel_is_declared_once_for_a_procedure(merchant: str, tmp_path: Path) -> None:
    file = tmp_path / "twice.json"
    data = whole("dum", "transit", "MA")
    file.write_text(json.dumps([data, data, {"procedure": "transit"}]), "utf-8")
    done = CliRunner().invoke(app, ["new", str(file), "--merchant", merchant])
    assert done.exit_code == 1
    told = " ".join(done.stdout.split())
    assert "opened; 0 things to do" in told
    assert "is declared already in Morocco (transit)" in told
    assert "declaration 2: parcel It is missing." in told


def test_an_amount_and_a_line_that_are_not_there_are_given_by_their_parts(merchant: str) -> None:
    data = whole("dum", "import", "MA")
    del data["lines"]
    with administrator() as connection:
        made = declaration_from(data)
        desk.open_one(connection, merchant, made, AT, "broker")
        wanted = {t.subject: "1" for t in desk.todos(connection, store.get(connection, made.id))}
        assert {"lines[0].description", "lines[0].value.amount", "lines[0].value.currency"} <= set(wanted)
        wanted |= {"lines[0].description": "tea towel", "lines[0].hs": "630260", "lines[0].origin": "CN",
                   "lines[0].value.amount": "12.50", "lines[0].value.currency": "EUR"}  # fmt: skip
        changed = desk.amend(connection, made.id, wanted, "broker", AT)
        assert str(changed.lines[0].value) == "12.50 EUR"
        assert desk.todos(connection, store.get(connection, made.id)) == []
        assert (
            str(desk.amend(connection, made.id, {"freight": "7.10 USD"}, "broker", AT).freight) == "7.10 USD"
        )
        desk.amend(connection, made.id, {"freight": None}, "broker", AT)
        with pytest.raises(Fault, match=r"Give freight\.currency with it"):
            desk.amend(connection, made.id, {"freight.amount": "5"}, "broker", AT)
        with pytest.raises(DeclarationError, match="does not take the form h7"):
            desk.amend(connection, made.id, {"dataset": "h7"}, "broker", AT)
