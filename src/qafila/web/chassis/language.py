"""Which language a page is in, and its words.

A prefix decides (`/fr/network`), else the language last chosen (a cookie), else what the browser asks for.
The prefix is taken off before routing: every page has one route, whatever its language.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import cache
from http.cookies import SimpleCookie
from importlib.resources import files
from io import BytesIO

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "qafila_language"


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages of the pages."""

    code: str  # in addresses and in the page's lang attribute
    locale: str  # CLDR: how numbers and dates are written
    name: str  # in itself

    @property
    def direction(self) -> str:
        """ltr or rtl."""
        return Locale.parse(self.locale).text_direction


# Arabic as Morocco writes it: Latin digits.
LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "en_GB", "English"),
        Language("fr", "fr", "Français"),
        Language("ar", "ar_MA", "العربية"),
        Language("zh", "zh_Hans_CN", "中文"),
    )
}
DEFAULT = LANGUAGES["en"]


@cache
def words(code: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled from its .po file once in a process. English is the source."""
    path = files("qafila.web") / "locales" / code / "LC_MESSAGES" / "messages.po"
    if code == DEFAULT.code or not path.is_file():
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(path.read_bytes()), locale=LANGUAGES[code].locale))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def preferred(accept_language: str, cookie: str | None = None) -> Language:
    """The language for a request without a prefix."""
    if cookie in LANGUAGES:
        return LANGUAGES[cookie]
    asked: list[tuple[float, str]] = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if tag and weight > 0:
            asked.append((-weight + position * 1e-6, tag.split("-")[0].lower()))
    code = negotiate_locale([tag for _, tag in sorted(asked)], list(LANGUAGES))
    return LANGUAGES[code] if code else DEFAULT


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
