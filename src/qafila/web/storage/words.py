"""The words of the storage pages; the scanner's are given to its program, which has no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Say = Callable[[str], str]


def jobs(_: Say) -> list[tuple[str, str]]:
    """The scanner's jobs, by name."""
    return [
        ("receive", _("Receive")), ("put-away", _("Put away")), ("pick", _("Pick")), ("pack", _("Pack")),
        ("hand-over", _("Hand over")), ("count", _("Count")), ("move", _("Move")),
    ]  # fmt: skip


def states(_: Say) -> list[tuple[str, str]]:
    """The states of orders that a supervisor sees, in the order of the work."""
    return [
        ("waiting", _("wait for goods")), ("reserved", _("reserved")), ("released", _("released")),
        ("picking", _("being picked")), ("picked", _("to pack")), ("packed", _("packed")),
        ("handed_over", _("handed over")),
    ]  # fmt: skip


def because(_: Say) -> dict[str, str]:
    """Why something is to be counted."""
    return {
        "short": _("a picker found too little"), "conflict": _("two reports do not agree"),
        "cycle": _("its turn"), "asked": _("somebody asked"),
    }  # fmt: skip


def words(_: Say) -> dict[str, Any]:
    """Everything that the scanner says."""
    return {
        "done": _("Done"), "attention": _("Look"), "stop": _("Stop"), "quiet": _("Ready"),
        "ask": {
            "dock": _("Scan the dock"), "source": _("Scan the place it lies at"), "place": _("Scan the place"),
            "code": _("Scan the goods"), "pieces": _("How many pieces?"), "count": _("How many pieces lie there?"),
            "order": _("Scan the order or its label"), "grams": _("What does it weigh, in grams? 0 without a scale"),
            "lot": _("Scan or type the lot"), "serial": _("Scan or type the serial number"),
            "expires_on": _("Until when does it keep? Day, month and year"), "found": _("How many pieces are there?"),
            "to": _("Scan the departure or the driver"), "carton": _("Scan or name the carton that you take"),
        },
        "waiting": _("{n} scans wait to be sent"), "sent": _("Everything is sent"),
        "offline": _("No connection."), "later": _("Kept here; it is sent when there is a connection."),
        "broken": _("Something broke on this page: load it again"),
        "online": _("This needs a connection."), "difference": _("This is to be counted"),
        "again": _("Another person counts it"), "put": _("Put it at {place}"),
        "cross": _("Do not put it away: the order {order} waits for it"),
        "number": _("That is no number of pieces"), "wrong": _("This is {scanned}; go to {place}"),
        "look": _("Look at the screen and scan again."), "into": _("Into compartment {n}"),
        "finished": _("The tour is done"), "nothing": _("No tour is open"), "missing": _("Noted: it is to be counted"),
        "lot": _("lot"), "day": _("That is no day: write it as 2027-05-31"), "box": _("carton {n} of {of}"),
        "as_announced": _("Everything came as it was announced"), "camera": _("The camera cannot be used"),
        "stopline": _("{pieces} × {title} {lot} · place {place} · compartment {compartment} · {left} stops left"),
    }  # fmt: skip
