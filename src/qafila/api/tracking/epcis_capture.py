"""EPCIS 2.0 documents as they are sent to us: their form."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import refused

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_BLANK = re.compile(r"_:\S+")
_CBV_IN_FULL = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OFFSET = r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"


@cache
def _words(field: str) -> frozenset[str]:
    with (files("qafila") / "facts" / "epcis-words.csv").open(encoding="utf-8") as lines:
        return frozenset(r["word"] for r in csv.DictReader(lines) if r["field"] == field)


def _uri(text: str) -> str:
    if not _URI.fullmatch(text):
        raise refused("epcis", m.NOT_A_URI(), m.WRITE_URI())
    return text


def _node(text: str) -> str:
    """A name of the document: a URI, or a blank node of JSON-LD ("_:document1"), which names it nowhere else."""
    return text if _BLANK.fullmatch(text) else _uri(text)


def _instant(given: object) -> object:
    if not isinstance(given, str) or not _RFC_3339.fullmatch(given):
        raise refused("epcis", m.NOT_AN_INSTANT(), m.WRITE_INSTANT())
    return given


def _word(field: str) -> AfterValidator:
    """A bare word of GS1's vocabulary, or a URI of somebody's own."""

    def check(text: str) -> str:
        if text in _words(field):
            return text
        if _CBV_IN_FULL.match(text):
            raise refused("epcis", m.BARE_WORD(), m.WRITE_BARE_WORD())
        if not _URI.fullmatch(text):
            raise refused("epcis", m.NO_WORD(field=field), m.WRITE_WORD())
        return text

    return AfterValidator(check)


Uri = Annotated[str, AfterValidator(_uri)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]


class _Part(BaseModel):
    """A part of a document. Further properties must be named by URIs (prefix:name), as the standard says."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    @model_validator(mode="after")
    def _extensions(self) -> _Part:
        for name in self.model_extra or {}:
            if not _URI.fullmatch(name):
                raise refused("epcis", m.NO_PROPERTY(name=name), m.NAME_EXTENSION())
        return self


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Place(_Part):
    """A read point or business location."""

    id: Uri


class BizTransaction(_Closed):
    """A business document that the event belongs to."""

    type: Annotated[str, _word("bizTransactionType")] | None = None
    bizTransaction: Uri


class Source(_Closed):
    """Where the goods come from."""

    type: Annotated[str, _word("sourceDestType")]
    source: Uri


class Destination(_Closed):
    """Where the goods go."""

    type: Annotated[str, _word("sourceDestType")]
    destination: Uri


class Quantity(_Closed):
    """Goods known by class and amount only."""

    epcClass: Uri
    quantity: float | None = None
    uom: str | None = Field(default=None, pattern=r"^[A-Z0-9]{2,3}$")


class ErrorDeclaration(_Part):
    """Says that the event, sent before, was wrong."""

    declarationTime: Instant
    reason: Annotated[str, _word("errorReason")] | None = None
    correctiveEventIDs: list[Uri] | None = None


class _Event(_Part):
    _raw: dict[str, Any] = PrivateAttr(default_factory=dict)
    eventTime: Instant
    eventTimeZoneOffset: str = Field(pattern=_OFFSET)
    recordTime: Instant | None = None
    eventID: Uri | None = None
    errorDeclaration: ErrorDeclaration | None = None
    certificationInfo: Uri | list[Uri] | None = None
    context: Any = Field(default=None, alias="@context")
    bizStep: Annotated[str, _word("bizStep")] | None = None
    disposition: Annotated[str, _word("disposition")] | None = None
    persistentDisposition: dict[str, list[str]] | None = None
    readPoint: Place | None = None
    bizLocation: Place | None = None
    bizTransactionList: list[BizTransaction] | None = None
    sourceList: list[Source] | None = None
    destinationList: list[Destination] | None = None
    sensorElementList: list[dict[str, Any]] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _as_told(cls, given: Any, handler: ModelWrapValidatorHandler[_Event]) -> _Event:
        made = handler(given)
        if isinstance(given, dict):
            made._raw = given
        return made

    @property
    def raw(self) -> dict[str, Any]:
        """The event's JSON as it was told."""
        return self._raw

    def goods(self) -> list[str]:
        """The EPCs of every single thing that the event concerns, and of what holds them."""
        raise NotImplementedError

    def classes(self) -> list[str]:
        """The classes of what the event concerns by amount only."""
        return []


Action = Literal["OBSERVE", "ADD", "DELETE"]


