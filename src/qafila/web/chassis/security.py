"""What every answer of the pages is guarded by: headers, and no writing from foreign sites."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
WITH_WASM = _POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""The policy of a page whose scripts are our own, some of them as WebAssembly."""

_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class SecurityMiddleware:
    """Adds the headers; refuses a form that another site sends.

    Every browser says with a form where it comes from (Sec-Fetch-Site, or at least Origin), and no page can
    forge that; so nothing has to be hidden in the forms. Programs that send neither have no cookies to steal.
    The API has keys and not cookies: it is left alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        if scope["method"] not in _SAFE and _foreign(Headers(scope=scope)):
            await _refusal(scope)(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("cache-control", "no-cache")
            await send(message)

        await self.app(scope, receive, guarded)


def _refusal(scope: Scope) -> Response:
    """The page that says why, in the reader's language."""
    from qafila.web.chassis.page_frame import page, translate

    request = Request(scope)
    _ = translate(request)
    told = _(
        "This form came from another site and was not accepted. Open the page here and send it from there."
    )
    return page(request, "problem.html", 403, title=_("Not accepted"), text=told)


def _foreign(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
