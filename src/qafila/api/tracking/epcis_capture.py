"""EPCIS 2.0 documents as they are sent to us: their form, and the reports that they hold."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from qafila.core.identifiers import s10
from qafila.core.identifiers.gs1 import check_digit
from qafila.network.model import Feed
from qafila.runtime.events.envelope import Source as Reported
from qafila.runtime.events.envelope import uuid_of
from qafila.runtime.events.types import EVENT_TYPES, may_report
from qafila.tracking.epcis import FACILITY
from qafila.tracking.event import ParcelEvent
from qafila.tracking.recording import Report
from qafila.tracking.upu_codes import type_of_epcis

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_CBV_IN_FULL = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_OFFSET = r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"


@cache
def _words(field: str) -> frozenset[str]:
    with (files("qafila") / "facts" / "epcis-words.csv").open(encoding="utf-8") as lines:
        return frozenset(r["word"] for r in csv.DictReader(lines) if r["field"] == field)


def _uri(text: str) -> str:
    if not _URI.fullmatch(text):
        raise ValueError("not a URI")
    return text


def _word(field: str) -> AfterValidator:
    """A bare word of GS1's vocabulary, or a URI of somebody's own."""

    def check(text: str) -> str:
        if text in _words(field):
            return text
        if _CBV_IN_FULL.match(text):
            raise ValueError("write the bare word of the CBV, not its URI")
        if not _URI.fullmatch(text):
            raise ValueError(f"neither a {field} of the CBV nor a URI")
        return text

    return AfterValidator(check)


Uri = Annotated[str, AfterValidator(_uri)]


class _Part(BaseModel):
    """A part of a document. Further properties must be named by URIs (prefix:name), as the standard says."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    @model_validator(mode="after")
    def _extensions(self) -> _Part:
        for name in self.model_extra or {}:
            if not _URI.fullmatch(name):
                raise ValueError(f"{name!r} is no property here; an extension is named prefix:name")
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

    declarationTime: AwareDatetime
    reason: Annotated[str, _word("errorReason")] | None = None
    correctiveEventIDs: list[Uri] | None = None


class _Event(_Part):
    eventTime: AwareDatetime
    eventTimeZoneOffset: str = Field(pattern=_OFFSET)
    recordTime: AwareDatetime | None = None
    eventID: Uri | None = None
    errorDeclaration: ErrorDeclaration | None = None
    certificationInfo: Any = None
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

    def goods(self) -> list[str]:
        """The EPCs of every single thing that the event concerns."""
        raise NotImplementedError


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
            raise ValueError("an object event needs epcList, quantityList or sensorElementList")
        return self

    def goods(self) -> list[str]:
        return self.epcList or []


class _Contained(_Event):
    action: Action
    parentID: Uri | None = None
    childEPCs: list[Uri] | None = None
    childQuantityList: list[Quantity] | None = None

    @model_validator(mode="after")
    def _what(self) -> _Contained:
        if not self.childEPCs and not self.childQuantityList and self.action != "DELETE":
            raise ValueError("childEPCs or childQuantityList is needed, unless the action is DELETE")
        return self

    def goods(self) -> list[str]:
        return self.childEPCs or []


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
        return self.epcList or []


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


AnyEvent = Annotated[
    ObjectEvent | AggregationEvent | AssociationEvent | TransactionEvent | TransformationEvent,
    Field(discriminator="type"),
]


class Body(_Closed):
    """What a document carries."""

    eventList: list[AnyEvent] = Field(max_length=1000)


class EpcisDocument(_Part):
    """An EPCIS 2.0 document (JSON-LD)."""

    context: Any = Field(alias="@context")
    type: Literal["EPCISDocument"]
    schemaVersion: str = Field(pattern=r"^\d+(\.\d+)*$")
    creationDate: AwareDatetime
    epcisBody: Body
    id: Uri | None = None
    instanceIdentifier: str | None = None
    sender: str | None = None
    receiver: str | None = None
    epcisHeader: dict[str, Any] | None = None


def reports(document: EpcisDocument, feed: Feed, sender: Reported) -> tuple[list[Report], list[str]]:
    """What a document reports of parcels, and where in the document each report stands."""
    glns = {f.gln: f.id for f in feed.facilities if f.gln}
    found: list[Report] = []
    pointers: list[str] = []
    for n, event in enumerate(document.epcisBody.eventList):
        parcels = [number for epc in event.goods() if (number := _parcel(epc)) is not None]
        for number in parcels or [(event.goods() or [""])[0]]:
            found.append(_report(event, number, glns, sender))
            pointers.append(f"#/epcisBody/eventList/{n}")
    return found, pointers


def _parcel(epc: str) -> str | None:
    """The S10 number at the end of a URI, where it has one."""
    last = re.split(r"[:/.]", epc)[-1]
    return s10.parse(last) if s10.is_valid(last) else None


def _report(event: _Event, number: str, glns: dict[str, str], sender: Reported) -> Report:
    more = event.model_extra or {}
    facility = _facility(event.bizLocation, glns) or _facility(event.readPoint, glns)
    said = more.get("qafila:type")
    type = said if said in EVENT_TYPES else type_of_epcis(event.bizStep or "", event.disposition or "")
    if said is None and not may_report(type, sender.role):
        type = (
            ParcelEvent.NOTED.value
        )  # kept and given out again; what it means is not for this sender to say
    kind = str(more.get("qafila:timeKind", "actual"))
    source = sender._replace(device=str(more.get("qafila:source", ""))[:80])
    leg = more.get("qafila:leg")
    id = _id(event)
    if event.errorDeclaration is not None:
        return Report(
            number, ParcelEvent.RETRACTED.value, event.errorDeclaration.declarationTime, source,
            id=uuid_of(f"{id}#error") if id else None,
            details={"event": id or "", "reason": event.errorDeclaration.reason or "incorrect_data"},
        )  # fmt: skip
    told = event.model_dump(
        mode="json", by_alias=True, exclude_none=True,
        include={"eventID", "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList"},
    )  # fmt: skip
    return Report(
        number, type, event.eventTime, source, kind, facility, leg if isinstance(leg, int) else None, id,
        {"epcis": told},
    )  # fmt: skip


def _id(event: _Event) -> str | None:
    if event.eventID is None:
        return None
    if match := re.fullmatch(r"urn:uuid:([0-9a-fA-F-]{36})", event.eventID):
        return match[1].lower()
    return uuid_of(event.eventID)


def _facility(place: Place | None, glns: dict[str, str]) -> str | None:
    """The facility of a location: our own URN, a GS1 Digital Link with a GLN, or an SGLN."""
    if place is None:
        return None
    if place.id.startswith(FACILITY):
        return place.id.removeprefix(FACILITY)
    if match := re.search(r"/414/(\d{13})", place.id):
        return glns.get(match[1])
    if match := re.fullmatch(r"urn:epc:id:sgln:(\d+)\.(\d*)\..*", place.id):
        digits = match[1] + match[2]
        return glns.get(f"{digits}{check_digit(digits)}") if len(digits) == 12 else None
    return None
