"""/customs: what is due, which code, what is restricted. These need no key: anyone may calculate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from qafila.api.chassis import api_messages as say
from qafila.api.chassis.api_asking import Now, TheContext
from qafila.api.chassis.api_faults import ErrorItem
from qafila.api.chassis.authentication import CustomsReaderOrNobody, CustomsWriter
from qafila.api.chassis.common_schema import In
from qafila.api.chassis.problems import Problem, responses
from qafila.api.chassis.speaking import said
from qafila.clearance import decisions
from qafila.context import Context
from qafila.core.unknown_rate import UnknownRate
from qafila.customs.classification import Decision, classifier
from qafila.customs.customs_duty import assess
from qafila.customs.customs_exchange import ConsignmentError, assessment_as, consignment_from
from qafila.customs.rulebook import UnknownTerritory
from qafila.runtime.accounts.accounts_acting import sending
from qafila.runtime.accounts.doors import public
from qafila.runtime.language import LANGUAGES, plainly

router = APIRouter(prefix="/customs", tags=["customs"])
_LARGEST_BATCH = 1000
_MOST_GOODS = 2000  # a tenth of a second; a declaration has 999 lines at most

_EXAMPLE = {
    "from": "CN",
    "to": "MA",
    "currency": "EUR",
    "date": "2026-11-23",
    "freight": "10.00",
    "goods": [{"description": "running shoes", "hs": "640411", "quantity": 1, "value": "100.00"}],
}


@router.post(
    "/duty",
    dependencies=[Depends(public)],
    operation_id="assessDuty",
    summary="What is due on a consignment",
    responses=responses("invalid-request"),
)
def duty(
    consignment: Annotated[dict[str, Any] | list[dict[str, Any]], Body(examples=[_EXAMPLE])],
    context: TheContext,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Every line with its rule, base, rate, amount and source, and what would have changed it (docs/customs.md).

    One consignment, or a list of up to 1,000.
    """
    lines = sum(
        len(one.get("goods") or ()) if isinstance(one.get("goods"), list) else 1
        for one in ([consignment] if isinstance(consignment, dict) else consignment)
    )
    if lines > _MOST_GOODS:
        raise Problem("too-large", say.TOO_MANY_LINES(lines=lines, most=_MOST_GOODS))
    if isinstance(consignment, dict):
        return _assessed(context, consignment, "")
    if len(consignment) > _LARGEST_BATCH:
        raise Problem("too-large", say.TOO_MANY_CONSIGNMENTS(count=len(consignment), most=_LARGEST_BATCH))
    return [_assessed(context, one, f"/{n}") for n, one in enumerate(consignment)]


def _assessed(context: Context, data: dict[str, Any], at: str) -> dict[str, Any]:
    try:
        return assessment_as(
            assess(consignment_from(data, context.now().date()), context.rules.rulebook, context.rules.rates),
            said,
        )
    except ConsignmentError as error:
        pointer = f"#{at}/" + error.field.replace("[", "/").replace("]", "").replace(".", "/")
        item = ErrorItem(
            pointer=pointer,
            detail=said(error.message),
            remedy=said(error.remedy) if error.remedy else None,
        )
        raise Problem("invalid-request", error.message, error.remedy, [item]) from None
    except (UnknownTerritory, UnknownRate) as unknown:
        raise Problem("no-rules", unknown.message, unknown.remedy) from None


class GoodsIn(In):
    """Goods in a seller's words, in English, French, Arabic or Chinese."""

    title: str = Field(min_length=1, max_length=2000, examples=["women's cotton knitted cardigan"])
    attributes: str = Field(default="", max_length=20_000)
    category: str = Field(default="", max_length=500)
    sku: str | None = Field(default=None, max_length=200)
    language: str = Field(
        default="en", pattern="^(en|fr|ar|zh)$", description="language of the question and the evidence"
    )


@router.post(
    "/classify",
    dependencies=[Depends(public)],
    openapi_extra={"security": [{}]},
    operation_id="classifyGoods",
    summary="HS-6 candidates for goods",
    responses=responses("unauthorized", "insufficient-scope", "invalid-request"),
)
def classify(goods: GoodsIn, actor: CustomsReaderOrNobody) -> dict[str, Any]:
    """Five candidates with confidence and evidence, and a question where the words are vague.

    It proposes; a person confirms with /customs/decisions. With a key, what the merchant confirmed answers for
    its SKU and teaches on like goods.
    """
    memory = None
    if actor is not None:
        with sending(actor) as connection:
            memory = decisions.memory(connection, actor.tenant)
    suggestion = classifier().suggest(goods.title, goods.attributes, goods.category, goods.sku, memory)
    told: dict[str, Any] = plainly(suggestion, LANGUAGES[goods.language])
    return told


class DecisionIn(In):
    """A confirmed classification."""

    sku: str = Field(default="", max_length=200)
    title: str = Field(min_length=1, max_length=2000)
    hs6: str = Field(pattern=r"^\d{6}$", examples=["610910"])
    by: str = Field(
        default="", max_length=200, description="noted beside the holder of the key, who confirms it"
    )
    attributes: str = ""
    category: str = ""


@router.post(
    "/decisions",
    operation_id="recordDecision",
    summary="Confirm a classification",
    status_code=201,
    responses=responses("unauthorized", "insufficient-scope", "invalid-request"),
)
def decide(decision: DecisionIn, actor: CustomsWriter, now: Now) -> DecisionIn:
    """From now on it answers for its SKU, and teaches on like goods."""
    made = Decision(
        decision.sku,
        decision.title,
        decision.attributes,
        decision.category,
        decision.hs6,
        f"{actor.signature}: {decision.by}" if decision.by else actor.signature,
        now.date(),
    )
    with sending(actor) as connection:
        decisions.record(connection, actor.tenant, made)
    return decision
