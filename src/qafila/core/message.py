"""A sentence for people as a value: a template that is listed once, and the values that belong in it.

A message is made where the fact is known and is rendered at a door, in the reader's language. No text is ever parsed
back. Each package lists its templates in a file of its own, such as `storage_messages.py`:

    NO_ROOM = template("capacity.no_room", "No departure from {place} before {time} has room for {kg} kg.")
    NO_ROOM(place=Place("MA-CAS", "Casablanca"), time=cut_off, kg=12)

A text that stands in a data file (the name of a charge, the words of a restriction) is a `fact`: a message without
values whose translation is looked up by its English, and which is shown as it is where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from qafila.core.values import value

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

    from qafila.core.money import Money  # which says by a message what it cannot convert

TEMPLATES: dict[str, Template] = {}
"""Every template of the modules that are loaded, by id."""


@value
class Place:
    """A facility or town, said by its name; `id` is what a person types to name it.

    `said` is the name where it is made of words ("Fès delivery station"), so that these are translated.
    """

    id: str
    name: str
    said: Message | None = None


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
class Share:
    """A share of one, said in per cent: 0.43 is 43 %."""

    of_one: Decimal


@value
class Choice:
    """Several values of which one is meant ("Lyon, Lyons-la-Forêt or Laon"), or all (`every`)."""

    items: tuple[Value, ...]
    every: bool = False


@value
class Named:
    """A thing of a data file that is read in several languages: its name in each, by the language's code."""

    names: tuple[tuple[str, str], ...]

    def in_language(self, code: str) -> str:
        """The name in a language; in English where it has none there."""
        known = dict(self.names)
        return known.get(code) or known["en"]


@dataclass(frozen=True, slots=True)
class Template:
    """A listed sentence in English with `{names}` of its values; its translations are looked up by the English.

    `one` is the English where the value `n` is 1 ("{n} column"), empty where the number changes no word. `context` tells
    two templates of the same English apart that other languages say in different words; most have none.
    """

    id: str
    english: str
    names: frozenset[str]
    one: str = ""
    context: str = ""

    def __call__(self, **values: Value) -> Message:
        """The message with its values. Raises TypeError where a value is missing or is none of the template's."""
        if values.keys() != self.names:
            missing, strange = self.names - values.keys(), values.keys() - self.names
            raise TypeError(f"{self.id}: missing {sorted(missing)}, not known {sorted(strange)}")
        return Message(self, values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.id, self.english, self.one)


