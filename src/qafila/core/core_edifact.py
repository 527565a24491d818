"""UN/EDIFACT interchanges (ISO 9735 syntax version 3): segments written and read, with their separators released and their counts held.

Only what the syntax itself says is here; which segments a message has is the business of whoever writes it. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

ELEMENT, COMPONENT, END, RELEASE = "+", ":", "'", "?"
_SPECIAL = frozenset((ELEMENT, COMPONENT, END, RELEASE))
_ADVICE = "UNA:+.? '"
CHARACTERS = "UNOC"
"""ISO 8859-1: syntax version 3 knows no wider set."""


class NotEdifact(ValueError):
    """Text that is no interchange: says what is wrong, and at which character or segment."""


Element = tuple[str, ...]
"""The components of a data element; a simple one has one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A tag with its data elements."""

    tag: str
    elements: tuple[Element, ...] = ()

    def get(self, element: int, component: int = 0) -> str:
        """A component by place, from 0; empty where it was left out."""
        if element >= len(self.elements) or component >= len(self.elements[element]):
            return ""
        return self.elements[element][component]


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its type as in `IFTSTA:D:01B:UN`, and its segments between UNH and UNT."""

    type: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """What one partner sends another at once."""

    sender: str
    recipient: str
    reference: str
    at: datetime
    messages: tuple[Message, ...]


def segment(tag: str, *elements: str | Sequence[str]) -> Segment:
    """A segment from its elements: a text is a simple one, a sequence a composite. What is empty at the end is left out."""
    told = [(e,) if isinstance(e, str) else tuple(e) for e in elements]
    cut = [_without_end(e) for e in told]
    while cut and cut[-1] == ("",):
        cut.pop()
    return Segment(tag, tuple(cut))


def _without_end(element: Element) -> Element:
    last = len(element)
    while last > 1 and not element[last - 1]:
        last -= 1
    return element[:last] or ("",)


def instant(at: datetime) -> str:
    """An instant as CCYYMMDDHHMMSSZZZ (format 304), in UTC and to the second. Raises NotEdifact where it has no offset."""
    if at.tzinfo is None:
        raise NotEdifact(f"{at} has no offset from UTC")
    told = at.astimezone(UTC)
    return f"{told.year:04}{told:%m%d%H%M%S}UTC"


def read_instant(text: str) -> datetime:
    """The instant of format 304 in UTC. Raises NotEdifact."""
    try:
        if len(text) != 17 or not text.endswith("UTC"):
            raise ValueError
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise NotEdifact(f"{text[:40]!r} is no instant as CCYYMMDDHHMMSSUTC") from None


def write(told: Interchange) -> str:
    """An interchange as text, one segment a line.

    Raises NotEdifact where a character is none of ISO 8859-1, or is a control character, or a partner's name or the reference is
    longer than the syntax has it.
    """
    for name, value, most in (
        ("sender", told.sender, 35),
        ("recipient", told.recipient, 35),
        ("reference", told.reference, 14),
    ):
        if len(value) > most:
            raise NotEdifact(f"the {name} {value[:40]!r} has {len(value)} characters, {most} are the most")
    lines = [_ADVICE]
    day, clock = f"{told.at.astimezone(UTC):%y%m%d}", f"{told.at.astimezone(UTC):%H%M}"
    lines.append(
        _written(segment("UNB", (CHARACTERS, "3"), told.sender, told.recipient, (day, clock), told.reference))
    )
    for n, message in enumerate(told.messages, 1):
        body = [segment("UNH", str(n), message.type.split(":")), *message.segments]
        body.append(segment("UNT", str(len(body) + 1), str(n)))
        lines += map(_written, body)
    lines.append(_written(segment("UNZ", str(len(told.messages)), told.reference)))
    return "\n".join(lines) + "\n"


def _written(one: Segment) -> str:
    told = [one.tag, *(COMPONENT.join(map(_released, element)) for element in one.elements)]
    return ELEMENT.join(told) + END


def _released(text: str) -> str:
    for character in text:
        code = ord(character)
        if code < 32 or 127 <= code < 160 or code > 255:
            raise NotEdifact(f"{character!r} in {text[:40]!r} is none of the characters of {CHARACTERS}")
    return "".join(RELEASE + c if c in _SPECIAL else c for c in text)


def read(text: str) -> Interchange:
    """The interchange of a text.

    Raises NotEdifact: it is none, ends too early, or its counts and references do not agree.
    """
    found = list(_segments(text))
    if not found or found[0].tag != "UNB":
        raise NotEdifact("an interchange begins with UNB")
    head, foot = found[0], found[-1]
    if foot.tag != "UNZ" or foot.get(1) != head.get(4):
        raise NotEdifact(f"an interchange ends with UNZ and its reference {head.get(4)[:40]!r}")
    try:
        at = datetime.strptime(head.get(3) + head.get(3, 1), "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        raise NotEdifact(f"{head.get(3)[:20]!r} is no day as YYMMDD with its time as HHMM") from None
    messages = tuple(_messages(found[1:-1]))
    if foot.get(0) != str(len(messages)):
        raise NotEdifact(f"UNZ says {foot.get(0)[:20]!r} messages, there are {len(messages)}")
    return Interchange(head.get(1), head.get(2), head.get(4), at, messages)


def _messages(segments: Sequence[Segment]) -> Iterable[Message]:
    n = 0
    while n < len(segments):
        head = segments[n]
        if head.tag != "UNH":
            raise NotEdifact(f"segment {n + 2} is {head.tag}, where a message begins with UNH")
        end = next((k for k in range(n + 1, len(segments)) if segments[k].tag in ("UNT", "UNH")), None)
        if end is None or segments[end].tag != "UNT":
            raise NotEdifact(f"the message {head.get(0)[:20]!r} has no UNT")
        foot = segments[end]
        if foot.get(0) != str(end - n + 1) or foot.get(1) != head.get(0):
            raise NotEdifact(
                f"UNT of {head.get(0)[:20]!r} says {foot.get(0)[:20]!r} segments, there are {end - n + 1}"
            )
        yield Message(
            COMPONENT.join(head.elements[1]) if len(head.elements) > 1 else "", tuple(segments[n + 1 : end])
        )
        n = end + 1


def _segments(text: str) -> Iterable[Segment]:
    """The segments of a text, with the separators that its UNA says."""
    component, element, release, end = COMPONENT, ELEMENT, RELEASE, END
    start = 0
    if text.startswith("UNA"):
        if len(text) < 9:
            raise NotEdifact("UNA has six characters behind it")
        component, element, release, end = text[3], text[4], text[6], text[8]
        start = 9
    if len({component, element, end}) < 3 or (release != " " and release in (component, element, end)):
        raise NotEdifact("UNA names the same character for two things")
    elements: list[list[str]] = [[""]]
    n, began = start, False
    while n < len(text):
        c = text[n]
        if not began and c in "\r\n ":
            n += 1
            continue
        began = True
        if c == release and release != " ":
            n += 1
            if n >= len(text):
                break
            elements[-1][-1] += text[n]
        elif c == component:
            elements[-1].append("")
        elif c == element:
            elements.append([""])
        elif c == end:
            tag = elements[0][0]
            if len(tag) != 3 or not (tag.isascii() and tag.isalpha() and tag.isupper()):
                raise NotEdifact(f"{tag[:20]!r} before character {n + 1} is no tag of a segment")
            yield Segment(tag, tuple(tuple(e) for e in elements[1:]))
            elements, began = [[""]], False
        elif c not in "\r\n":
            elements[-1][-1] += c
        n += 1
    if began:
        raise NotEdifact("the last segment has no end")
