"""EPCIS 2.0 documents as they are sent to us: their form."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import refused
from qafila.api.tracking.epcis_parts import (
    Closed,
    Figure,
    Instant,
    Part,
    Uri,
    node,
    nothing_in,
    word,
)
from qafila.api.tracking.epcis_sensors import SensorElement

_OFFSET = r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$"


class Place(Part):
    """A read point or business location."""

    id: Uri


class BizTransaction(Closed):
    """A business document that the event belongs to."""

    type: Annotated[str, word("bizTransactionType")] | None = None
    bizTransaction: Uri


class Source(Closed):
    """Where the goods come from."""

    type: Annotated[str, word("sourceDestType")]
    source: Uri


class Destination(Closed):
    """Where the goods go."""

    type: Annotated[str, word("sourceDestType")]
    destination: Uri


class Quantity(Closed):
    """Goods known by class and amount only."""

    epcClass: Uri
    quantity: Figure | None = None
    uom: str | None = Field(default=None, pattern=r"^[A-Z0-9]{2,3}$")


class ErrorDeclaration(Part):
    """Says that the event, sent before, was wrong."""

    declarationTime: Instant
    reason: Annotated[str, word("errorReason")] | None = None
    correctiveEventIDs: list[Uri] | None = None


class _Event(Part):
    _raw: dict[str, Any] = PrivateAttr(default_factory=dict)
    eventTime: Instant
    eventTimeZoneOffset: str = Field(pattern=_OFFSET)
    recordTime: Instant | None = None
    eventID: Uri | None = None
    errorDeclaration: ErrorDeclaration | None = None
    certificationInfo: Uri | list[Uri] | None = None
    context: Any = Field(default=None, alias="@context")
    bizStep: Annotated[str, word("bizStep")] | None = None
    disposition: Annotated[str, word("disposition")] | None = None
    persistentDisposition: dict[str, list[str]] | None = None
    readPoint: Place | None = None
    bizLocation: Place | None = None
    bizTransactionList: list[BizTransaction] | None = None
    sourceList: list[Source] | None = None
    destinationList: list[Destination] | None = None
    sensorElementList: list[SensorElement] | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _as_told(cls, given: Any, handler: ModelWrapValidatorHandler[_Event]) -> _Event:
        if isinstance(given, dict) and (empty := nothing_in(given)):
            raise refused("epcis", m.NO_VALUE(name=empty), m.LEAVE_OUT())
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


class Body(Closed):
    """What a document carries."""

    eventList: list[AnyEvent] = Field(max_length=1000)


class _ResultsBody(Part):
    eventList: list[AnyEvent] = Field(max_length=1000)
    vocabularyList: list[Any] | None = None


class _QueryResults(Part):
    queryName: str
    subscriptionID: str | None = None
    resultsBody: _ResultsBody


class QueryBody(Closed):
    """What the answer to a query carries."""

    queryResults: _QueryResults


class EpcisDocument(Part):
    """An EPCIS 2.0 document (JSON-LD), or the answer to a query of another repository."""

    context: Any = Field(alias="@context")
    type: Literal["EPCISDocument", "EPCISQueryDocument"]
    schemaVersion: str | None = Field(default=None, pattern=r"^\d+(\.\d+)*$")
    creationDate: Instant | None = None
    epcisBody: Body | QueryBody
    id: Annotated[str, AfterValidator(node)] | None = None
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
