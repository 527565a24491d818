"""What a floor must have beside its code, looked for: each guard returns what is missing, with the file where to mend it.

The tests of each area ask them about the house; `tests/test_planted_floor.py` asks them about a floor that lacks everything.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import APIRouter
from typer import Typer

import qafila.api
import qafila.web
from qafila.api.chassis.page_walking import doors
from qafila.floors import FLOORS
from qafila.practice.lessons import every
from qafila.runtime.events.envelope import SubjectKind
from qafila.runtime.events.events_types import EventType
from qafila.runtime.floor import Floor
from qafila.runtime.language.spoken import catalogue
from qafila.web.chassis.help import told
from tests.runtime.language.wanted import Text, every_text, text_of

SOURCE = Path(qafila.__file__).parent
WITHOUT_HELP = {
    "/",
    "/welcome",
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/scanner-worker.js",
    "/check-receipt.html",
}
"""Pages that need no explanation; those of the log's files, too."""
WITHOUT_LESSON = {"problems", "backup", "restore", "serve", "demo", "work"}
"""What runs the machine, and what explains a refusal, are in no lesson."""


def untranslated(code: str, wanted: Mapping[Text, str] | None = None) -> list[str]:
    """Texts that a language lacks: of those wanted, by text and area, or of all that there are."""
    there = {text_of(entry) for entry in catalogue(code) if entry.string and all(entry.string)}
    return sorted(
        f"{text!r} is not in {code}: run `python -m tests.runtime.language.update`, then fill in locales/{code}/{area}.po"
        for text, area in (every_text(code) if wanted is None else wanted).items()
        if text not in there
    )


def unlisted(floors: Iterable[Floor] = FLOORS) -> list[str]:
    """Packages that declare a floor which the house does not know."""
    known = {floor.name for floor in floors}
    there = {p.parent.name for pattern in ("*/floor.py", "runtime/*/floor.py") for p in SOURCE.glob(pattern)}
    there.discard("runtime")  # `runtime/floor.py` says what a floor is
    return [f"the floor {name} is not in src/qafila/floors.py" for name in sorted(there - known)]


def events_without_words(floors: Iterable[Floor], known: Mapping[str, EventType]) -> list[str]:
    """Event types that EPCIS has no words for, that no floor names, or that several do."""
    floors = tuple(floors)
    with (files("qafila") / "facts" / "epcis-words.csv").open(encoding="utf-8") as lines:
        words = {(row["field"], row["word"]) for row in csv.DictReader(lines)}
    found = []
    named = Counter(one.name for floor in floors for one in floor.event_types)
    for name, one in known.items():
        if not named[name]:
            found.append(f"the event type {name} is named by no floor: add it to `event_types` of its FLOOR")
        if named[name] > 1:
            found.append(f"the event type {name} is named by several floors: leave it in one")
        if not one.codes and one.subjects - {SubjectKind.MERCHANT} and name != "retracted":
            found.append(
                f"the event type {name} has no EPCIS step and disposition: give it `codes=[Codes(…)]`"
            )
        for code in one.codes:
            for field, word in (("bizStep", code.biz_step), ("disposition", code.disposition)):
                if word and ":" not in word and (field, word) not in words:
                    found.append(
                        f"{name}: {word} is no {field} of facts/epcis-words.csv; use one, or a URI of our own"
                    )
    return found


def doors_of_nobody(app: Any, scopes: Collection[str]) -> list[str]:
    """Routes that do not say who may use them, say it twice, or name a scope that no floor declares."""
    found = []
    for door in doors(app):
        if not door.public and not door.scopes:
            found.append(f"{door} names no scope: give it Depends(requires(…)), or Depends(public)")
        if door.public and door.scopes:
            found.append(f"{door} is public and asks for {', '.join(sorted(door.scopes))}: leave one of them")
        found += [
            f"{door} asks for {scope}, which no floor declares: add it to `scopes` of its FLOOR"
            for scope in sorted(door.scopes - {*scopes, ""})
        ]
    return found


