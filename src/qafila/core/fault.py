"""What a person can do wrong: one base for all doors.

The API answers it as problem details (RFC 9457), a command as its exit, a page as a hint beside the field.
"""

from __future__ import annotations

from qafila.core.message import SENTENCES, Message


class Fault(Exception):
    """Something that was asked for cannot be done as it was asked.

    Attributes:
        message: what is wrong.
        remedy: what to do instead; None where nothing would help.
        field: where: the name of a field or a JSON pointer; empty where it is about the whole.
        value: what was given there, as it was given.
        kind: a short stable word for programs, such as `not-found`, `conflict` or `forbidden`.
    """

    kind = "invalid"

    def __init__(
        self, message: Message, remedy: Message | None = None, *, field: str = "", value: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field
        self.value = value

    @property
    def told(self) -> Message:
        """What is wrong and what to do, as one message."""
        return self.message if self.remedy is None else SENTENCES(first=self.message, second=self.remedy)

    def __str__(self) -> str:
        return str(self.told)


class NotFound(Fault):
    """Nothing has this name or number, or not for who asks."""

    kind = "not-found"


class Conflict(Fault):
    """It was possible before, and is not now: others were first, or the state has moved on."""

    kind = "conflict"


class Forbidden(Fault):
    """Who asks may not do this."""

    kind = "forbidden"
