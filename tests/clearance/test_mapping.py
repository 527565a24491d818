from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qafila.clearance import mapping
from qafila.clearance.declaration import Declaration, DeclarationLine, Party, Procedure, Proof
from qafila.clearance.mapping import NoForm
from qafila.core.money import Money

DATASETS = ("cn22", "cn23", "h7", "dum", "itmatt")


def full(dataset: str) -> Declaration:
    """A declaration with every field filled in."""
    party = Party(
        "Amina", "12 rue X", "Agadir", "80000", "Souss", "MA", "+212 5", "a@example.org", "001561191000066"
    )
    line = DeclarationLine(
        "Argan oil",
        "151590",
        "MA",
        Decimal(3),
        "C62",
        Decimal("0.3"),
        Decimal("0.35"),
        Money(Decimal("36.00"), "EUR"),
        "" if dataset == "h7" else "EU-MA",
        (Proof("origin", "D-1", date(2026, 11, 1)), Proof("licence", "L-2", date(2026, 1, 2))),
        sku="AR-100",
    )
    return Declaration(
        id="d-1",
        procedure=Procedure.BONDED,
        dataset=dataset,
        territory="MA",
        parcel="CQ473124829MA",
        office="301",
        reference="R1",
        declarant=replace(party, number="FR73282932000074") if dataset == "h7" else party,
        exporter=party,
        importer=replace(party, name="Bob"),
        lines=(line, replace(line, description="Soap", hs="340111", proofs=())),
        gross_kg=Decimal("0.9"),
        packages=1,
        country_of_dispatch="MA",
        country_of_destination="FR",
        mode="air",
        category="sale",
        incoterm="DAP",
        freight=Money(Decimal("12.4"), "EUR"),
        insurance=Money(Decimal("0.6"), "EUR"),
        postage=Money(Decimal("9"), "EUR"),
        scheme="ioss",
        scheme_number="IM3720000224",
        invoice_number="F1",
        invoice_date=date(2026, 11, 20),
        previous_document="26MA1",
        warehouse="W1",
        remarks="fragile",
    )


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_field_is_lost_on_the_way(dataset: str) -> None:
    declaration = full(dataset)
    assert mapping.missing(declaration) == []
    assert mapping.read(mapping.write(declaration), dataset) == declaration


@pytest.mark.parametrize("dataset", DATASETS)
def test_xml_has_a_leaf_for_every_filled_field(dataset: str) -> None:
    declaration = full(dataset)
    root = etree.fromstring(mapping.to_xml(mapping.write(declaration), dataset.upper()))
    leaves = [e.text for e in root.iter() if len(e) == 0]

    def count(value: object) -> int:
        if isinstance(value, tuple):
            return sum(count(v) for v in value)
        if dataclasses.is_dataclass(value):
            return sum(count(getattr(value, f.name)) for f in dataclasses.fields(value))
        return int(value not in (None, ""))

    assert len(leaves) == count(declaration)
    assert all(leaves)


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_mandatory_field_missing_in_turn_is_named_with_its_remedy(dataset: str) -> None:
    declaration = full(dataset)
    tree = mapping.write(declaration)
    checked = 0
    for row in mapping.rows(dataset):
        if row.need != "M":
            continue
        emptied = _without(declaration, row.field)
        found = {m.field: m for m in mapping.missing(emptied)}
        path = row.field.replace("[]", "[0]")
        assert path in found, row.field
        assert found[path].remedy
        checked += 1
    assert checked >= 8
    assert mapping.write(declaration) == tree


def _without(declaration: Declaration, path: str) -> Declaration:
    head, _, rest = path.partition(".")
    if head.endswith("[]"):
        items = getattr(declaration, head[:-2])
        return replace(declaration, **{head[:-2]: (_clear(items[0], rest), *items[1:])})
    return _clear(declaration, path)


def _clear(record: object, path: str) -> object:
    head, _, rest = path.partition(".")
    value = getattr(record, head)
    if rest and not isinstance(value, Money):
        return replace(record, **{head: _clear(value, rest)})  # type: ignore[type-var]
    empty = "" if isinstance(value, str) and head != "procedure" else None
    return replace(record, **{head: empty})  # type: ignore[type-var]


def test_conditions() -> None:
    declaration = replace(full("h7"), scheme_number="")
    assert [m.field for m in mapping.missing(declaration)] == ["scheme_number"]
    assert mapping.missing(replace(declaration, scheme="")) == []
    bonded = replace(full("dum"), warehouse="")
    assert [m.field for m in mapping.missing(bonded)] == ["warehouse"]
    assert mapping.missing(replace(bonded, procedure=Procedure.IMPORT)) == []


def test_no_lines_at_all_is_named_too() -> None:
    found = {m.field for m in mapping.missing(replace(full("cn23"), lines=()))}
    assert {"lines[0].description", "lines[0].hs", "lines[0].value.amount"} <= found


def test_a_number_that_is_none_is_named() -> None:
    tree = mapping.write(full("h7"))
    tree["TotalGrossMass"] = "heavy"
    with pytest.raises(ValueError, match="gross_kg: 'heavy'"):
        mapping.read(tree, "h7")


def test_an_unknown_dataset_says_which_there_are() -> None:
    with pytest.raises(NoForm, match="cn22, cn23, dum, h7 or itmatt"):
        mapping.rows("h9")


@given(
    st.sampled_from(DATASETS),
    st.lists(
        st.tuples(st.text(min_size=1).map(str.strip).filter(bool), st.decimals("0.01", 9999, places=2)),
        max_size=5,
    ),
)
def test_any_lines_survive(dataset: str, lines: list[tuple[str, Decimal]]) -> None:
    declaration = replace(
        full(dataset),
        lines=tuple(DeclarationLine(description=d, value=Money(v, "EUR")) for d, v in lines),
    )
    assert mapping.read(mapping.write(declaration), dataset) == declaration
