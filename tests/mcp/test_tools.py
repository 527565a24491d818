"""The tools called by a real MCP client: in memory, over stdio from another process, and over streamable HTTP."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitResult
from sqlalchemy import text

from qafila.cli.chassis.serve import listen
from qafila.context import Context
from qafila.mcp.confirming import LASTS, Confirmations
from qafila.mcp.mcp_hub import Hub
from qafila.mcp.tools import server
from qafila.runtime.database import administrator
from tests.api.conftest import Login, api, login, moment, order, surroundings  # noqa: F401  (fixtures)
from tests.applications import api_on

ROOT = Path(__file__).parents[2]


def key_of(client: Any) -> str:
    return str(client.headers["Authorization"]).removeprefix("Bearer ")


def called(connection: Any, use: Callable[[Client], Awaitable[Any]], **how: Any) -> Any:
    async def run() -> Any:
        async with Client(connection, **how) as client:
            return await use(client)

    return asyncio.run(run())


def told(answer: CallToolResult) -> dict[str, Any]:
    assert answer.structured_content is not None, answer
    return answer.structured_content


@pytest.fixture
def hub(surroundings: Context) -> Hub:  # noqa: F811
    return Hub(api_on(lambda: surroundings))


def standing(order_id: str) -> int:
    """How many bookings of an order there are."""
    with administrator() as connection:
        asked = text("SELECT count(*) FROM bookings WHERE order_id = :o")
        return int(connection.execute(asked, {"o": order_id}).scalar_one())


def test_an_agent_quotes_and_books_in_two_steps(hub: Hub, login: Login) -> None:  # noqa: F811
    key = key_of(login())
    asked = order()

    async def use(client: Client) -> str:
        names = {t.name: t for t in (await client.list_tools()).tools}
        assert set(names) == {"quote", "route", "duty", "classify", "track", "book"}
        assert (
            "person" not in names["book"].input_schema["properties"]
        )  # nobody but a person answers for a person
        offers = told(await client.call_tool("quote", {"order": asked, "most": 1}))
        assert len(offers["offers"]) == 1
        offer = offers["offers"][0]
        first = told(await client.call_tool("book", {"offer_id": offer["id"]}))
        assert first["booked"] is False
        assert offer["price"]["amount"] in first["ask_your_user"]
        assert standing(asked["id"]) == 0
        forged = await client.call_tool(
            "book", {"offer_id": offer["id"], "confirmation": "9999999999." + "0" * 32}
        )
        assert forged.is_error
        assert standing(asked["id"]) == 0
        sent = {"offer_id": offer["id"], "confirmation": first["confirmation"]}
        booked = told(await client.call_tool("book", sent))
        assert booked["booked"] is True
        assert standing(asked["id"]) == 1
        again = told(await client.call_tool("book", sent))  # twice is one booking
        assert again["id"] == booked["id"]
        assert standing(asked["id"]) == 1
        seen = told(await client.call_tool("track", {"number": booked["parcels"][0]}))
        assert seen["state"] == "booked"
        return str(booked["id"])

    made = called(server(hub, key), use)
    with administrator() as connection:  # the same log as of every other door
        kinds = connection.execute(
            text("SELECT kind FROM log_entries WHERE subject IN (:o, :b)"), {"o": asked["id"], "b": made}
        ).scalars()
        assert sorted(kinds) == ["shipping.booking", "shipping.offers"]


@pytest.mark.parametrize(
    ("answer", "booked"), [("yes", True), ("no", False), ("decline", False), ("cancel", False)]
)
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_program_that_can_ask_its_user_has_to(
    hub: Hub,
    login: Login,  # noqa: F811  # a fixture
    answer: str,
    booked: bool,
    mode: str,
) -> None:
    key = key_of(login())
    asked = order()
    questions = []

    async def person(context: Any, params: Any) -> ElicitResult:
        questions.append(params.message)
        if answer in ("decline", "cancel"):
            return ElicitResult(action=answer)  # type: ignore[arg-type]
        return ElicitResult(action="accept", content={"book": answer == "yes"})

    async def use(client: Client) -> None:
        offer = told(await client.call_tool("quote", {"order": asked}))["offers"][0]
        said = told(await client.call_tool("book", {"offer_id": offer["id"], "confirmation": "made up"}))
        assert said["booked"] is booked
        assert asked["id"] in questions[0]

    called(server(hub, key), use, elicitation_callback=person, mode=mode)
    assert standing(asked["id"]) == int(booked)


def test_a_key_with_too_narrow_a_scope_over_stdio(hub: Hub, login: Login) -> None:  # noqa: F811
    asked = order()
    whole, narrow = login(), None
    offer = whole.post("offers", json=asked).json()["offers"][0]["id"]
    narrow = key_of(login("offers:read"))

    def process(key: str) -> StdioServerParameters:
        env = {**os.environ, "QAFILA_KEY": key, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        return StdioServerParameters(
            command=sys.executable, args=["-m", "tests.mcp.small_server"], env=env, cwd=ROOT
        )

    async def as_narrow(client: Client) -> None:
        assert not (await client.call_tool("quote", {"order": order()})).is_error
        refused = await client.call_tool("book", {"offer_id": offer})
        assert refused.is_error
        assert told(refused)["scope"] == "bookings:write"
        assert told(refused)["status"] == 403
        assert "bookings:write" in refused.content[0].text  # type: ignore[union-attr]

    called(process(narrow), as_narrow)

    async def as_nobody(client: Client) -> None:
        for tool, sent in (("quote", {"order": order()}), ("book", {"offer_id": offer})):
            refused = await client.call_tool(tool, sent)
            assert refused.is_error
            assert told(refused)["status"] == 401
        ways = told(await client.call_tool("route", {"origin": "WH", "destination": "STA", "kg": 2}))
        assert ways["ways"][0]["legs"][-1]["to_facility"] == "STA"
        goods = [{"description": "shoes", "hs": "640411", "quantity": 1, "value": "100.00"}]
        due = {"from": "CN", "to": "MA", "currency": "EUR", "date": "2026-11-23", "goods": goods}
        assert not (await client.call_tool("duty", {"consignment": due})).is_error
        assert "640411" in str(
            told(await client.call_tool("classify", {"title": "running shoes of textile"}))
        )
        strange = await client.call_tool("track", {"number": "RR473124829MA"})
        assert strange.is_error
        assert told(strange)["status"] == 404

    called(server(hub), as_nobody)
    assert standing(asked["id"]) == 0


def test_over_http_each_request_brings_its_own_key(hub: Hub, login: Login) -> None:  # noqa: F811
    """The key of the process is nobody's over HTTP; a name that is not this server's own is not answered."""
    asked = order()
    mine = key_of(login())
    app = server(hub, "a key of the process").streamable_http_app(json_response=True)
    socket = listen("127.0.0.1", 18470)
    at = f"http://127.0.0.1:{socket.getsockname()[1]}/mcp"

    async def run() -> None:
        serving = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        task = asyncio.create_task(serving.serve(sockets=[socket]))
        while not serving.started:
            await asyncio.sleep(0.02)
        try:
            for key, refused in ((mine, False), ("", True)):
                headers = {"authorization": f"Bearer {key}"} if key else {}
                async with (
                    httpx2.AsyncClient(headers=headers, timeout=60) as http,
                    Client(streamable_http_client(at, http_client=http)) as client,
                ):
                    answer = await client.call_tool(
                        "quote", {"order": {**asked, "id": f"{asked['id']}-{key[-3:]}"}}
                    )
                    assert answer.is_error is refused
            async with httpx2.AsyncClient() as http:
                strange = await http.post(at, json={}, headers={"host": "evil.example"})
                assert strange.status_code in (403, 421)
        finally:
            serving.should_exit = True
            await task

    asyncio.run(run())


def test_a_refusal_says_where_and_what_to_do(hub: Hub, login: Login) -> None:  # noqa: F811
    key = key_of(login())
    wrong = order()
    wrong["items"][0]["hs"] = "999999"

    async def use(client: Client) -> None:
        refused = await client.call_tool("quote", {"order": wrong})
        assert refused.is_error
        assert "#/items/0/hs" in refused.content[0].text  # type: ignore[union-attr]
        strange = await client.call_tool("quote", {"order": {**order(), "colour": "red"}})
        assert told(strange)["errors"][0]["pointer"] == "#/colour"
        empty = await client.call_tool("quote", {"order": {}})
        assert {e["pointer"] for e in told(empty)["errors"]} == {"#/id", "#/sender", "#/receiver", "#/items"}
        (asked,) = (t for t in (await client.list_tools()).tools if t.name == "quote")
        assert asked.input_schema["properties"]["order"]["properties"]["sender"]["properties"]["city"]
        assert (await client.call_tool("book", {"offer_id": "../account"})).is_error

    called(server(hub, key), use)


def test_a_confirmation_is_for_one_offer_price_and_key_and_lapses() -> None:
    now = [1000.0]
    confirmations = Confirmations(lambda: now[0])
    given = confirmations.give("key_1.secret", "ofr_1", "5.00 EUR")
    assert confirmations.holds(given, "key_1.secret", "ofr_1", "5.00 EUR")
    for other in (
        ("key_2.secret", "ofr_1", "5.00 EUR"),
        ("key_1.x", "ofr_2", "5.00 EUR"),
        ("key_1.x", "ofr_1", "5.01 EUR"),
    ):
        assert not confirmations.holds(given, *other)
    for broken in ("", ".", "x.y", "²." + given.partition(".")[2], given + "0", f"9{given}"):
        assert not confirmations.holds(broken, "key_1.secret", "ofr_1", "5.00 EUR")
    now[0] += LASTS + 1
    assert not confirmations.holds(given, "key_1.secret", "ofr_1", "5.00 EUR")
