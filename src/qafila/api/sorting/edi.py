"""UN/EDIFACT at the door of sorting: a message out as an interchange, an interchange in as content."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Response

from qafila.api.chassis.problems import responses
from qafila.core.core_edifact import Message, NotEdifact, read, write
from qafila.core.fault import Fault
from qafila.sorting import sorting_edifact, sorting_messages

TYPE = "application/EDIFACT"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {TYPE: {"schema": {"type": "string"}}}},
    **responses("unauthorized", "insufficient-scope", "not-found", "invalid-request"),
}
Partner = Annotated[
    str, Query(max_length=35, description="Who it is for, as the partner is known in interchanges.")
]


_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(now: datetime) -> str:
    """A new interchange reference: 14 characters, the second and then chance, so that no two interchanges share one."""
    number = int(now.timestamp()) << 35 | secrets.randbits(35)
    return "".join(_DIGITS[number >> shift & 31] for shift in range(65, -1, -5))


def answer(message: Message, sender: str, recipient: str, now: datetime) -> Response:
    """A message as an interchange. Raises Fault where a name in it has a character that EDIFACT does not."""
    try:
        text = write(sorting_edifact.interchange(message, sender, recipient, reference(now), now))
    except NotEdifact as wrong:
        raise Fault(sorting_messages.NOT_EDIFACT(what=str(wrong)[:200]), field="edifact") from wrong
    return Response(text.encode("latin-1"), media_type=TYPE)


def despatch_of(text: str) -> dict[str, Any]:
    """The content of an interchange with one IFCSUM. Raises Fault."""
    try:
        found = read(text).messages
        if len(found) != 1:
            raise NotEdifact(f"one message is asked for, there are {len(found)}")
        document = sorting_edifact.read_despatch(found[0])
    except NotEdifact as wrong:
        raise Fault(
            sorting_messages.NOT_EDIFACT(what=str(wrong)[:200]),
            sorting_messages.MEND_EDIFACT(),
            field="edifact",
        ) from wrong
    return document | {"closed_at": document["closed_at"].isoformat()}
