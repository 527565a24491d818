"""Forms that several resources share."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from qafila.api.chassis import api_messages as m
from qafila.api.chassis.api_faults import refused, storable
from qafila.core import money

Amount = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=6, examples=["12.50"]),
    PlainSerializer(lambda d: f"{d:f}", return_type=str, when_used="json"),
]


def _of_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2200:  # as some programs write "no date"; beyond it lies the calendar's end
        raise refused("no_day", m.NO_SUCH_DAY(), m.WRITE_A_USUAL_DAY())
    return day


Day = Annotated[date, AfterValidator(_of_our_time)]
"""A day on which something may happen."""

Instant = Annotated[datetime, AfterValidator(_of_our_time)]
"""An instant at which something may happen."""


class In(BaseModel):
    """A request's part: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    _storable = field_validator("*")(storable)


def shown(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a request that shows an example in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class MoneyIn(In):
    """An amount with its currency."""

    amount: Amount = Field(ge=0)
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])


class MoneyOut(BaseModel):
    """An amount with its currency (ISO 4217)."""

    amount: Amount
    currency: str

    @classmethod
    def of(cls, value: money.Money) -> MoneyOut:
        """From the value itself, rounded to the currency's coin."""
        rounded = value.rounded()
        return cls(amount=rounded.amount, currency=rounded.currency)
