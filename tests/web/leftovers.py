"""Finds English that is left over in a page of another language."""

from __future__ import annotations

import re

from lxml import html

# words that no sentence of ours in another language has; those that French shares (on, an, a, pour …) are left out
_WORDS = (
    "the|is|are|was|were|of|and|with|without|not|this|that|these|from|by|has|have|which|where|when|what|who|your|its|it|"
    "be|been|but|than|they|their|there|any|each|give|write|choose|needs|known|missing|goods|duty|customs|law"
)
_ENGLISH = re.compile(rf"(?<![\w-])(?:{_WORDS})(?![\w-])", re.IGNORECASE)
_SKIPPED = {
    "script",
    "style",
    "bdi",
    "code",
    "pre",
    "textarea",
    "svg",
    "option",
    "template",
    "noscript",
    "kbd",
    "samp",
}


def english_in(page: str) -> list[str]:
    """The texts of a page that read as English.

    What stands in `bdi`, `code` or `option`, in fields of forms and in what is marked as English is data from outside
    or a text that has no translation anywhere (the Harmonised System's), and is not looked at.
    """
    found = []
    for text in _texts(html.fromstring(page)):
        if len(_ENGLISH.findall(text)) >= _ENOUGH:
            found.append(" ".join(text.split()))
    return found


_ENOUGH = 2  # words: one alone may be a name, or mean something else


def _texts(node: html.HtmlElement) -> list[str]:
    if not isinstance(node.tag, str) or node.tag in _SKIPPED or node.get("lang") == "en":
        return []
    found = [node.text or ""]
    found += [node.get(name) or "" for name in ("title", "placeholder", "aria-label", "data-name")]
    for child in node:
        found += _texts(child)
        found.append(child.tail or "")
    return [text for text in found if text.strip()]
