"""Every route of an application, and what it declares of who may use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Mount


@dataclass(frozen=True, slots=True)
class Door:
    """A route: its whole path, one method, and what its dependencies declare.

    Attributes:
        scopes: those asked for by `requires`; "" for whoever is signed in.
        public: whether it says that it is for anybody.
    """

    method: str
    path: str
    scopes: frozenset[str]
    public: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors(app: Any, prefix: str = "") -> Iterator[Door]:
    """The doors of an application, those of what is mounted in it too. Files that are served as they are have none."""
    yield from _of(app.routes, prefix)


def _of(routes: Any, prefix: str) -> Iterator[Door]:
    for route in routes:
        if isinstance(route, Mount):
            if getattr(route.app, "routes", None):
                yield from doors(route.app, prefix + route.path)
        elif isinstance(route, APIRoute):
            asked, scopes = list(_calls(route.dependant)), scopes_of(route.dependant)
            public = any(getattr(call, "__name__", "") == "public" for call in asked)
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield Door(method, prefix + route.path, scopes, public)
        elif hasattr(route, "original_router"):  # what FastAPI keeps of an included router
            yield from _of(route.original_router.routes, prefix + route.include_context.prefix)


def scopes_of(dependant: Dependant) -> frozenset[str]:
    """The scopes that an endpoint's dependencies ask for; "" for whoever is signed in."""
    return frozenset(call.scope for call in _calls(dependant) if getattr(call, "scope", None) is not None)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
