"""/log/…: the log's files as they are, and /check-receipt.html, which checks receipts in the browser alone."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from qafila.openness import sequencing
from qafila.runtime.accounts.doors import public

router = APIRouter(include_in_schema=False, dependencies=[Depends(public)])
_TILE = re.compile(r"tile/(?:[0-9]{1,2}|entries)/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[0-9]{1,3})?")
_FOREVER = "public, max-age=31536000, immutable"


@router.get("/log/{path:path}")
def log_file(path: str) -> Response:
    """A file of the log (C2SP tlog-tiles). Any web server can serve the folder instead."""
    known = {"checkpoint": "text/plain; charset=utf-8", "keys.json": "application/json"}
    if path not in known and not _TILE.fullmatch(path):
        raise HTTPException(404)
    found = sequencing.folder() / path
    if not found.is_file():
        raise HTTPException(404)
    cache_control = "no-cache" if path in known else _FOREVER
    return FileResponse(
        found,
        headers={"cache-control": cache_control},
        media_type=known.get(path, "application/octet-stream"),
    )


@router.get("/check-receipt.html")
def check_receipt() -> Response:
    """The page that checks a receipt; a saved copy works without any server."""
    text, policy = _page()
    return Response(text, media_type="text/html; charset=utf-8", headers={"content-security-policy": policy})


@cache
def _page() -> tuple[str, str]:
    """The page, and a policy that lets it run what is in it and reach nothing."""
    text = (files("qafila.openness") / "check-receipt.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    allowed = (f"script-src {' '.join(map(_hash, scripts))}", f"style-src {' '.join(map(_hash, styles))}")
    return text, "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "frame-ancestors 'none'"))


def _hash(inline: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
