"""EDIFACT syntax: what is written is read back, by us and by a reader of others; what is broken is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact.segmentcollection import Interchange as Theirs

from qafila.core.core_edifact import (
    Interchange,
    Message,
    NotEdifact,
    Segment,
    instant,
    read,
    read_instant,
    segment,
    write,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore:segments.xml not found"
)  # of the other reader: it has no tables of ours
NOON = datetime(2027, 3, 1, 12, 30, tzinfo=UTC)
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, blacklist_categories=("Cc",)), max_size=12)
SEGMENTS = st.builds(
    lambda tag, elements: segment(tag, *elements),
    st.sampled_from(("BGM", "RFF", "LOC", "FTX")),
    st.lists(st.lists(LATIN, min_size=1, max_size=4), min_size=1, max_size=5),
)


def sent(*segments: Segment) -> str:
    """An interchange of one message."""
    return write(Interchange("HUB", "POST", "R1", NOON, (Message("IFTSTA:D:01B:UN", segments),)))


@given(st.lists(SEGMENTS, max_size=6))
def test_what_is_written_is_read_back(segments: list[Segment]) -> None:
    told = Interchange("HUB", "POST", "R1", NOON, (Message("IFTSTA:D:01B:UN", tuple(segments)),))
    assert read(write(told)) == told


@given(st.lists(st.lists(LATIN, min_size=1, max_size=3).filter(lambda e: e[-1]), min_size=1, max_size=4))
def test_a_reader_of_others_sees_the_same(elements: list[list[str]]) -> None:
    text = sent(segment("FTX", *elements))
    (message,) = list(Theirs.from_str(text.replace("\n", "")).get_messages())
    assert (message.type, message.version) == ("IFTSTA", message.version)
    (theirs,) = [s for s in message.segments if s.tag == "FTX"]
    assert [[e] if isinstance(e, str) else list(e) for e in theirs.elements] == elements


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (lambda t: t.replace("UNZ+1", "UNZ+2"), "there are 1"),
        (lambda t: t.replace("UNT+3", "UNT+4"), "there are 3"),
        (lambda t: t.replace("UNT+3+1'\n", ""), "no UNT"),
        (lambda t: t[: len(t) // 2], "no end|ends with UNZ|no tag"),
        (lambda t: t.replace("UNZ+1+R1", "UNZ+1+R2"), "its reference"),
        (lambda t: t.replace("270301", "279901"), "no day"),
        (lambda t: t.replace("BGM", "bgm"), "no tag"),
        (lambda t: t.replace("UNA:+.? '", "UNA::.? '"), "two things"),
        (lambda t: "", "begins with UNB"),
    ],
)
def test_what_is_broken_is_refused(breaks, says: str) -> None:  # type: ignore[no-untyped-def]  # a change of a text
    with pytest.raises(NotEdifact, match=says):
        read(breaks(sent(segment("BGM", "77", "A"))))


@pytest.mark.parametrize("text", ["line\nbreak", "中", "\x07", "أ"])
def test_what_the_character_set_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(NotEdifact, match="characters"):
        sent(segment("FTX", text))


def test_other_separators_are_those_of_una() -> None:
    text = "UNA|*.\\ ~UNB*UNOC|3*A*B*270301|1230*R~UNH*1*IFTSTA|D|01B|UN~BGM*77*a\\*b+c:d~UNT*3*1~UNZ*1*R~"
    assert read(text).messages[0].segments[0].get(1) == "a*b+c:d"


def test_an_instant_is_in_utc_to_the_second() -> None:
    assert read_instant(instant(NOON)) == NOON
    for wrong in ("20270301", "20270301123000CET", "20279901123000UTC", ""):
        with pytest.raises(NotEdifact):
            read_instant(wrong)
