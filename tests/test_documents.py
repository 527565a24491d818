"""Documents of others: EPCIS, ONE Record and workbooks, each with something in them that does not belong there.

What reads them says what is wrong in words of its own, whatever stands in them. UBL is only written here, never read.
"""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from typing import Any

import orjson
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from qafila.api.tracking.epcis_capture import EpcisDocument
from qafila.api.tracking.epcis_reports import reports
from qafila.cargo import objects, vocabulary
from qafila.core.fault import Fault
from qafila.runtime.events.envelope import Source
from qafila.shipping.orders.workbook_sheets import told
from tests.api.conftest import FEED
from tests.test_parsers import _bytes, _documents

_TRIES = int(os.environ.get("QAFILA_TRIES", "60"))
_trying = settings(
    max_examples=_TRIES,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

_EPCIS = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-30T10:00:00Z",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "eventTime": "2026-11-30T10:00:00.000+01:00",
                "eventTimeZoneOffset": "+01:00",
                "epcList": ["https://id.gs1.org/00/095212340000000018"],
                "action": "OBSERVE",
                "bizStep": "arriving",
                "disposition": "in_transit",
                "readPoint": {"id": "https://id.gs1.org/414/9521234000013"},
                "errorDeclaration": {"declarationTime": "2026-11-30T10:00:00Z", "reason": "incorrect_data"},
            },
            {
                "type": "AggregationEvent",
                "eventTime": "2026-11-30T10:00:00Z",
                "eventTimeZoneOffset": "+00:00",
                "parentID": "urn:epc:id:sscc:9521234.0000000001",
                "childEPCs": ["https://id.gs1.org/00/095212340000000025"],
                "action": "ADD",
            },
        ]
    },
}
_PIECE = {
    "@context": {"cargo": "https://onerecord.iata.org/ns/cargo#", "xsd": "http://www.w3.org/2001/XMLSchema#"},
    **objects.location("Casablanca", [("IATA", "CMN")]),
}


@given(_documents(_EPCIS))
@_trying
def test_epcis_is_reports_or_said_to_be_none(told_so: Any) -> None:
    try:
        document = EpcisDocument.model_validate_json(json.dumps(told_so))
    except (ValidationError, Fault):
        return
    found, left = reports(document, FEED, Source("carrier", "car_x", ""))
    assert all(one.subject for one in found)
    assert all(isinstance(why, str) for why in left)


def test_epcis_as_it_should_be_is_reports() -> None:
    found, _ = reports(
        EpcisDocument.model_validate_json(json.dumps(_EPCIS)), FEED, Source("carrier", "car_x", "")
    )
    assert found


@given(
    _documents(copy.deepcopy(_PIECE))
    | st.recursive(st.none() | st.text(max_size=4), lambda x: st.lists(x, max_size=3), max_leaves=9)
)
@_trying
def test_one_record_is_right_or_its_flaws_are_named(told_so: Any) -> None:
    found = vocabulary.flaws(told_so)
    assert isinstance(found, list)
    assert all(str(flaw) for flaw in found)


def test_one_record_of_our_own_is_right() -> None:
    assert vocabulary.flaws(copy.deepcopy(_PIECE)) == []
    assert vocabulary.flaws({"@type": "Nonsense"}) != []


def _workbook() -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("orders")
        for n, row in enumerate((["order_id", "title", "n"], ["A", "Oil", 2.5], ["B", True, None])):
            sheet.write_row(n, 0, row)
    return kept.getvalue()


_BOOK = _workbook()
_PARTS = {
    name: zipfile.ZipFile(io.BytesIO(_BOOK)).read(name)
    for name in zipfile.ZipFile(io.BytesIO(_BOOK)).namelist()
}


@st.composite
def _books(draw: st.DrawFn) -> bytes:
    """A workbook in which one part is another, or is missing."""
    changed = draw(st.sampled_from(sorted(_PARTS)))
    other = draw(st.none() | _bytes(_PARTS[changed]))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        for name, part in _PARTS.items():
            if name != changed or other is not None:
                packed.writestr(name, part if name != changed else other or b"")
    return kept.getvalue()


@given(_books() | _bytes(_BOOK))
@_trying
def test_a_workbook_is_rows_or_said_to_be_none(data: bytes) -> None:
    found = told(data)
    assert len(found.keys() & {"rows", "broken", "empty", "too_many"}) == 1
    orjson.dumps(found)  # it goes from one process to another


def test_a_workbook_as_it_should_be_is_rows() -> None:
    assert told(_BOOK)["rows"][1] == ["A", "Oil", "2.5"]


@pytest.mark.parametrize("sheet", [b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"\xff\xfe\x00", b""])
def test_a_sheet_that_is_none_is_said(sheet: bytes) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        for name, part in _PARTS.items():
            packed.writestr(name, sheet if name.endswith("sheet1.xml") else part)
    assert "rows" not in told(kept.getvalue())
