"""What a shop's pages leave in a cell: entities, once or twice over, and the tags of running text."""

from __future__ import annotations

import html
import re

_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
# the tags that shops' editors write; "Size <40>" has none
_TAG = re.compile(
    r"</?(?:br|em|li|ul|ol|h[1-6]|td|tr|div|font|span|strong|small|sup|sub)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
# one letter may be a size or a building: "T-shirt <S>"; only what is closed again is a tag
_CLOSED = re.compile(r"</([biusap])>", re.IGNORECASE)
_TIMES = 3  # that one program after another may have escaped the same text


def without_markup(raw: str) -> str:
    """A cell's text with entities read and tags left out; a tag or a hard space leaves a space.

    U+FFFD stands where an entity means no character.
    """
    text = raw
    for _ in range(_TIMES):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "<" in text:
        bare = _TAG.sub(" ", text).replace("<p>", " ")
        for name in {closed.lower() for closed in _CLOSED.findall(bare)}:
            bare = re.sub(rf"</?{name}(?:\s[^<>]*)?>", " ", bare, flags=re.IGNORECASE)
        if bare != text:
            text = " ".join(bare.split())
    return text.replace("\xa0", " ") if text != raw else raw
