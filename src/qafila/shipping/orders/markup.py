"""What a shop's pages leave in a cell: entities, once or twice over, and the tags of running text."""

from __future__ import annotations

import html
import re

_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
# the tags that shops' editors write; "Size <40>" has none
_TAG = re.compile(r"</?(?:p|b|br|i|u|s|a|em|li|ul|ol|h[1-6]|td|tr|div|font|span|strong|small|sup|sub)(?:\s[^<>]*)?/?>", re.IGNORECASE)  # fmt: skip
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
    if _TAG.search(text):
        text = " ".join(_TAG.sub(" ", text).split())
    return text.replace("\xa0", " ") if text != raw else raw