class Message:
    """A template with its values; equal where both are equal. Nobody changes it once it is made."""

    __slots__ = ("template", "values")

    def __init__(self, template: Template, values: Mapping[str, Value]) -> None:
        self.template = template
        self.values = values

    @property
    def id(self) -> str:
        """The template's id."""
        return self.template.id

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Message)
            and self.template.id == other.template.id
            and dict(self.values) == dict(other.values)
        )

    def __hash__(self) -> int:
        return hash((self.template.id, tuple(str(v) for _, v in sorted(self.values.items()))))

    def __bool__(self) -> bool:
        """Whether it says anything: an empty text of before there were messages does not."""
        return self.template is not AS_IT_IS or bool(self.values["text"])

    def __repr__(self) -> str:
        return f"{self.template.id}({dict(self.values)})"

    def __str__(self) -> str:
        """The plain English, exact: for logs, programs and tests. Doors render in the reader's language."""
        template = self.template
        if not template.names:
            return template.english
        english = template.one if template.one and self.values["n"] == 1 else template.english
        return english.format_map({name: plain(v) for name, v in self.values.items()})

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (self.template, self.values)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """In a stored document a message is its written form, and plain text of an earlier version is kept as it is."""
        from pydantic_core import core_schema

        from qafila.core.message_json import from_json, to_json

        return core_schema.no_info_plain_validator_function(
            from_json,
            serialization=core_schema.plain_serializer_function_ser_schema(to_json),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {"type": "string"}


Value: TypeAlias = "str | int | Decimal | Money | date | datetime | Place | Country | Term | Share | Named | Choice | Message"
"""What may stand in a message. A `str` is text from outside or a name: it is shown as it is, and never translated."""


def template(id: str, english: str, one: str = "", context: str = "") -> Template:
    """Lists a template.

    Args:
        id: `package.what_is_wrong`, unique in the whole program.
        english: one plain sentence; values stand in it as `{name}`.
        one: the same where the value `n` is 1, if that changes a word.
        context: where it is said, if the same English means something else elsewhere; then without `one`.
        context: where it is said, if the same English means something else elsewhere; then without `one`.

    Raises:
        ValueError: the id is listed with other words, or `one` names other values.
    """
    known = TEMPLATES.get(id)
    if known is not None:
        if (known.english, known.one, known.context) != (english, one, context):
            raise ValueError(f"two templates have the id {id}")
        return known
    names = frozenset(_NAME.findall(english))
    if one and not ("n" in names and frozenset(_NAME.findall(one)) <= names):
        raise ValueError(f"{id}: its form for one names other values")
    TEMPLATES[id] = made = Template(id, english, names, one, context)
    return made


_NAME = re.compile(r"\{(\w+)\}")
_FACT = ":"


@lru_cache(maxsize=16_384)
def fact(source: str, english: str) -> Message:
    """A text of a data file.

    Args:
        source: the kind of data, such as `customs.charge`; no colon in it.
        english: the text as it stands there. Braces in it are no values.
    """
    return Message(Template(f"{source}{_FACT}{english}", english, frozenset()), {})


def known_template(id: str) -> Template | None:
    """The template of an id, also of a fact's; None where no loaded module lists it."""
    source, colon, english = id.partition(_FACT)
    return fact(source, english).template if colon else TEMPLATES.get(id)


def _again(id: str, english: str, one: str) -> Template:
    """A template from a pickle: the listed one, where it is still listed."""
    return known_template(id) or Template(id, english, frozenset(_NAME.findall(english)), one)


AS_IT_IS = template("core.as_it_is", "{text}")
CLAUSES = template("core.clauses", "{first}; {second}")
SENTENCES = template("core.sentences", "{first} {second}")


def as_it_is(text: str) -> Message:
    """Text from outside, or of before there were messages, as a message: it is never translated."""
    return AS_IT_IS(text=text)


def clauses(parts: Iterable[Message | None]) -> Message | None:
    """Messages that are parts of a sentence, one after the other with semicolons; None where there are none."""
    return _folded(CLAUSES, parts)


def sentences(parts: Iterable[Message | None]) -> Message | None:
    """Messages that are whole sentences, one after the other; None where there are none."""
    return _folded(SENTENCES, parts)


def _folded(how: Template, parts: Iterable[Message | None]) -> Message | None:
    found: Message | None = None
    for part in parts:
        if part is not None:
            found = part if found is None else how(first=found, second=part)
    return found


def plain(v: Value) -> str:
    """A value in plain English, exact: instants in ISO 8601, figures ungrouped."""
    if isinstance(v, Place):
        return v.name
    if isinstance(v, Country):
        return _country(v.code)
    if isinstance(v, Term):
        return v.key.replace("_", " ")
    if isinstance(v, Share):
        return f"{v.of_one:.0%}"
    if isinstance(v, Named):
        return v.in_language("en")
    if isinstance(v, Choice):
        said = [plain(item) for item in v.items]
        between = " and " if v.every else " or "
        return between.join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
    if isinstance(v, datetime):
        return f"{v:%Y-%m-%d %H:%M %Z}".strip()
    return f"{v:f}" if isinstance(v, Decimal) else str(v)


def _country(code: str) -> str:
    from babel import Locale  # a name is asked for seldom, and the library is large

    return str(Locale.parse("en").territories.get(code, code))
