"""The tools: quote, route, duty, classify, track, and book after a person said yes."""

# no `from __future__ import annotations` here: the library reads the annotations, which name what is made within a function

import json
from datetime import datetime
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field, WithJsonSchema

from qafila.api.shipping.offer_schema import OrderIn
from qafila.core.plain_text import one_line
from qafila.mcp.confirming import Confirmations
from qafila.mcp.mcp_hub import Hub, Refused

INSTRUCTIONS = """\
qafila carries parcels across borders. Ask `quote` with the order for offers (price, promised day, landed cost with duty
and taxes), show them to your user, then `book` the one that the user chose. `book` never books unasked: it has your
program ask the user, or gives you a confirmation to send back once the user has agreed. `route`, `duty`, `classify` and
`track` need no key; a key that is sent all the same must have the scope customs:read for `classify`. What is refused says why, and what would lift it."""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ASKS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_BOOKS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)

_CONSIGNMENT = (
    'As in POST /customs/duty: {"from": "CN", "to": "MA", "currency": "EUR", "freight": "10.00", "goods": '
    '[{"description": "running shoes", "hs": "640411", "quantity": 1, "value": "100.00"}]}'
)


def _whole(schema: Any, parts: dict[str, Any]) -> Any:
    """A JSON schema with what it refers to put in its place."""
    if isinstance(schema, list):
        return [_whole(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _whole(parts[schema["$ref"].removeprefix("#/$defs/")], parts)
    return {name: _whole(one, parts) for name, one in schema.items() if name != "$defs"}


_SCHEMA = OrderIn.model_json_schema()
# an agent reads what an order is, and the API judges it: its problems name the field and the remedy
_ORDER = _whole(_SCHEMA, _SCHEMA["$defs"])


class Yes(BaseModel):
    """What a person answers."""

    book: bool = Field(description="Book it?")


def server(hub: Hub, key: str = "", confirmations: Confirmations | None = None) -> MCPServer:
    """The MCP server of a hub.

    Args:
        hub: whom the tools ask.
        key: the API key of a server that speaks with one program only (stdio). Over HTTP each request brings its own,
            and this one is never used.
        confirmations: who gives and checks them; its own by default.
    """
    made = MCPServer("qafila", title="qafila", instructions=INSTRUCTIONS, log_level="WARNING")
    given = confirmations or Confirmations()

    def key_of(ctx: Context[Any, Any]) -> str:
        if ctx.headers is None:
            return key
        told = ctx.headers.get("authorization", "")
        return told.removeprefix("Bearer ").strip() if told.startswith("Bearer ") else ""

    async def answer(
        ctx: Context[Any, Any], method: str, path: str, body: Any = None, query: dict[str, Any] | None = None
    ) -> CallToolResult:
        try:
            return _said(await hub.ask(key_of(ctx), method, path, body, query))
        except Refused as refused:
            return _refusal(refused)

    @made.tool(annotations=_ASKS)
    async def quote(
        ctx: Context[Any, Any],
        order: Annotated[
            dict[str, Any],
            WithJsonSchema(_ORDER),
            Field(
                description="What goes from whom to whom. Weight, size and HS code may be left out: they are estimated, and the answer says so."
            ),
        ],
        most: Annotated[
            int, Field(ge=1, le=50, description="How many offers to tell at most, the best ones first.")
        ] = 5,
    ) -> CallToolResult:
        """Offers for an order: price, promised day with its probability, way, landed cost by line with its source. Needs the scope offers:read."""
        try:
            found = await hub.ask(key_of(ctx), "POST", "/offers", order)
        except Refused as refused:
            return _refusal(refused)
        offers = sorted(found["offers"], key=lambda o: not o["labels"])
        return _said({**found, "offers": offers[:most], "offers_left_out": max(0, len(offers) - most)})

    @made.tool(annotations=_READS)
    async def route(
        ctx: Context[Any, Any],
        origin: Annotated[str, Field(description='A facility\'s id, or an address as "Fès, MA".')],
        destination: Annotated[str, Field(description="The same.")],
        ready: Annotated[
            datetime | None, Field(description="When the goods are ready; now where it is left out.")
        ] = None,
        kg: Annotated[float, Field(gt=0, le=1000)] = 1.0,
        avoid: Annotated[
            list[str] | None, Field(description="Modes not to be used: air, belly, road, sea, rail.")
        ] = None,
    ) -> CallToolResult:
        """Ways between two places, none of which another beats in arrival, cost and CO2e, each with its legs and cut-offs."""
        query = {
            "origin": origin,
            "destination": destination,
            "ready": ready.isoformat() if ready else None,
            "kg": kg,
            "avoid": avoid,
        }
        return await answer(ctx, "GET", "/network/ways", query=query)

    @made.tool(annotations=_READS)
    async def duty(
        ctx: Context[Any, Any], consignment: Annotated[dict[str, Any], Field(description=_CONSIGNMENT)]
    ) -> CallToolResult:
        """What is due at the border on a consignment, line by line with rule, rate, source and what would change it."""
        return await answer(ctx, "POST", "/customs/duty", consignment)

    @made.tool(annotations=_READS)
    async def classify(
        ctx: Context[Any, Any],
        title: Annotated[
            str,
            Field(
                description="The goods in the seller's words, in English, French, Arabic or Chinese.",
                min_length=1,
                max_length=2000,
            ),
        ],
        attributes: str = "",
        category: str = "",
        sku: str | None = None,
    ) -> CallToolResult:
        """HS-6 candidates for goods with confidence and evidence, or a question where the words are vague. A person confirms."""
        body = {"title": title, "attributes": attributes, "category": category, "sku": sku}
        return await answer(ctx, "POST", "/customs/classify", body)

    @made.tool(annotations=_READS)
    async def track(
        ctx: Context[Any, Any],
        number: Annotated[
            str,
            Field(
                description="The parcel's S10 number, as on its label: CQ473124829MA.",
                pattern=r"^[A-Za-z0-9 ]{13,20}$",
            ),
        ],
    ) -> CallToolResult:
        """Where a parcel is, when it comes, and what happened to it; nothing personal."""
        return await answer(ctx, "GET", f"/tracking/{number.replace(' ', '')}")

    async def asked_person(ctx: Context[Any, Any], offer_id: str) -> Elicit[Yes] | Yes:
        """Has the agent's program ask its user, where it can and the key may book at all."""
        told = ctx.client_capabilities
        if told is None or told.elicitation is None:
            return Yes(book=False)
        try:
            if "bookings:write" in (await hub.ask(key_of(ctx), "GET", "/account"))["scopes"]:
                return Elicit(
                    _question(await hub.ask(key_of(ctx), "GET", f"/offers/{_plain(offer_id)}")), Yes
                )
        except Refused:
            pass  # the tool meets the same refusal, and says it
        return Yes(book=False)

    @made.tool(annotations=_BOOKS)
    async def book(
        ctx: Context[Any, Any],
        offer_id: Annotated[str, Field(description="The offer that the user chose.", max_length=100)],
        person: Annotated[ElicitationResult[Yes], Resolve(asked_person)],
        confirmation: Annotated[
            str,
            Field(
                description="What an earlier call of this tool gave; send it only after your user agreed to what that call told.",
                max_length=200,
            ),
        ] = "",
    ) -> CallToolResult:
        """Book an offer, once a person has agreed: the first call tells what would be booked, and books nothing unless the user is asked and says yes. Needs the scopes offers:read and bookings:write."""
        mine = key_of(ctx)
        told = ctx.client_capabilities
        try:
            scopes = (await hub.ask(mine, "GET", "/account"))["scopes"]
            if "bookings:write" not in scopes:  # the booking itself is refused, in the API's own words
                return _said(await hub.ask(mine, "POST", "/bookings", {"offer_id": offer_id}))
            offer = await hub.ask(mine, "GET", f"/offers/{_plain(offer_id)}")
            price = f"{offer['price']['amount']} {offer['price']['currency']}"
            if told is not None and told.elicitation is not None:
                agreed = isinstance(person, AcceptedElicitation) and person.data.book
                if not agreed:
                    return _said({"booked": False, "because": "The user was asked and did not agree."})
            elif not confirmation:
                return _said(
                    {
                        "booked": False,
                        "would_book": {
                            k: offer[k]
                            for k in (
                                "id",
                                "order_id",
                                "price",
                                "promise",
                                "landed_total",
                                "valid_until",
                                "warnings",
                            )
                        },
                        "ask_your_user": _question(offer),
                        "confirmation": given.give(mine, offer_id, price),
                        "next": "Show this to your user. If the user agrees, call book again with this confirmation within ten minutes.",
                    }
                )
            elif not given.holds(confirmation, mine, offer_id, price):
                return _refusal(Refused(_NOT_CONFIRMED))
            return _said({"booked": True, **await hub.ask(mine, "POST", "/bookings", {"offer_id": offer_id})})
        except Refused as refused:
            return _refusal(refused)

    return made


_NOT_CONFIRMED = {
    "title": "The confirmation does not hold",
    "status": 409,
    "detail": "It has lapsed, or it was given for another offer, price or key.",
    "remedy": "Call book without a confirmation, show your user what it tells, and send the new one.",
}


def _plain(id: str) -> str:
    return "".join(c for c in id if c.isalnum() or c in "_-") or "-"


def _question(offer: dict[str, Any]) -> str:
    """What a person is asked. An order's id and its goods are words of somebody else: they stand on this line and between marks,
    so that none of them reads like a price, an answer or an end of the question."""
    price, total, promise = offer["price"], offer["landed_total"], offer["promise"]
    order = one_line(offer["order_id"]).translate(_MARKS)[:60]
    parts = [
        f"Book order “{order}” for {price['amount']} {price['currency']}?",
        f"Promised by {promise['by']} (probability {promise['probability']:.0%}).",
        f"Landed cost in all: {total['amount']} {total['currency']}.",
        *offer["warnings"],
        *(f"{r['text']} Needs: {r['document']}." for r in offer["restrictions"]),
        "It can be cancelled until the carrier has the parcel.",
    ]
    return " ".join(map(one_line, parts))


_MARKS = {ord(mark): None for mark in '“”"'}


def _said(body: Any) -> CallToolResult:
    told = body if isinstance(body, dict) else {"answer": body}
    text = json.dumps(told, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=told)


def _refusal(refused: Refused) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=refused.told)],
        structured_content=refused.problem,
        is_error=True,
    )
