"""What the actors do: each sends its requests as a client does, again with the same key until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from qafila.openness.sequencing import integrate
from qafila.runtime.answered.acts import Act
from qafila.runtime.answered.acts import Actor as Person
from qafila.runtime.events.advancing import advance
from qafila.runtime.webhooks.fanning import WEBHOOKS
from qafila.storage import shelving
from qafila.storage.model import Goods
from tests.api.conftest import MONDAY, order
from tests.simulation.scheduling import Actor, Killed

_TRIES = 12


@dataclass
class World:
    """What the actors share, as clients know it: who they are, and what they were answered."""

    app: Any
    keys: dict[str, str]  # of an API, by name
    booked: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # idempotency key -> booking, first parcel
    refused: dict[str, str] = field(default_factory=dict)  # idempotency key -> kind of problem
    cancelled: set[str] = field(default_factory=set)  # bookings that were told to be cancelled
    collected: set[str] = field(default_factory=set)  # parcels that the carrier was told it collected
    hooks: set[str] = field(default_factory=set)  # webhooks that were answered
    surprises: list[str] = field(default_factory=list)  # answers that no fault explains


Script = Callable[[Actor], Awaitable[None]]


async def _ask(
    world: World, actor: Actor, who: str, method: str, path: str, key: str = "", json: object = None
) -> httpx.Response | None:
    """One request, sent again while it breaks; None where it was never answered."""
    headers = {"Authorization": f"Bearer {world.keys[who]}"} | ({"Idempotency-Key": key} if key else {})
    for _ in range(_TRIES):
        before = actor.suffered
        transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub/api/v1/") as client:
            try:
                answer = await client.request(method, path, headers=headers, json=json)
            except Killed:
                continue
        if answer.status_code >= 500:
            if actor.suffered == before:
                world.surprises.append(
                    f"{actor.name}: {method} {path}: {answer.status_code} {answer.text[:300]}"
                )
                return None
            continue
        return answer
    return None


def merchant(world: World, who: str, orders: int, cancels: tuple[int, ...]) -> Script:
    """Orders, books the first offer, and cancels some; all with keys, so that two may do it at once."""

    async def script(actor: Actor) -> None:
        for n in range(orders):
            asked = await _ask(world, actor, who, "POST", "offers", f"{who}-offer-{n}", order(f"{who}-{n}"))
            if asked is None or asked.status_code != 200:
                continue
            offer = asked.json()["offers"][0]["id"]
            key = f"{who}-book-{n}"
            answer = await _ask(world, actor, who, "POST", "bookings", key, {"offer_id": offer})
            if answer is None:
                continue
            if answer.status_code not in (200, 201):
                world.refused[key] = answer.json()["type"].rpartition("/")[2]
                continue
            told = answer.json()
            seen = (told["id"], told["parcels"][0])
            if world.booked.setdefault(key, seen) != seen:
                world.surprises.append(f"{key} was answered with {world.booked[key]} and with {seen}")
            if n in cancels:
                gone = await _ask(world, actor, who, "DELETE", f"bookings/{told['id']}")
                if gone is not None and gone.status_code == 200:
                    world.cancelled.add(told["id"])

    return script


def carrier(world: World, rounds: int) -> Script:
    """Collects the parcels that merchants were told of."""

    async def script(actor: Actor) -> None:
        for n in range(rounds):
            waiting = sorted({parcel for _, parcel in world.booked.values()} - world.collected)
            await _ask(world, actor, "carrier", "GET", "network/facilities")
            if not waiting:
                continue
            event = {
                "parcel": waiting[0],
                "type": "collected",
                "time": MONDAY.isoformat(),
                "facility": "WH",
                "source": "Karim",
            }
            answer = await _ask(
                world, actor, "carrier", "POST", "events", f"collect-{actor.name}-{n}", {"events": [event]}
            )
            if answer is not None and answer.status_code == 200 and answer.json()["recorded"]:
                world.collected.add(waiting[0])

    return script


def hooker(world: World, who: str) -> Script:
    """Asks for one webhook; two who do it at once get one."""

    async def script(actor: Actor) -> None:
        asked = {"url": "https://shop.example.org/hook", "event_types": ["booked", "cancelled", "collected"]}
        answer = await _ask(world, actor, who, "POST", "webhooks", "hook", asked)
        if answer is not None and answer.status_code == 201:
            world.hooks.add(answer.json()["id"])

    return script


async def own(actor: Actor, world: World, act: Callable[[], object]) -> None:
    """Does an act of the house itself, again while it breaks."""
    for _ in range(_TRIES):
        before = actor.suffered
        try:
            await asyncio.to_thread(act)
        except Killed:
            continue
        except (SQLAlchemyError, OSError) as error:
            if actor.suffered == before:
                world.surprises.append(f"{actor.name}: {error}")
                return
            continue
        return


def fanner(world: World, turns: int) -> Script:
    """Hands events on to webhooks, as the worker does."""

    async def script(actor: Actor) -> None:
        for _ in range(turns):
            await own(actor, world, lambda: advance(WEBHOOKS, 3))

    return script


def sequencer(world: World, turns: int) -> Script:
    """Publishes the log."""

    async def script(actor: Actor) -> None:
        for _ in range(turns):
            await own(actor, world, lambda: integrate(MONDAY))

    return script


def picker(world: World, facility: str, goods: Goods, places: tuple[str, ...], moves: int) -> Script:
    """Moves goods between places; every act has a key, so that two may do it at once."""

    async def script(actor: Actor) -> None:
        for n in range(moves):
            act = Act(f"move-{n}", Person("local", "Amal", "scanner"), MONDAY)
            source, target = places[n % len(places)], places[(n + 1) % len(places)]

            def move(act: Act = act, source: str = source, target: str = target) -> object:
                try:
                    return shelving.shift(act, facility, source, target, goods, 2)
                except Exception as fault:
                    if getattr(fault, "kind", "") != "not-enough":
                        raise
                    return fault

            await own(actor, world, move)

    return script
