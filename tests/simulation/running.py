"""One run: a database of its own, the actors, the faults, and what holds at the end."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import psycopg
from fastapi import FastAPI
from sqlalchemy import create_engine, make_url

from qafila.api.app import create_app
from qafila.api.chassis import answering_once
from qafila.context import Context
from qafila.floors import RIGHTS
from qafila.network.installed import Network
from qafila.openness.sequencing import integrate
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.database import administrator, connection, engine
from qafila.runtime.database.migrate import upgrade
from qafila.runtime.events.advancing import advance
from qafila.runtime.settings import settings
from qafila.runtime.webhooks.fanning import WEBHOOKS
from qafila.storage.model import Goods
from tests.api.conftest import MONDAY, RULES
from tests.network.small import small_feed
from tests.simulation import invariants
from tests.simulation.actors import World, carrier, fanner, hooker, merchant, picker, sequencer
from tests.simulation.floors import Doors, bagger, counter, courier, doors, opened
from tests.simulation.scheduling import Actor, Faults, Schedule, watched
from tests.storage.houses import fill, owner, warehouse

_TEMPLATE = "simulated"
_FEW_KG = 2
"""Room on the last legs, so that a few parcels fill them."""


def network() -> Network:
    """The small network with hardly any room on its last legs."""
    feed = small_feed()
    narrow = tuple(replace(c, kg=_FEW_KG) if c.service in ("LAST", "TOUR") else c for c in feed.capacities)
    return Network.of(replace(feed, capacities=narrow))


def run(seed: int, faults: Faults | None = None) -> tuple[list[str], list[str]]:
    """Runs a seed.

    Returns:
        What does not hold at the end, and the trace of the run.
    """
    with _own_database() as (url, stage):
        world, actors = _cast(seed, stage)
        schedule = Schedule(seed, url, faults or Faults())
        watched(engine())
        patience, answering_once._PATIENCE_SECONDS = answering_once._PATIENCE_SECONDS, 0.0
        try:
            schedule.run(actors)
        finally:
            answering_once._PATIENCE_SECONDS = patience
        while advance(WEBHOOKS):
            pass
        integrate(MONDAY)
        with administrator("everything is looked at") as connection:
            return invariants.broken(connection, world), schedule.trace


def chosen(seed: int) -> list[str]:
    """Who acts in a seed beside merchants, the carrier and the workers."""
    return random.Random(seed).sample(_OTHERS, 3)


@dataclass(frozen=True)
class Stage:
    """What is there before anybody acts, in a database that each run has a copy of.

    Attributes:
        keys: of an API, by the name of who has it.
        facility: a warehouse at work.
        goods: what lies in it.
        at: a station whose driver is out.
    """

    keys: dict[str, str]
    facility: str
    goods: Goods
    at: Doors


def _set() -> Stage:
    """Sets the stage in the database of this process."""
    keys = {}
    with administrator("the cast is hired") as connection:
        for name, kind in (
            ("souk", TenantKind.MERCHANT),
            ("atlas", TenantKind.MERCHANT),
            ("carrier", TenantKind.CARRIER),
        ):
            tenant = accounts.create(connection, name, kind)
            scopes = (
                None
                if kind is TenantKind.CARRIER
                else ("offers:read", "bookings:read", "bookings:write", "webhooks:read", "webhooks:write")
            )
            keys[name] = accounts.issue_key(connection, RIGHTS, tenant.id, scopes)[1]
    facility = warehouse()
    goods = fill(facility, owner(), "LAMP", 5, "A-01-L-1")
    at = doors()
    opened(at.station.id)
    return Stage(keys, facility, goods, at)


def _cast(seed: int, stage: Stage) -> tuple[World, list[Actor]]:
    """Who acts: two merchants, one of them twice at once, a carrier, two workers, and by the seed three of the other kinds,
    each twice with the same keys."""
    world = World(_app(), stage.keys)
    places = ("A-01-L-1", "A-02-L-1", "B-01-L-1")
    at = Doors(stage.at.station, list(stage.at.parcels))
    more = {
        "hook": lambda: hooker(world, "souk"),
        "picker": lambda: picker(world, stage.facility, stage.goods, places, 4),
        "courier": lambda: courier(world, at),
        "counter": lambda: counter(world, at, 3),
        "bagger": lambda: bagger(world, at.parcels, at.station.id, 5),
    }
    return world, [
        Actor("souk", merchant(world, "souk", 2, (1,))),
        Actor("souk again", merchant(world, "souk", 2, (1,))),
        Actor("atlas", merchant(world, "atlas", 2, (0,))),
        Actor("carrier", carrier(world, 4)),
        Actor("fanner", fanner(world, 4)),
        Actor("sequencer", sequencer(world, 3)),
        *(Actor(f"{name}{again}", more[name]()) for name in chosen(seed) for again in ("", " again")),
    ]


@cache
def _app() -> FastAPI:
    """The API on the small network, made once: it keeps nothing of a run, and its description takes seconds to build."""
    context = Context(_NETWORK, RULES, clock=lambda: MONDAY)
    app = FastAPI()
    app.mount("/api/v1", create_app(lambda: context))
    return app


@contextmanager
def _own_database() -> Iterator[tuple[str, Stage]]:
    """A fresh copy of the stage's database, and a folder for its log; gives its address and the stage."""
    base = engine().url
    engine().dispose()
    plain = base.set(drivername="postgresql")
    address = plain.render_as_string(hide_password=False)
    stage = _template(address)
    name = f"one_run_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as maker:
        maker.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        maker.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}_{os.getpid()}")
    own = plain.set(database=name).render_as_string(hide_password=False)
    with _standing_on(own):
        yield own, stage
    with psycopg.connect(address, autocommit=True) as maker:
        maker.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _standing_on(address: str) -> Iterator[None]:
    """Lets this process work on a database, with an empty log."""
    before = {n: os.environ.get(n) for n in ("QAFILA_DATABASE_URL", "QAFILA_LOG_FOLDER")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"QAFILA_DATABASE_URL": address, "QAFILA_LOG_FOLDER": str(Path(folder) / "log")}
        _swap()
        try:
            yield
        finally:
            engine().dispose()
            for n, value in before.items():
                if value is None:
                    os.environ.pop(n)
                else:
                    os.environ[n] = value
            _swap()


_STAGES: dict[str, Stage] = {}


def _template(address: str) -> Stage:
    """Makes the database of which each run has a copy, once in a process: the copy takes a tenth of a second, the stage two."""
    if address in _STAGES:
        return _STAGES[address]
    name = f"{_TEMPLATE}_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as maker:
        maker.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        maker.execute(f"CREATE DATABASE {name}")
    url = make_url(address).set(database=name)
    made = create_engine(url.set(drivername="postgresql+psycopg"))
    upgrade(made)
    made.dispose()
    with _standing_on(url.render_as_string(hide_password=False)):
        _STAGES[address] = _set()
    return _STAGES[address]


def _swap() -> None:
    """Lets this process look again at where its database is."""
    settings.cache_clear()
    connection.engine.cache_clear()
    connection._made.cache_clear()


_OTHERS = ("hook", "picker", "courier", "counter", "bagger")
_NETWORK = network()
