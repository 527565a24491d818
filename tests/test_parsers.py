"""Whatever is read from outside: no input raises anything but a clear error of our own.

Every public function that reads text, bytes, a file or JSON is either tried here or named with why it need not be; a new
one fails the test until it is. `QAFILA_TRIES=5000 pytest tests/test_parsers.py` tries more.
"""

from __future__ import annotations

import ast
import copy
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qafila
from qafila.core.fault import Fault

SOURCE = Path(qafila.__file__).parent
TRIES = int(os.environ.get("QAFILA_TRIES", "40"))
_NAMES = re.compile(r"^(parse|read|decode|unpack|load|import|understand)(_|$)|_from$|^from_")
_FROM_OUTSIDE = re.compile(
    r"^(str|bytes|Path|Mapping|dict|Iterable\[str|Any|object|list\[str|Sequence\[str|Traversable)"
)
_DOORS = (
    "api/",
    "cli/",
    "web/",
)  # their parameters are tried by tests/api/test_any_request.py and tests/doors

_MARKS = st.sampled_from(
    [
        "\0",
        "\u202e",
        "\ud7ff",
        "\U0001f4a3",
        "٣",
        "½",
        "²",
        "\ufeff",
        "'",
        '"',
        ";",
        "\t",
        "\r",
        "-0",
        "1e999",
        "9" * 400,
        "NaN",
        "(",
        ")",
        "\x1d",
        "(01)",
        "%",
        "../",
        "=1+1",
        "{}",
        "null",
    ]
)


def _mutated(sample: str) -> st.SearchStrategy[str]:
    """Texts, and a sample with something cut out of it and something put in."""

    def changed(start: int, length: int, put: str) -> str:
        return sample[:start] + put + sample[start + length :]

    places = st.integers(0, max(len(sample), 1))
    return st.one_of(
        st.text(max_size=60),
        st.builds(changed, places, st.integers(0, 12), st.one_of(_MARKS, st.text(max_size=4))),
        st.builds(changed, places, st.just(10**6), st.just("")),
    )


def _bytes(sample: bytes) -> st.SearchStrategy[bytes]:
    def changed(start: int, length: int, put: bytes) -> bytes:
        return sample[:start] + put + sample[start + length :]

    places = st.integers(0, max(len(sample), 1))
    marks = _MARKS.map(lambda m: m.encode("utf-8", "surrogatepass"))
    return st.one_of(
        st.binary(max_size=80),
        st.builds(changed, places, st.integers(0, 12), st.one_of(marks, st.binary(max_size=6))),
        st.builds(changed, places, st.just(10**6), st.just(b"")),
    )


_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), _MARKS)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _documents(draw: st.DrawFn, sample: Any) -> Any:
    """A sample with one value of it exchanged, or taken away; an object as a sample is one."""
    made = copy.deepcopy(sample)
    at, path = made, 0
    while True:
        if isinstance(at, dict) and at:
            key: Any = draw(st.sampled_from(sorted(at, key=str)))
        elif isinstance(at, list) and at:
            key = draw(st.integers(0, len(at) - 1))
        else:
            return made
        path += 1
        if not isinstance(at[key], dict | list) or not at[key] or draw(st.booleans()):
            if draw(st.integers(0, 4)):
                at[key] = draw(_JSON)
            else:
                del at[key]
            return made
        at = at[key]


@dataclass(frozen=True)
class Tried:
    """A parser: what it is tried with, and how it is called."""

    given: st.SearchStrategy[Any]
    call: Callable[[Callable[..., Any], Any], Any] = lambda read, told: read(told)
    more: tuple[type[Exception], ...] = field(default=())


def _in_file(suffix: str, *more: Any) -> Callable[[Callable[..., Any], Any], Any]:
    def call(read: Callable[..., Any], data: bytes) -> Any:
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(data)
            file.flush()
            return read(Path(file.name), *more)

    return call


_LAYOUT = {
    "facility": "WH", "blocks": 1, "aisles": 3, "racks": 4, "levels": 2, "places": [{"id": "A-1", "aisle": 0, "x": 1}],
}  # fmt: skip
_CENTRE = {
    "facility": "HUB",
    "chutes": [{"id": "C1", "metres": 3}, {"id": "X", "metres": 4}],
    "special": {"unknown": "X"},
}
_CONSIGNMENT = {
    "origin": "MA",
    "destination": "FR",
    "freight": {"amount": "5", "currency": "EUR"},
    "kind": "b2c",
    "lines": [
        {
            "hs": "151590",
            "quantity": 2,
            "value": {"amount": "12.50", "currency": "EUR"},
            "origin": "MA",
            "weight_kg": "0.4",
        }
    ],
}
_ORDERS = "order_id,receiver_name,receiver_country,title,quantity,unit_value,currency\nA,Amélie,FR,Oil,2,12.50,EUR\n".encode()
_CLASSIFIED = b"title,hs,note\nArgan oil,151590,\n"


def _text(sample: str) -> Tried:
    return Tried(_mutated(sample))


