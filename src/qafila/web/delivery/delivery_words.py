"""The words of the driver's page; its program has no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qafila.delivery import delivery_messages as m
from qafila.runtime.language import Language, render

Say = Callable[[str], str]


def words(_: Say, language: Language) -> dict[str, Any]:
    """Everything that the driver's page says."""
    return {
        "done": _("Done"),
        "attention": _("Look"),
        "stop": _("Stop"),
        "quiet": _("Ready"),
        "waiting": _("{n} acts wait to be sent"),
        "sent": _("Everything is sent"),
        "offline": _("No connection."),
        "later": _("Kept here; it is sent when there is a connection."),
        "left": _("{n} stops left"),
        "number": _("Stop {n}"),
        "between": _("between {first} and {last}"),
        "finished": _("All stops are done. Bring back what is left, and end the round."),
        "collect": _("Collect {amount}"),
        "states": {k: render(t(), language) for k, t in m.STATES.items()},
        "answers": {k: render(t(), language) for k, t in m.ANSWERS.items()},
        "wishes": {k: render(t(), language) for k, t in m.WISHES.items()},
        "landmark": _("Landmark"),
        "nomark": _("The address is on no map: ask for the way."),
        "proof": _("Take a signature with a name, a photo, or the code."),
        "ended": _("The round is over."),
    }
