"""Sentences of the engines, in the reader's language.

Below the doors every reason and remedy is one English sentence with values in it. Here each is listed once
as a template; a sentence that fits one is said by the template's translation, with its values. What fits
none is shown as it is.
"""

from __future__ import annotations

import gettext
import re
from functools import cache

from qafila.web.sentences import SENTENCES


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Templates as patterns, the most literal first."""
    made = []
    for template in SENTENCES:
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(template.replace("%%", "%")))
        made.append((re.compile(pattern, re.DOTALL), template))
    return sorted(made, key=lambda pair: -len(re.sub(r"%\(\w+\)s", "", pair[1])))


def say(text: str, catalogue: gettext.NullTranslations) -> str:
    """The sentence in the catalogue's language, or as it is. Several are said one by one, and a value whose
    key begins with `name` is a sentence itself.
    """
    for pattern, template in _patterns():
        found = pattern.fullmatch(text)
        # a value holds no second sentence, unless the template itself is made of several
        if found and ("; " in template or not any("; " in v for v in found.groupdict().values())):
            values = {
                k: say(v, catalogue) if k.startswith("name") else v for k, v in found.groupdict().items()
            }
            return catalogue.gettext(template) % values
    parts = text.split("; ")
    if len(parts) > 1:
        return "; ".join(say(part, catalogue) for part in parts)
    sentences = _END.split(text)
    return " ".join(say(s, catalogue) for s in sentences) if len(sentences) > 1 else text


_END = re.compile(r"(?<=[.?]) (?=[A-Z])")
