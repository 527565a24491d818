"""The places and modes of a refused way, which the router names by id, as a reader knows them."""

from __future__ import annotations

import gettext
import re

from qafila.network import installed
from qafila.runtime.language.terms import TERMS
from qafila.web.chassis.phrases import say

_ID = r"[A-Z]{2,5}(?:-[A-Z0-9]+)+"
_BETWEEN = re.compile(rf"\bbetween ({_ID}) and ({_ID})(?![\w-])", re.IGNORECASE)
_RIDE = re.compile(rf"\b([a-z]+) ({_ID}) → ({_ID})(?![\w-])")


def with_names(text: str, catalogue: gettext.NullTranslations) -> str:
    """A reason with the names of the facilities between which there is no way, and of those that the way for
    other goods uses. An id that somebody is to type, as in "address the parcel to …", stays one.
    """
    if " and " not in text and " → " not in text:
        return text

    modes = TERMS["mode"]

    def name(id: str) -> str:
        facility = installed.feed().facility.get(id)
        return say(facility.name, catalogue) if facility else id

    def between(found: re.Match[str]) -> str:
        return f"{found[0].partition(' ')[0]} {name(found[1])} and {name(found[2])}"

    def ride(found: re.Match[str]) -> str:
        mode = catalogue.gettext(modes.get(found[1], found[1]))
        return f"{name(found[2])} → {name(found[3])} ({mode})"

    return _RIDE.sub(ride, _BETWEEN.sub(between, text))