def doors_forgotten(app: Any, modules: Iterable[ModuleType] | None = None) -> list[str]:
    """Modules of `api/` and `web/` with routes of which the application has none."""
    there = set(_endpoints(app))
    if modules is None:
        modules = [
            import_module(found.name)
            for wing in (qafila.api, qafila.web)
            for found in pkgutil.walk_packages(wing.__path__, f"{wing.__name__}.")
            if "frontend" not in found.name
        ]
    found = []
    for module in modules:
        for name, router in vars(module).items():
            if isinstance(router, APIRouter) and router.routes and there.isdisjoint(_endpoints(router)):
                where = "api/app.py" if ".api." in module.__name__ else "web/portal.py"
                found.append(
                    f"{name} of {module.__name__} is in no application: name it in src/qafila/{where}"
                )
    return found


def _endpoints(app: Any) -> Iterable[Any]:
    for route in app.routes:
        if hasattr(route, "endpoint"):
            yield route.endpoint
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        if hasattr(inner, "routes"):
            yield from _endpoints(inner)


def unexplained(app: Any) -> list[str]:
    """Pages that have no words, no example and no lesson."""
    begun = [at for page in told()["pages"] for at in page["at"] if at != "/"]
    pages = {d.path for d in doors(app) if d.method == "GET" and not d.path.startswith(("/api/", "/log/"))}
    return [
        f"the page {path} is not explained: add its beginning to `at` of a [[pages]] in facts/help.toml"
        for path in sorted(pages - WITHOUT_HELP)
        if not any(path == at or path.startswith(f"{at}/") for at in begun)
    ]


def untaught(paths: Iterable[str], commands: Typer) -> list[str]:
    """Parts of the API and commands that are in no lesson, or in several; and what lessons teach that is not there.

    Args:
        paths: the addresses of the API's document.
        commands: the command line.
    """
    counted = Counter(part for lesson in every().values() for part in lesson.teaches)
    parts = {path.split("/")[1] for path in paths}
    groups = {str(group.name) for group in commands.registered_groups} | {
        one.name or one.callback.__name__ for one in commands.registered_commands if one.callback
    }
    where = "to `teaches` of a lesson in src/qafila/practice/lessons/"
    return [
        *(
            f"/{p} of the API or `qafila {p}` is in no lesson: add it {where}"
            for p in sorted((parts | groups) - counted.keys() - WITHOUT_LESSON)
        ),
        *(f"{p} is taught by several lessons: leave it in one" for p, n in counted.items() if n > 1),
        *(
            f"{p} is taught, and there is no such command or part of the API"
            for p in sorted(counted.keys() - parts - groups)
        ),
    ]


def unteaching(answer: Any) -> str | None:
    """What a refusal lacks that a person or a program could learn from; None where it names its lesson, or is none.

    Args:
        answer: of the API or of a page.
    """
    if not 400 <= answer.status_code < 500:
        return None
    if "json" in answer.headers.get(
        "content-type", ""
    ):  # a problem of the API, or what a page's script is told
        lesson = str(answer.json().get("learn", ""))
    elif "text/html" in answer.headers.get("content-type", ""):
        lesson = "".join(re.findall(r'<p class="small"><a href="[^"]*(/practice[^"]*)"', answer.text)[:1])
    else:
        return f"{answer.status_code} is neither a problem nor a page: {answer.text[:100]}"
    there = {"/practice", *(f"/practice#{id}" for id in every())}
    return None if lesson in there else f"{answer.status_code} names no lesson: {answer.text[:200]}"


def undocumented(scopes: Mapping[str, str], said: str) -> list[str]:
    """Scopes that the table of docs/api.md lacks, tells otherwise, or has too much."""
    rows = dict(re.findall(r"\| `([a-z]+:[a-z]+)` \| (.*) \|", said))
    return [
        *(
            f"docs/api.md lacks this row of the scopes: | `{n}` | {m} |"
            for n, m in scopes.items()
            if rows.get(n) != m
        ),
        *(f"docs/api.md has the scope {n}, which no floor declares" for n in rows if n not in scopes),
    ]