TRIED: dict[str, Tried] = {
    "core.identifiers.awb.parse": _text("147-12345675"),
    "core.identifiers.container.parse_container": _text("MSCU6639870"),
    "core.identifiers.container.parse_uld": _text("AKE12345AT"),
    "core.identifiers.gs1.parse": Tried(
        _mutated("340123450000000018"), lambda read, told: read("SSCC", told)
    ),
    "core.identifiers.gs1_elements.parse": _text("(00)340123450000000018(420)75001(4307)FR"),
    "core.identifiers.gs1_elements.parse_link": _text("https://id.gs1.org/00/340123450000000018?4307=FR"),
    "core.identifiers.s10.parse": _text("HA000000014MA"),
    "core.identifiers.traders.parse_eori": _text("FR12345678901234"),
    "core.identifiers.traders.parse_ioss": _text("IM2760000007"),
    "core.identifiers.traders.parse_trader_number": Tried(
        st.tuples(st.sampled_from(["FR", "MA", "GB", "", "XX", "É"]), _mutated("FR12345678901")),
        lambda read, told: read(*told),
    ),
    "core.identifiers.uld.parse": _text("AKE12345AT"),
    "core.identifiers.upu.parse_s8": _text("MACASBFRCDGAAUN60001"),
    "core.identifiers.upu.parse_s9": _text("MACASBFRCDGAAUN60001001000123"),
    "core.message_json.from_json": Tried(
        _documents({"template": "too_large", "values": {"megabytes": 20}}) | _JSON, more=(ValueError,)
    ),
    "customs.bases.parse_base": _text("cif + duty"),
    "customs.classification.decision.read_decisions": Tried(_bytes(_CLASSIFIED), _in_file(".csv", None)),
    "customs.correlation.read_correlation": Tried(
        _bytes(b"HS2017,HS2022\n151590,151590\n"), _in_file(".csv", "HS2017", "HS2022", "WCO")
    ),
    "customs.customs_exchange.consignment_from": Tried(_documents(_CONSIGNMENT)),
    "customs.expressions.parse_rate": _text("12.5% + 3 EUR/kg min 4%"),
    "customs.expressions.read_rate": _text("12,5 % + 3 €/kg"),
    "customs.hs_codes.read_code": _text("1515.90"),
    "customs.origin.read_origin_rules": Tried(_bytes(b"hs,rule\n15,CTH\n"), _in_file(".csv")),
    "customs.rate_tables.read_table": Tried(
        _mutated("from,to,rate\n0,10,5%\n"), lambda read, told: read("t", told.splitlines())
    ),
    "customs.screening.lists.read_list": Tried(
        _bytes(b"<CONSOLIDATED_LIST><INDIVIDUALS/></CONSOLIDATED_LIST>"), _in_file(".xml", "un")
    ),
    "core.core_edifact.read": _text(
        "UNA:+.? 'UNB+UNOC:3+A+B+270301:1230+R'UNH+1+IFTSTA:D:01B:UN'BGM+77+a?'b:c+9'UNT+3+1'UNZ+1+R'"
    ),
    "core.core_edifact.read_instant": _text("20270301123000UTC"),
    "delivery.at_door.told_from": Tried(
        _documents({"key": "k", "time": "2026-11-30T10:00:00+01:00", "place": {"lat": 1, "lon": 2}})
    ),
    "storage.storage_doing.told_from": Tried(
        _documents({"key": "k", "kind": "move", "time": "2026-11-30T10:00:00+01:00", "pieces": 2})
    ),
    "network.spelling.parse_time": _text("06:40+1"),
    "openness.log.log_signing.read_signer": _text("PRIVATE+KEY+hub+00000000+AAAA"),
    "openness.log.witnessing.read_submission": Tried(
        _bytes(b"old 1\nAAAA\n\nhub\n2\nAAAA\n\n\xe2\x80\x94 hub AAAA\n")
    ),
    "openness.openness_terms.terms_from": Tried(
        _documents({"version": 1, "in_force": "2026-11-30", "price": {"EUR": 1}})
    ),
    "openness.verifier.from_base64": _text("AAAA"),
    "openness.verifier.read_key": _text("hub+12345678+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
    "openness.verifier.read_note": Tried(_bytes("hub\n2\nAAAA\n\n— hub AAAAAAAA\n".encode())),
    "openness.verifier.read_signature": _text("— hub AAAAAAAA"),
    "openness.verifier.read_checkpoint": _text("hub\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
    "openness.verifier.read_receipt": Tried(_bytes(b'{"entry": "AAAA", "index": 1, "proof": []}')),
    "openness.verifier.read_ct_log": Tried(
        _bytes(b'{"submission_url": "https://ct.example/", "key": "MFkwEwYH"}')
    ),
    "openness.verifier.read_ct_bundle": Tried(_bytes(bytes(10) + b"\x00\x00\x01a\x00\x00\x00\x00")),
    "openness.verifier.read_bundle": Tried(_bytes(b"\x00\x03abc\x00\x01d")),
    "planning.design.lines_file.read": Tried(_bytes(b"from,to,mode\nA,B,road\n"), _in_file(".csv")),
    "planning.matrix.read_cities": Tried(_bytes(b"city,lat,lon\nFez,34,-5\n"), _in_file(".csv")),
    "shipping.orders.decoding.decode": Tried(_bytes("Fès;é".encode("cp1252"))),
    "shipping.orders.line_items.unpack": _text("Lamp x2 (12.50 EUR); Rug x1"),
    "shipping.orders.reading.read": Tried(_bytes(_ORDERS), _in_file(".csv")),
    "shipping.orders.reading.read_bytes": Tried(_bytes(_ORDERS)),
    "shipping.partners.read": _text("hub+c0ffee00+AQID https://hub.example ten_1"),
    "sorting.model.centre_from": Tried(_documents(_CENTRE)),
    "storage.advice_file.read": Tried(_bytes(b"sku,quantity\nLAMP,3\n")),
    "storage.layout.read": Tried(_documents(_LAYOUT)),
    "storage.storage_placing.read": Tried(
        _mutated("place,sku\nA-1,LAMP\n"), lambda read, told: read(told.splitlines())
    ),
    "storage.storage_rules.read": Tried(
        _documents({"release": "cut-off", "lead_minutes": 60, "count_limit_value": "200", "litres": 240})
    ),
    "storage.scanning.read": _text("https://id.gs1.org/01/04012345123456/10/L1"),
}
"""By the function's place below qafila."""

NOT_TRIED = {
    "clearance.mapping.read": "tests/clearance/test_mapping.py tries it",
    "clearance.written.declaration_from": "reads what this system wrote into its own database",
    "shipping.bookings.written_json.order_from": "reads what this system wrote into its own database",
    "shipping.bookings.written_json.offer_from": "reads what this system wrote into its own database",
    "customs.importing.import_schedule": "tests/customs/test_importing.py tries it; rows are tried by parse_rate",
    "customs.customs_preference.read_agreement": "reads rules that are shipped with qafila, checked when they are written",
    "customs.rule_reading.read_toml": "reads rules that are shipped with qafila, checked when they are written",
    "customs.rule_reading.read_tables": "reads rules that are shipped with qafila, checked when they are written",
    "customs.rule_reading.read_territory": "reads rules that are shipped with qafila, checked when they are written",
    "network.feed.read": "tests/network/test_feed.py tries it",
    "network.feed.read_table": "tests/network/test_feed.py tries it, by the feed",
    "network.feed_rows.read_rows": "tests/network/test_feed.py tries it, by the feed",
    "network.region_file.compile_from": "run by hand, on tables of a package",
    "openness.keyring.load": "reads keys that this system wrote into its own home",
    "openness.verifier.read_tile": "reads files of a log; what they hold is tried by read_bundle",
    "openness.verifier.read_succession": "notes are tried by read_note",
    "network.arrivals.read": "reads models that this system wrote, by the hash of what they hold",
    "air.air_keeping.read": "reads what this system wrote into its own database",
    "returns.returns_telling.read": "reads what this system wrote into its own log",
    "shipping.plans.asked_plans.read_json": "reads what this system wrote beside a plan",
    "shipping.plans.asked_plans.read_asked": "reads what this system wrote beside a plan",
    "planning.planning_comparing.read": "reads plans that this system wrote",
    "planning.reopening.read": "reads plans that this system wrote",
    "planning.demand.read": "tests/planning/test_demand.py tries it; it wants a timetable",
    "planning.matrix.read_matrix": "wants the cities of read_cities",
}
"""Those that need not be, and why."""


def _parsers() -> set[str]:
    found = set()
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith(_DOORS):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.FunctionDef)
                and _NAMES.search(node.name)
                and not node.name.startswith("_")
            ):
                first = next(iter(node.args.args), None)
                kind = ast.unparse(first.annotation) if first is not None and first.annotation else ""
                if _FROM_OUTSIDE.match(kind):
                    found.add(f"{place.removesuffix('.py').replace('/', '.')}.{node.name}")
    return found


def test_every_parser_is_tried_or_it_is_said_why_not() -> None:
    named = set(TRIED) | set(NOT_TRIED)
    new = _parsers() - named
    assert not new, "reads from outside: add it to TRIED, with a sample, or to NOT_TRIED, with the reason"
    assert not named - _parsers(), "is gone: take it out of TRIED or NOT_TRIED"
    assert not set(TRIED) & set(NOT_TRIED)


@pytest.mark.parametrize("name", sorted(TRIED))
def test_no_input_raises_anything_but_a_clear_error(name: str) -> None:
    module, _, function = name.rpartition(".")
    read = getattr(import_module(f"qafila.{module}"), function)
    tried = TRIED[name]

    @settings(max_examples=TRIES, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(tried.given)
    def once(told: Any) -> None:
        try:
            tried.call(read, told)
        except Exception as error:
            ours = isinstance(error, (Fault, *tried.more)) or type(error).__module__.startswith("qafila.")
            if not ours or not str(error).strip():
                raise

    once()
