"""Which language a page is in.

A prefix decides (`/fr/network`), else the language last chosen (a cookie), else what the browser asks for.
The prefix is taken off before routing: every page has one route, whatever its language.
"""

from __future__ import annotations

from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qafila.runtime.language import LANGUAGES, preferred

COOKIE = "qafila_language"


def localised(scope: Scope) -> Scope:
    """A request with `language` and `prefix` in its state, and the prefix out of its path."""
    headers = Headers(scope=scope)
    first, _, rest = scope["path"].removeprefix("/").partition("/")
    if first not in LANGUAGES:
        language = preferred(headers.get("accept-language", ""), _cookie(headers.get("cookie", "")))
        return {**scope, "state": {**scope.get("state", {}), "language": language, "prefix": ""}}
    state = {**scope.get("state", {}), "language": LANGUAGES[first], "prefix": f"/{first}"}
    return {**scope, "state": state, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}


class LanguageMiddleware:
    """Gives what is inside a localised request, and remembers the language that its address names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        chosen = _cookie(Headers(scope=scope).get("cookie", ""))
        scope = localised(scope)
        language, prefixed = scope["state"]["language"], bool(scope["state"]["prefix"])

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if prefixed and chosen != language.code:
                    answer.append(
                        "set-cookie",
                        f"{COOKIE}={language.code}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
                    )
                if answer.get("content-type", "").startswith("text/html"):
                    answer["content-language"] = language.code
                    answer.add_vary_header("Accept-Language")
                    answer.add_vary_header("Cookie")
            await send(message)

        await self.app(scope, receive, remember)


def _cookie(header: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except Exception:  # a malformed cookie of somebody else's is no reason to refuse a page
        return None
    return morsel.value if morsel else None
