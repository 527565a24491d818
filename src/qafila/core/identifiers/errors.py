"""What is wrong with a number, in words a person can act on."""

from __future__ import annotations

from qafila.core.fault import Fault


class InvalidNumber(Fault, ValueError):
    """A number that its standard does not allow; the message names what is wrong."""
