"""Where in a seller's words the goods are named: the head of the phrase, and what only goes with it.

"Honey soap" is soap, "box for tea" is a box, "savon au miel" is soap, 蜂蜜香皂 is soap: English and Chinese put the goods
last, French and Arabic first, and what follows "for", "made of", "à", "en" only says more of them.
"""

from __future__ import annotations

import re

from qafila.core.values import value
from qafila.customs.classification.text import tokens
from qafila.customs.classification.wording import small_words

_BREAKS = re.compile(
    r"[,;:/()|\[\]{}،؛。，、；：（）【】!?؟·•\n\r\t]|\s[-–—+&]\s|(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])|\.\s"
)


@value
class Phrase:
    """A piece of a title by the places of its tokens: the goods are named from `start` to `link`, more of them is
    said from there to `end`."""

    start: int
    link: int
    end: int
    first: bool  # whether the language puts the goods first


def phrases(title: str) -> tuple[Phrase, ...]:
    """The phrases of `tokens(title)`; one of all of it where the breaks do not fit the tokens."""
    found: list[Phrase] = []
    at = 0
    for part in _BREAKS.split(title):
        words = tokens(part)
        if words:
            found.append(_phrase(words, at))
            at += len(words)
    whole = tokens(title)
    return tuple(found) if at == len(whole) else (_phrase(whole, 0),)


def _phrase(words: list[str], at: int) -> Phrase:
    arabic = any("\u0600" <= word[0] <= "\u06ff" for word in words)
    french = (
        any(word in small_words("french") for word in words[1:]) and "of" not in words and "for" not in words
    )
    link = _linked(words, french)
    start = 0
    if arabic or french:
        while start + 1 < link and (
            words[start] in small_words("measure")
            or words[start] in small_words("of")
            or words[start].isdigit()
        ):
            start += 1
    return Phrase(at + start, at + link, at + len(words), arabic or french)


def _linked(words: list[str], french: bool) -> int:
    """The place of the word that links what only goes with the goods; the number of words if none does."""
    for i, word in enumerate(words):
        if not i or (word == "a" and not french):
            continue
        if word in small_words("link") or (
            word in small_words("of") and words[i - 1] not in small_words("measure")
        ):
            return i
    return len(words)
