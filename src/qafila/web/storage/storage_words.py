"""The words of the storage pages; the scanner's are given to its program, which has no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Say = Callable[[str], str]


class Section(NamedTuple):
    """A page of a warehouse: its address behind the warehouse's, its name, and the scope that opens it."""

    at: str
    name: str
    scope: str


def sections(_: Say) -> list[Section]:
    """The pages of a warehouse, in the order of the work."""
    return [
        Section("", _("Today"), "storage:read"),
        Section("/scan", _("Scanner"), "storage:work"),
        Section("/docks", _("Docks"), "storage:read"),
        Section("/stock", _("Stock"), "storage:read"),
        Section("/products", _("Products"), "storage:read"),
        Section("/lots", _("Lots and recalls"), "storage:read"),
        Section("/cold", _("Too warm or cold"), "storage:manage"),
        Section("/kits", _("Kits"), "storage:work"),
        Section("/slotting", _("Better places for goods"), "storage:work"),
        Section("/bill", _("Bill"), "storage:read"),
        Section("/shops", _("Shops"), "storage:write"),
    ]


def conditions(_: Say) -> dict[str, tuple[str, str, str]]:
    """Conditions of goods: how they are shown, their shape, their word."""
    return {
        "good": ("done", "✓", _("good")), "damaged": ("stop", "✕", _("damaged")),
        "blocked": ("stop", "■", _("blocked")), "bonded": ("attention", "◆", _("under bond")),
    }  # fmt: skip


def charges(_: Say) -> dict[str, tuple[str, str]]:
    """What is billed, and by what it is counted."""
    return {
        "receive": (_("Receiving"), _("piece")), "put_away": (_("Putting away"), _("piece")),
        "pick": (_("Picking: the way to a shelf"), _("line")), "pick_piece": (_("Picking: each piece"), _("piece")),
        "pack": (_("Packing"), _("order")), "store": (_("Keeping"), _("m³ for a day")),
    }  # fmt: skip


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
        "short": _("a picker found too little"),
        "conflict": _("two reports do not agree"),
        "cycle": _("its turn"),
        "asked": _("somebody asked"),
    }


def words(_: Say) -> dict[str, Any]:
    """Everything that the scanner says."""
    return {
        "done": _("Done"),
        "attention": _("Look"),
        "stop": _("Stop"),
        "quiet": _("Ready"),
        "ask": {
            "dock": _("Scan the dock"),
            "source": _("Scan the place it lies at"),
            "place": _("Scan the place"),
            "code": _("Scan the goods"),
            "pieces": _("How many pieces?"),
            "count": _("How many pieces lie there?"),
            "order": _("Scan the order or its label"),
            "grams": _("What does it weigh, in grams? 0 without a scale"),
            "lot": _("Scan or type the lot"),
            "serial": _("Scan or type the serial number"),
            "expires_on": _("Until when does it keep? Day, month and year"),
            "found": _("How many pieces are there?"),
            "to": _("Scan the departure or the driver"),
            "carton": _("Scan or name the carton that you take"),
        },
        "waiting": _("{n} scans wait to be sent"),
        "sent": _("Everything is sent"),
        "offline": _("No connection."),
        "later": _("Kept here; it is sent when there is a connection."),
        "broken": _("Something broke on this page: load it again"),
        "not_here": _("{order} is not kept on this device"),
        "packable": _(
            "Without a connection you can pack the orders that this device knew when it had one: {n}."
        ),
        "weight": _("The carton weighs {grams} g, and its contents say {expected} g"),
        "reweigh": _("Check what is in it and weigh again, or write why it goes out so."),
        "print": _("Label and papers of {order}, carton {n}"),
        "difference": _("This is to be counted"),
        "again": _("Another person counts it"),
        "put": _("Put it at {place}"),
        "cross": _("Do not put it away: the order {order} waits for it"),
        "number": _("That is no number of pieces"),
        "wrong": _("This is {scanned}; go to {place}"),
        "look": _("Look at the screen and scan again."),
        "into": _("Into compartment {n}"),
        "finished": _("The tour is done"),
        "nothing": _("No tour is open"),
        "missing": _("Noted: it is to be counted"),
        "lot": _("lot"),
        "day": _("That is no day: write it as 2027-05-31"),
        "box": _("carton {n} of {of}"),
        "as_announced": _("Everything came as it was announced"),
        "camera": _("The camera cannot be used"),
        "stopline": _(
            "{pieces} × {title} {lot} · place {place} · compartment {compartment} · {left} stops left"
        ),
    }
