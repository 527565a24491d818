"""What sensors said, in EPCIS 2.0 events: their form."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool, StrictStr

from qafila.api.tracking.epcis_parts import Figure, Instant, Part, Uri, word


class SensorMetadata(Part):
    """Which device measured, when, and how it was worked out."""

    time: Instant | None = None
    deviceID: Uri | None = None
    deviceMetadata: Uri | None = None
    rawData: Uri | None = None
    startTime: Instant | None = None
    endTime: Instant | None = None
    dataProcessingMethod: Uri | None = None
    bizRules: Uri | None = None


class SensorReport(Part):
    """One thing that was measured."""

    type: Annotated[StrictStr, word("measurementType")]
    exception: Annotated[StrictStr, word("sensorAlertType")] | None = None
    deviceID: Uri | None = None
    deviceMetadata: Uri | None = None
    rawData: Uri | None = None
    dataProcessingMethod: Uri | None = None
    bizRules: Uri | None = None
    time: Instant | None = None
    microorganism: Uri | None = None
    chemicalSubstance: Uri | None = None
    coordinateReferenceSystem: Uri | None = None
    value: Figure | None = None
    component: Annotated[StrictStr, word("component")] | None = None
    stringValue: StrictStr | None = None
    booleanValue: StrictBool | None = None
    hexBinaryValue: Annotated[StrictStr, Field(pattern="^[A-Fa-f0-9]+$")] | None = None
    uriValue: Uri | None = None
    minValue: Figure | None = None
    maxValue: Figure | None = None
    meanValue: Figure | None = None
    sDev: Figure | None = None
    percRank: Figure | None = None
    percValue: Figure | None = None
    uom: StrictStr | None = None


class SensorElement(Part):
    """What one sensor reported."""

    sensorMetadata: SensorMetadata | None = None
    sensorReport: list[SensorReport] = Field(min_length=1)
