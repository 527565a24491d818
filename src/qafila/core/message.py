"""A sentence for people as a value: a template that is listed once, and the values that belong in it.

A message is made where the fact is known and is rendered at a door, in the reader's language. No text is ever parsed
back. Each package lists its templates in a file of its own called `messages.py`:

    NO_ROOM = template("capacity.no_room", "No departure from {place} before {time} has room for {kg} kg.")
    NO_ROOM(place=Place("MA-CAS", "Casablanca"), time=cut_off, kg=12)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from qafila.core.money import Money
from qafila.core.values import value

TEMPLATES: dict[str, Template] = {}
"""Every template of the modules that are loaded, by id."""


@value
class Place:
    """A facility or town, said by its name; `id` is what a person types to name it."""

    id: str
    name: str


@value
class Country:
    """A country, territory or area with a code of its own, said by its name in the reader's language."""

    code: str


@value
class Term:
    """A word of a closed list (a mode, a state, a kind of facility): `key` in `group` of the listed terms."""

    group: str
    key: str


@value
class Choice:
    """Several values of which one is meant ("Lyon, Lyons-la-Forêt or Laon"), or all (`every`)."""

    items: tuple[Value, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A listed sentence in English with `{names}` of its values; its translations are looked up by the English."""

    id: str
    english: str
    names: frozenset[str]

    def __call__(self, **values: Value) -> Message:
        """The message with its values. Raises TypeError where a value is missing or is none of the template's."""
        if values.keys() != self.names:
            missing, strange = self.names - values.keys(), values.keys() - self.names
            raise TypeError(f"{self.id}: missing {sorted(missing)}, not known {sorted(strange)}")
        return Message(self, values)


@dataclass(frozen=True, slots=True, eq=True)
class Message:
    """A template with its values; equal where both are equal."""

    template: Template
    values: Mapping[str, Value]

    @property
    def id(self) -> str:
        """The template's id."""
        return self.template.id

    def __hash__(self) -> int:
        return hash((self.template.id, tuple(sorted(self.values))))

    def __str__(self) -> str:
        """The plain English, for logs and for tests; doors render in the reader's language."""
        return self.template.english.format_map({name: _plain(v) for name, v in self.values.items()})


Value: TypeAlias = str | int | Decimal | Money | date | datetime | Place | Country | Term | Choice | Message
"""What may stand in a message. A `str` is text from outside or a name: it is shown as it is, and never translated."""


def template(id: str, english: str) -> Template:
    """Lists a template.

    Args:
        id: `package.what_is_wrong`, unique in the whole program.
        english: one plain sentence; values stand in it as `{name}`.

    Raises:
        ValueError: the id is listed with other words.
    """
    known = TEMPLATES.get(id)
    if known is not None and known.english != english:
        raise ValueError(f"two templates have the id {id}")
    made = Template(id, english, frozenset(re.findall(r"\{(\w+)\}", english)))
    TEMPLATES[id] = made
    return made


def _plain(v: Value) -> str:
    if isinstance(v, Place):
        return v.name
    if isinstance(v, Country):
        return v.code
    if isinstance(v, Term):
        return v.key.replace("_", " ")
    if isinstance(v, Choice):
        said = [_plain(item) for item in v.items]
        between = " and " if v.every else " or "
        return between.join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
    if isinstance(v, datetime):
        return f"{v:%Y-%m-%d %H:%M %Z}".strip()
    return str(v)
