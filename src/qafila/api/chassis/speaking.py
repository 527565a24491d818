"""The language of an answer: English, exact, unless the request asks for another (Accept-Language)."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from qafila.core.message import Message
from qafila.runtime.language import DEFAULT, Language, preferred, render

_spoken: ContextVar[Language] = ContextVar("language of the answer", default=DEFAULT)


def spoken() -> Language:
    """The language of the answer that is being given."""
    return _spoken.get()


def said(message: Message) -> str:
    """A message as the request that is being answered asks for it.

    In English it is exact, for programs: instants in ISO 8601, figures ungrouped.
    """
    language = _spoken.get()
    return str(message) if language is DEFAULT else render(message, language)


class Speaking:
    """Notes the language that a request asks for, and says in the answer which it was."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        language = preferred(Headers(scope=scope).get("accept-language", ""))

        async def told(part: Part) -> None:
            if part["type"] == "http.response.start":
                headers = MutableHeaders(scope=part)
                if "json" in headers.get("content-type", ""):
                    headers.setdefault("content-language", language.code)
                    headers.add_vary_header("Accept-Language")
            await send(part)

        before = _spoken.set(language)
        try:
            await self._app(scope, receive, told)
        finally:
            _spoken.reset(before)
