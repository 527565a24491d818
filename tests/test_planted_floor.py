"""A floor planted as somebody new would write it, in memory: each thing that it forgets is told, with where to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import typer
from fastapi import APIRouter, Depends, FastAPI

from qafila.cli.main import app as commands
from qafila.core.message import TEMPLATES, template
from qafila.floors import FLOORS, RIGHTS
from qafila.practice.lessons import every
from qafila.runtime.accounts.doors import public
from qafila.runtime.accounts.model import Rights
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.events.envelope import Reporter, SubjectKind
from qafila.runtime.events.events_types import EVENT_TYPES, Codes, EventType, event_type
from qafila.runtime.floor import Floor, Scope
from qafila.runtime.language import LANGUAGES
from qafila.web.chassis.visitor import requires
from tests.guards import (
    doors_forgotten,
    doors_of_nobody,
    events_without_words,
    undocumented,
    unexplained,
    unlisted,
    untaught,
    untranslated,
)
from tests.runtime.language.wanted import text_of

MEANING = template("test.gate.read", "see which trucks were let in")  # a test's own id: no catalogue holds it
HUB = frozenset({TenantKind.HUB})
SCOPE = Scope("gate:read", MEANING, HUB, ("dispatcher",))


def _type(*codes: Codes) -> EventType:
    return event_type(
        "gate_opened", MEANING, subjects={SubjectKind.VEHICLE}, reporters={Reporter.OPERATOR}, codes=codes
    )


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    EVENT_TYPES.pop("gate_opened", None)
    TEMPLATES.pop("planted.gate", None)


def _application(*dependencies: Callable[..., Any], path: str = "/gate") -> FastAPI:
    """A page whose route has these dependencies."""
    router = APIRouter()
    router.add_api_route(path, lambda: None, dependencies=[Depends(d) for d in dependencies])
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    made.include_router(router)
    return made


def test_the_house_lacks_nothing() -> None:
    assert unlisted() == []
    assert events_without_words(FLOORS, EVENT_TYPES) == []


def test_its_scope_reaches_roles_and_keys() -> None:
    rights = Rights.of((*FLOORS, Floor(name="gate", scopes=(SCOPE,))))
    assert "gate:read" in rights.of_roles(TenantKind.HUB, ["dispatcher"])
    assert "gate:read" in rights.of_roles(TenantKind.HUB, ["administrator"])
    assert "gate:read" not in rights.of_roles(TenantKind.HUB, ["clerk"])
    assert "gate:read" not in rights.of_roles(TenantKind.MERCHANT, ["administrator"])
    with pytest.raises(ValueError, match="gate:read is given to roles that there are not"):
        Rights.of([Floor(name="gate", scopes=(Scope("gate:read", MEANING, HUB, ("porter",)),))])
    with pytest.raises(ValueError, match="two floors declare the scope gate:read"):
        Rights.of([Floor(name=name, scopes=(SCOPE,)) for name in ("gate", "yard")])


def test_a_scope_that_no_document_has_is_told_with_its_row() -> None:
    said = "| `gate:read` | see which trucks were let in |\n"
    scopes = {SCOPE.name: str(MEANING())}
    assert undocumented(scopes, said) == []
    assert undocumented(scopes, "") == [f"docs/api.md lacks this row of the scopes: {said.strip()}"]
    assert len(undocumented(scopes, said.replace("trucks", "vans"))) == 1
    assert len(undocumented({}, said)) == 1


def test_a_floor_that_is_not_listed_is_told() -> None:
    assert unlisted(FLOORS[1:]) == [f"the floor {FLOORS[0].name} is not in src/qafila/floors.py"]


def test_an_event_type_without_words_or_without_a_floor_is_told() -> None:
    bare = _type()
    gate = Floor(name="gate", event_types=(bare,))
    assert [t for t in events_without_words((*FLOORS, gate), EVENT_TYPES) if "EPCIS" in t and "codes=" in t]
    assert "named by no floor" in "".join(events_without_words(FLOORS, EVENT_TYPES))
    assert "named by several" in "".join(events_without_words((*FLOORS, gate, gate), EVENT_TYPES))
    del EVENT_TYPES["gate_opened"]
    gate = Floor(name="gate", event_types=(_type(Codes("opened", "in_progress")),))
    (told,) = events_without_words((*FLOORS, gate), EVENT_TYPES)
    assert told.startswith("gate_opened: opened is no bizStep of facts/epcis-words.csv")
    del EVENT_TYPES["gate_opened"]
    gate = Floor(name="gate", event_types=(_type(Codes("arriving", "in_progress")),))
    assert events_without_words((*FLOORS, gate), EVENT_TYPES) == []


def test_a_door_without_a_scope_is_told() -> None:
    scopes = {*RIGHTS.scopes, "gate:read"}
    (told,) = doors_of_nobody(_application(), scopes)
    assert told.startswith("GET /gate names no scope")
    with pytest.raises(ValueError, match="no floor declares the scope gate:read"):
        requires("gate:read")
    asks = requires("storage:read")
    (told,) = doors_of_nobody(_application(asks), {"gate:read"})
    assert told.startswith("GET /gate asks for storage:read, which no floor declares")
    (told,) = doors_of_nobody(_application(asks, public), scopes)
    assert told.startswith("GET /gate is public and asks for storage:read")
    assert doors_of_nobody(_application(asks), scopes) == []
    assert doors_of_nobody(_application(public), scopes) == []


def test_a_door_that_no_application_names_is_told() -> None:
    router = APIRouter()
    router.add_api_route("/gate", lambda: None)
    page = ModuleType("qafila.web.gate.gate_page")
    vars(page)["router"] = router
    house = FastAPI()
    (told,) = doors_forgotten(house, [page])
    assert told == (
        "router of qafila.web.gate.gate_page is in no application: name it in src/qafila/web/portal.py"
    )
    house.include_router(router)
    assert doors_forgotten(house, [page]) == []


def test_a_page_without_help_is_told() -> None:
    (told,) = unexplained(_application(public))
    assert told.startswith("the page /gate is not explained")
    assert unexplained(_application(public, path="/storage/gate")) == []  # that of storage explains it


def test_a_command_that_no_lesson_teaches_is_told() -> None:
    house = typer.Typer()
    house.registered_groups += commands.registered_groups
    house.registered_commands += commands.registered_commands
    parts = [f"/{part}" for lesson in every().values() for part in lesson.teaches]
    assert untaught(parts, house) == []
    house.add_typer(typer.Typer(), name="gate")
    (told,) = untaught(parts, house)
    assert told.startswith("/gate of the API or `qafila gate` is in no lesson")
    (told,) = untaught([*parts, "/yard/{id}"], commands)
    assert "/yard" in told


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_message_without_a_translation_is_told(code: str) -> None:
    said = template("planted.gate", "No translator saw the gate of {place}.")
    (told,) = untranslated(code, {text_of(said): "planted"})
    assert told.startswith("'No translator saw the gate of {place}.' is not in")
    assert f"locales/{code}/planted.po" in told
    known = TEMPLATES["storage.count_it"]  # translated there
    assert untranslated(code, {text_of(known): "storage"}) == []
