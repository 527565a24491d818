"""How a page is made: one Jinja environment for each language, and what every template may use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from qafila.core.message import AS_IT_IS
from qafila.core.message_json import from_json
from qafila.network.model import Facility
from qafila.network.naming import place_of
from qafila.runtime import runtime_hub
from qafila.runtime.accounts.tenants import LOCAL, LOCAL_NAME
from qafila.runtime.language import DEFAULT, LANGUAGES, Language, render, words
from qafila.runtime.language.language_terms import TERMS
from qafila.shipping.offers.offer import Offer
from qafila.web.chassis.assets import asset
from qafila.web.chassis.formats import Formats
from qafila.web.chassis.help import help_for
from qafila.web.chassis.map_text import MAP_TEXT
from qafila.web.chassis.menu import split
from qafila.web.chassis.visitor import session_of
from qafila.web.chassis.web_asking import context_of


@cache
def environment(code: str) -> Environment:
    """Templates in one language: `_()` and `{% trans %}` speak it, `f` formats in it."""
    made = Environment(
        loader=PackageLoader("qafila.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = words(code)
    look_up = catalogue.gettext
    made.filters["sentence"] = lambda text: f"{text[:1].upper()}{text[1:]}"
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.globals.update(
        asset=asset,
        languages=LANGUAGES.values(),
        language=LANGUAGES[code],
        f=Formats(LANGUAGES[code]),
        map_text=lambda: {key: look_up(text) for key, text in MAP_TEXT.items()},
        say=lambda told: render(from_json(told), LANGUAGES[code]),
        facility_name=lambda facility: facility_name(facility, LANGUAGES[code]),
        field_name=lambda name, heading="": heading or look_up(TERMS["field"].get(str(name), str(name))),
        estimate_name=lambda name: look_up(TERMS["estimate"].get(str(name).split(".")[-1], str(name))),
        modes=_modes,
        spoken_parts=lambda told: [(render(from_json(w), LANGUAGES[code]), n, s) for w, n, s in told.parts],
        term=lambda group, key: look_up(TERMS[group].get(str(key), str(key))),
    )
    return made


def facility_name(facility: Facility, language: Language) -> str:
    """A facility's name; where it is made of a place and a kind, in the reader's words."""
    return render(AS_IT_IS(text=place_of(facility)), language)


def _modes(offer: Offer) -> list[str]:
    """The modes of an offer in their order; vans' rounds only where there is nothing else."""
    names = list(dict.fromkeys(leg.mode.name.lower() for leg in offer.itinerary.legs))
    return [n for n in names if n not in ("collection", "delivery")] or names


def language_of(request: Request) -> Language:
    """The language that the middleware found."""
    return getattr(request.state, "language", DEFAULT)


def translate(request: Request) -> Callable[[str], str]:
    """gettext in the language of a page, for texts that a template does not hold."""
    return words(language_of(request).code).gettext


GUIDES: list[Callable[[Request], dict[str, Any] | None]] = []
"""What a page of a place of practice shows above itself; practice puts it here."""


def link(request: Request, path: str) -> str:
    """An address in the language of the page that links to it."""
    return f"{getattr(request.state, 'prefix', '')}{path}"


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page. htmx takes from it the part that it swaps, so no page exists twice."""
    query = f"?{request.url.query}" if request.url.query else ""
    here = session_of(request)
    within = getattr(request.state, "within", "")
    opens = getattr(request.state, "opens", bool)  # in a place of practice not every page is
    text = (
        environment(language_of(request).code)
        .get_template(template)
        .render(
            link=lambda path: link(request, path),
            path=request.scope["path"],
            here=within
            + (request.scope["path"] + query if request.method == "GET" else request.scope["path"]),
            help=help_for(request.scope["path"], language_of(request).code),
            refusal=400 <= status < 500,
            guide=GUIDES[0](request) if within and GUIDES else None,
            session=here,
            menu=lambda entries: split(
                [e for e in entries if opens(e[0])],
                request.scope["path"],
                here.actor.roles if here is not None else (),
            ),
            may=lambda scope: here is not None and here.actor.may(scope),
            now=context_of(request).now(),
            called=lambda id, name: called(request, id, name),
            **context,
        )
    )
    return HTMLResponse(text, status)


def called(request: Request, id: str, name: str) -> str:
    """An organisation's name; the operator of this machine has the hub's, once it has one, else words of the reader's language."""
    if id != LOCAL or name != LOCAL_NAME:
        return name
    _ = translate(request)
    return runtime_hub.read().name or _("This machine")


def first_place(request: Request, under: str, places: Sequence[str], title: str, remedy: str) -> Response:
    """Where a floor's pages begin: at its first place; where it has none, a page that says how to make one.

    Args:
        request: the request for `under` itself.
        under: the floor's address, as in "/storage"; its places lie below.
        places: ids of the places that the reader may see.
        title: says that there is none.
        remedy: says how one is made.
    """
    if places:
        return RedirectResponse(link(request, f"{under}/{quote(places[0], safe='')}"), 303)
    return page(request, "problem.html", 200, title=title, text=remedy)
