"""What is wrong with a number, in words a person can act on."""

from __future__ import annotations


class InvalidNumber(ValueError):
    """A number that its standard does not allow; the message names the fault."""
