"""The words of the sorting pages; the scanner's are given to its program, which has no others."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], str]


def reasons(_: Say) -> dict[str, str]:
    """Why a parcel goes to a chute that is no destination's."""
    return {
        "plan": _("by the sort plan"),
        "unknown": _("unknown"),
        "damaged": _("damaged"),
        "overweight": _("too heavy"),
        "oversize": _("too large"),
        "held": _("held by customs"),
        "missed": _("missed its departure"),
        "recalled": _("recalled"),
        "astray": _("not booked through here"),
        "no_chute": _("no chute in the plan"),
    }


def kinds(_: Say) -> list[tuple[str, str]]:
    """What holds parcels."""
    return [("bag", _("Bag")), ("pallet", _("Pallet")), ("uld", _("ULD")), ("vehicle", _("Vehicle"))]


def acts(_: Say) -> list[tuple[str, str]]:
    """What is done with a bag, in the order of the work."""
    return [
        ("open", _("Open it")), ("load", _("Put in")), ("unload", _("Take out")), ("close", _("Close it")),
        ("seal", _("Seal it")), ("depart", _("It leaves")), ("arrive", _("It came in")), ("empty", _("It is empty")),
    ]  # fmt: skip


def scanner_words(_: Say) -> dict[str, object]:
    """Everything that the induction's program says of itself; reasons come from the server while it is there."""
    return {
        "done": _("Chute"),
        "attention": _("Look"),
        "stop": _("Chute"),
        "quiet": _("Ready"),
        "reasons": reasons(_),
        "waiting": _("{n} scans wait to be sent"),
        "sent": _("Everything is sent"),
        "offline": _("No connection."),
        "as_of": _("As it was known at {time}; it is sent when there is a connection."),
        "nothing": _(
            "No connection, and nothing is kept here to decide by. Put it aside and scan it again later."
        ),
        "moved": _("This one is to be moved"),
        "broken": _("Something broke on this page: load it again"),
    }