class ObjectEvent(_Event):
    """Something happened to things."""

    type: Literal["ObjectEvent"]
    action: Action
    epcList: list[Uri] | None = None
    quantityList: list[Quantity] | None = None
    ilmd: dict[Uri, Any] | None = None

    @model_validator(mode="after")
    def _what(self) -> ObjectEvent:
        if self.epcList is None and self.quantityList is None and self.sensorElementList is None:
            raise refused("epcis", m.NEEDS_OBJECTS(), m.ADD_WHAT_IS_MISSING())
        return self

    def goods(self) -> list[str]:
        return self.epcList or []

    def classes(self) -> list[str]:
        return [q.epcClass for q in self.quantityList or []]


class _Contained(_Event):
    action: Action
    parentID: Uri | None = None
    childEPCs: list[Uri] | None = None
    childQuantityList: list[Quantity] | None = None

    @model_validator(mode="after")
    def _what(self) -> _Contained:
        if not self.childEPCs and not self.childQuantityList and self.action != "DELETE":
            raise refused("epcis", m.NEEDS_CHILDREN(), m.ADD_WHAT_IS_MISSING())
        return self

    def goods(self) -> list[str]:
        return [*(self.childEPCs or []), *([self.parentID] if self.parentID else [])]

    def classes(self) -> list[str]:
        return [q.epcClass for q in self.childQuantityList or []]


class AggregationEvent(_Contained):
    """Things were put into, or taken out of, a handling unit."""

    type: Literal["AggregationEvent"]


class AssociationEvent(_Contained):
    """Things were attached to another."""

    type: Literal["AssociationEvent"]
    parentID: Uri


class TransactionEvent(_Event):
    """Things became, or ceased to be, part of a business transaction."""

    type: Literal["TransactionEvent"]
    action: Action
    parentID: Uri | None = None
    epcList: list[Uri] | None = None
    quantityList: list[Quantity] | None = None
    bizTransactionList: list[BizTransaction]

    def goods(self) -> list[str]:
        return [*(self.epcList or []), *([self.parentID] if self.parentID else [])]

    def classes(self) -> list[str]:
        return [q.epcClass for q in self.quantityList or []]


class TransformationEvent(_Event):
    """Things became others."""

    type: Literal["TransformationEvent"]
    inputEPCList: list[Uri] | None = None
    inputQuantityList: list[Quantity] | None = None
    outputEPCList: list[Uri] | None = None
    outputQuantityList: list[Quantity] | None = None
    transformationID: Uri | None = None
    ilmd: dict[Uri, Any] | None = None

    def goods(self) -> list[str]:
        return [*(self.inputEPCList or []), *(self.outputEPCList or [])]

    def classes(self) -> list[str]:
        return [q.epcClass for q in (*(self.inputQuantityList or []), *(self.outputQuantityList or []))]


AnyEvent = Annotated[
    ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent | TransformationEvent,
    Field(discriminator="type"),
]


class Body(_Closed):
    """What a document carries."""

    eventList: list[AnyEvent] = Field(max_length=1000)


class _ResultsBody(_Part):
    eventList: list[AnyEvent] = Field(max_length=1000)
    vocabularyList: list[Any] | None = None


class _QueryResults(_Part):
    queryName: str
    subscriptionID: str | None = None
    resultsBody: _ResultsBody


class QueryBody(_Closed):
    """What the answer to a query carries."""

    queryResults: _QueryResults


class EpcisDocument(_Part):
    """An EPCIS 2.0 document (JSON-LD), or the answer to a query of another repository."""

    context: Any = Field(alias="@context")
    type: Literal["EPCISDocument", "EPCISQueryDocument"]
    schemaVersion: str | None = Field(default=None, pattern=r"^\d+(\.\d+)*$")
    creationDate: Instant | None = None
    epcisBody: Body | QueryBody
    id: Annotated[str, AfterValidator(_node)] | None = None
    instanceIdentifier: str | None = None
    sender: str | None = None
    receiver: str | None = None
    epcisHeader: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _whole(self) -> EpcisDocument:
        if self.type == "EPCISDocument" and (self.schemaVersion is None or self.creationDate is None):
            raise refused("epcis", m.NEEDS_HEAD(), m.ADD_WHAT_IS_MISSING())
        if (self.type == "EPCISDocument") != isinstance(self.epcisBody, Body):
            raise refused("epcis", m.NO_BODY(), m.ADD_WHAT_IS_MISSING())
        return self

    def events(self) -> list[AnyEvent]:
        """The events that it carries."""
        body = self.epcisBody
        return body.eventList if isinstance(body, Body) else body.queryResults.resultsBody.eventList

    def pointer(self) -> str:
        """Where they stand in it."""
        if isinstance(self.epcisBody, Body):
            return "#/epcisBody/eventList"
        return "#/epcisBody/queryResults/resultsBody/eventList"
