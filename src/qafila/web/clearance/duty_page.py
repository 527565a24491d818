"""/duty: the landed-cost calculator. Anyone may use it: no account, nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from qafila.context import Context
from qafila.core.message import as_it_is
from qafila.core.unknown_rate import UnknownRate
from qafila.customs.assessment import Assessment, Consignment
from qafila.customs.classification import Suggestion, classifier
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import ConsignmentError, consignment_from
from qafila.customs.rulebook import Rulebook, UnknownTerritory
from qafila.shipping.orders.order import Problem
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.page_frame import language_of, page
from qafila.web.chassis.visitor import public
from qafila.web.chassis.web_asking import context_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
_FIELDS = ("from", "to", "title", "hs", "value", "currency", "quantity", "freight", "insurance", "date", "trade",
           "channel", "origin", "preference", "scheme", "kg")  # fmt: skip
# the form's name of a field where the consignment's differs
_PLACES = {"net_kg": "kg", "sender": "from", "destination": "to", "on": "date"}


@router.get("/duty")
def duty(request: Request) -> Response:
    """The form, and what is due on what it says."""
    fields = {name: request.query_params.get(name, "").strip()[:500] for name in _FIELDS}
    asked = bool(fields["value"] or fields["title"] or fields["hs"])
    suggestion = _suggestion(fields) if asked and fields["title"] and not fields["hs"] else None
    if suggestion is not None and suggestion.best is not None and not suggestion.abstained:
        proposed = suggestion.best.hs6
    else:
        proposed = ""
    consignment, assessment, problems = (
        _answer(context_of(request), fields, proposed) if asked else (None, None, {})
    )
    rules = context_of(request).rules
    return page(
        request,
        "duty.html",
        422 if problems else 200,
        fields=fields,
        problems=problems,
        suggestion=suggestion,
        proposed=proposed,
        consignment=consignment,
        assessment=assessment,
        destinations=_named(request, rules.rulebook.countries),
        countries=_named(request, _senders(rules.rulebook)),
        currencies=sorted(rules.rates.currencies),
    )


def _suggestion(fields: Mapping[str, str]) -> Suggestion:
    return classifier().suggest(fields["title"])


def _answer(
    context: Context, fields: Mapping[str, str], proposed: str
) -> tuple[Consignment | None, Assessment | None, dict[str, Problem]]:
    goods: dict[str, Any] = {
        "description": fields["title"],
        "quantity": fields["quantity"] or "1",
        "value": fields["value"],
        "hs": fields["hs"] or proposed,
        "origin": fields["origin"],
        "preference": fields["preference"],
        "net_kg": fields["kg"],
        "hs_estimated": not fields["hs"] and bool(proposed),
    }
    given: dict[str, Any] = {
        "from": fields["from"],
        "to": fields["to"],
        "currency": fields["currency"],
        "freight": fields["freight"],
        "insurance": fields["insurance"],
        "date": fields["date"],
        "trade": fields["trade"],
        "channel": fields["channel"],
        "scheme": fields["scheme"],
    }
    data = {k: v for k, v in given.items() if v != ""} | {
        "goods": [{k: v for k, v in goods.items() if v != ""}]
    }
    try:
        consignment = consignment_from(data, context.now().date())
        return consignment, assess(consignment, context.rules.rulebook, context.rules.rates), {}
    except ConsignmentError as error:
        name = error.field.rpartition(".")[2]
        place = _PLACES.get(name, name)
        return None, None, {place: Problem(1, place, "", error.message, error.remedy or as_it_is(""))}
    except (UnknownTerritory, UnknownRate) as error:
        place = "to" if isinstance(error, UnknownTerritory) else "currency"
        return (
            None,
            None,
            {place: Problem(1, place, error.value, error.message, error.remedy or as_it_is(""))},
        )


def _senders(rulebook: Rulebook) -> frozenset[str]:
    """Countries that goods may come from: every one whose trade the rules or the currencies know."""
    return rulebook.countries | {
        "CN",
        "HK",
        "IN",
        "JP",
        "KR",
        "VN",
        "TH",
        "ID",
        "BD",
        "PK",
        "BR",
        "CA",
        "AU",
        "TN",
        "DZ",
        "JO",
    }


def _named(request: Request, codes: frozenset[str]) -> list[tuple[str, str]]:
    speak = Formats(language_of(request))
    return sorted(((code, speak.country(code)) for code in codes), key=lambda pair: pair[1])
