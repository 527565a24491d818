"""What the parts of EPCIS 2.0 documents are made of: URIs, instants, words of the vocabulary, and further properties."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, model_validator

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import refused

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_BLANK = re.compile(r"_:\S+")
_CBV_IN_FULL = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def _words(field: str) -> frozenset[str]:
    with (files("qafila") / "facts" / "epcis-words.csv").open(encoding="utf-8") as lines:
        return frozenset(r["word"] for r in csv.DictReader(lines) if r["field"] == field)


def uri(text: str) -> str:
    if not URI.fullmatch(text):
        raise refused("epcis", m.NOT_A_URI(), m.WRITE_URI())
    return text


def node(text: str) -> str:
    """A name of the document: a URI, or a blank node of JSON-LD ("_:document1"), which names it nowhere else."""
    return text if _BLANK.fullmatch(text) else uri(text)


def _instant(given: object) -> object:
    if not isinstance(given, str) or not _RFC_3339.fullmatch(given):
        raise refused("epcis", m.NOT_AN_INSTANT(), m.WRITE_INSTANT())
    return given


def word(field: str) -> AfterValidator:
    """A bare word of GS1's vocabulary, or a URI of somebody's own."""

    def check(text: str) -> str:
        if text in _words(field):
            return text
        if _CBV_IN_FULL.match(text):
            raise refused("epcis", m.BARE_WORD(), m.WRITE_BARE_WORD())
        if not URI.fullmatch(text):
            raise refused("epcis", m.NO_WORD(field=field), m.WRITE_WORD())
        return text

    return AfterValidator(check)


Uri = Annotated[str, AfterValidator(uri)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]


class Part(BaseModel):
    """A part of a document. Further properties must be named by URIs (prefix:name), as the standard says."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    @model_validator(mode="after")
    def _extensions(self) -> Part:
        for name in self.model_extra or {}:
            if not URI.fullmatch(name):
                raise refused("epcis", m.NO_PROPERTY(name=name), m.NAME_EXTENSION())
        return self


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _figure(given: object) -> object:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise refused("epcis", m.NOT_A_FIGURE(), m.WRITE_FIGURE())
    return given


Figure = Annotated[float, BeforeValidator(_figure)]


def nothing_in(given: object) -> str:
    """The first property of the standard's own, however deep, whose value is null, which no property may be; empty where
    there is none. Of further properties (prefix:name) nothing is asked."""
    if isinstance(given, dict):
        for name, inner in given.items():
            if ":" in str(name) or name == "@context":
                continue
            if inner is None:
                return str(name)
            if found := nothing_in(inner):
                return found
    elif isinstance(given, list):
        return next((found for one in given if (found := "null" if one is None else nothing_in(one))), "")
    return ""
