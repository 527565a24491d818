"""A message as a JSON document, for what is stored: its id, and its values each with a mark of its kind.

    {"id": "offers.room", "values": {"place": {"place": ["MA-CAS", "Casablanca"]}, "kg": 12}}

Text and whole numbers stand for themselves. Documents of before there were messages hold plain text in the place of one:
it is read as text that is shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qafila.core.message import (
    Choice,
    Country,
    Message,
    Named,
    Place,
    Share,
    Term,
    Value,
    as_it_is,
    known_template,
)
from qafila.core.money import Money


def to_json(message: Message) -> dict[str, Any]:
    """The message as a document of lists, objects, text and numbers."""
    if not message.values:
        return {"id": message.id}
    return {"id": message.id, "values": {name: _written(v) for name, v in message.values.items()}}


def from_json(document: Any) -> Message:
    """The message of a document; plain text is kept as it is, and so is what a lost template held.

    Raises ValueError where it is neither a document nor text.
    """
    if isinstance(document, Message):
        return document
    if isinstance(document, str):
        return as_it_is(document)
    if not isinstance(document, Mapping) or "id" not in document:
        raise ValueError(f"not a message: {document!r}")
    values = {name: _read(v) for name, v in document.get("values", {}).items()}
    template = known_template(document["id"])
    if template is None or template.names != values.keys():
        told = ", ".join(f"{name} {v}" for name, v in values.items())
        return as_it_is(f"{document['id']}: {told}" if told else document["id"])
    return template(**values)


def _written(v: Value) -> Any:
    if isinstance(v, str | int):
        return v
    if isinstance(v, Message):
        return to_json(v)
    if isinstance(v, Choice):
        return {"all" if v.every else "any": [_written(item) for item in v.items]}
    for kind, mark, write in _KINDS:
        if isinstance(v, kind):
            return {mark: write(v)}
    raise TypeError(f"{type(v).__name__} cannot stand in a message")


def _read(document: Any) -> Value:
    if isinstance(document, str | int):
        return document
    if "id" in document:
        return from_json(document)
    ((mark, written),) = document.items()
    return _READERS[mark](written)


def _money(written: str) -> Money:
    amount, _, currency = written.partition(" ")
    return Money(Decimal(amount), currency)


def _place(written: list[Any]) -> Place:
    return Place(written[0], written[1], from_json(written[2]) if len(written) > 2 else None)


def _choice(written: list[Any]) -> Choice:
    return Choice(tuple(map(_read, written)))


def _all(written: list[Any]) -> Choice:
    return Choice(tuple(map(_read, written)), every=True)


# datetime before date, of which it is one
_KINDS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (Decimal, "decimal", lambda v: f"{v:f}"),
    (Money, "money", lambda v: f"{v.amount:f} {v.currency}"),
    (datetime, "instant", datetime.isoformat),
    (date, "day", date.isoformat),
    (Place, "place", lambda v: [v.id, v.name, *([] if v.said is None else [to_json(v.said)])]),
    (Country, "country", lambda v: v.code),
    (Term, "term", lambda v: [v.group, v.key]),
    (Share, "share", lambda v: f"{v.of_one:f}"),
    (Named, "named", lambda v: dict(v.names)),
)
_READERS: dict[str, Callable[[Any], Value]] = {
    "decimal": Decimal,
    "money": _money,
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "place": _place,
    "country": Country,
    "term": lambda written: Term(*written),
    "share": lambda written: Share(Decimal(written)),
    "named": lambda written: Named(tuple(written.items())),
    "any": _choice,
    "all": _all,
}
