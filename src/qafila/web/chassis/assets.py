"""The front end that the build left: names with a hash, kept by the browser for ever, sent compressed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from qafila.core.fault import Fault
from qafila.runtime.runtime_pages import BUILD_IT, NOT_BUILT


class NotBuilt(Fault, RuntimeError):
    """Without a build of the front end nothing can be served."""


BUILT = Path(__file__).parents[1] / "static" / "built"


@cache
def manifest() -> dict[str, str]:
    """Plain name → name with its hash. Without a build nothing can be served, and this says how to get one."""
    path = BUILT / "manifest.json"
    if not path.exists():
        raise NotBuilt(NOT_BUILT(file=str(path)), BUILD_IT())
    names: dict[str, str] = json.loads(path.read_text())
    return names


def asset(name: str) -> str:
    """Address of a built file."""
    return "/static/" + manifest()[name]


class Assets(StaticFiles):
    """Serves the built files: a browser that takes gzip gets what was compressed once, at build time."""

    def __init__(self) -> None:
        manifest()
        super().__init__(directory=BUILT)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or its compressed neighbour."""
        if path.startswith(".") or path == "manifest.json":
            raise HTTPException(404)
        compressed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if compressed and (BUILT / f"{path}.gz").is_file():
            response = await super().get_response(f"{path}.gz", scope)
            if response.status_code == 200:
                response.headers["content-encoding"] = "gzip"
                response.headers["content-type"] = _TYPES.get(
                    path.rsplit(".", 1)[-1], "application/octet-stream"
                )
        else:
            response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        response.headers["vary"] = "Accept-Encoding"
        return response


_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
