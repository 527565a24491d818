"""/docs: what programs may ask of the API, from its own OpenAPI description. No script from elsewhere."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from qafila.web.chassis.page_frame import page
from qafila.web.chassis.visitor import public


def router_for(api: FastAPI) -> APIRouter:
    """The page about one API."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])

    @router.get("/docs")
    def docs(request: Request) -> Response:
        """Every operation, by group."""
        described = api.openapi()
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                tag = (operation.get("tags") or [path.strip("/").split("/")[0]])[0]
                groups.setdefault(tag, []).append((method.upper(), path, operation.get("summary", "")))
        return page(request, "docs.html", groups=groups, base="/api/v1")

    return router
