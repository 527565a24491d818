"""Which legacy encoding a text is in, told by whose alphabet its letters make: no letter is out of place in the right one.

Bytes beyond ASCII are letters in one encoding and signs in another. In the right one every word is of one script and of
one language's alphabet, and no sign stands between two letters.
"""

from __future__ import annotations

import re
from functools import cache

_LATIN = {
    "fr": "éèàùâêîôûëïüçœæÿ", "es": "áéíóúüñ", "pt": "áâãàçéêíóôõú", "it": "àèéìíòóùú", "de": "äöüß", "nordic": "åäöæøé",
    "tr": "çğıöşüâîİ", "pl": "ąćęłńóśźż", "cs": "áčďéěíňóřšťúůýžäĺľŕô", "hu": "áéíóöőúüű", "ro": "ăâîșțşţ", "hr": "čćđšž", "ca": "àçèéíïòóúü", "nl": "éëïóöü",
}  # fmt: skip
_NEUTRAL = frozenset(
    "€£¥§©®°·«»–—‘’“”„…•™½¼¾²³ºª¿¡×\u00a0\u200e\u200f،؛؟ـ、。，：；！？（）【】《》·￥％～“”"
)
_CYRILLIC, _GREEK, _ARABIC, _HAN = (
    re.compile(p) for p in ("[\u0400-\u04ff]", "[\u0370-\u03ff]", "[\u0600-\u06ff]", "[\u4e00-\u9fff]")
)
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {"ru": "оеаинтсрвлкмдпуяыбзгй", "el": "αοιετνσηυρκπμλςάίέόή", "ar": "اليمنرتوبةعدسفهحكق"}
CANDIDATES = (
    "cp1252",
    "cp1250",
    "cp1254",
    "cp1251",
    "cp1253",
    "cp1256",
    "iso8859_6",
    "gb18030",
    "big5",
    "mac_roman",
    "cp850",
)
"""In the order in which they are preferred where two fit alike."""
_WORST = 0.2  # share of letters out of place beyond which no encoding fits


def encoding_of(data: bytes) -> str | None:
    """The encoding in which some bytes make the best text; None where none fits.

    Args:
        data: lines of a file that have bytes beyond ASCII.
    """
    best: tuple[float, int, str] | None = None
    for rank, name in enumerate(CANDIDATES):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            text = data.decode(name, errors="replace")
            if text.count("\ufffd") > len(data) // 200:
                continue
        score = _misfit(text, name)
        if best is None or score < best[0] - 1e-9:
            best = (score, rank, name)
    return best[2] if best is not None and best[0] <= _WORST else None


def _misfit(text: str, name: str) -> float:
    """The share of characters beyond ASCII that are out of place."""
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    wrong = sum(1.0 for c in beyond if not c.isalpha() and c not in _NEUTRAL)
    wrong += 2 * len(re.findall(r"(?<=[^\W\d_])[^\w\s'’.\-/&,;:|()\"@+*#!?%=<>](?=[^\W\d_])", text))
    words = [w for w in _WORD.findall(text) if not w.isascii()]
    latin: list[str] = []
    for word in words:
        kinds = [bool(p.search(word)) for p in (_CYRILLIC, _GREEK, _ARABIC, _HAN)]
        ascii_letters = any(c.isascii() for c in word)
        if sum(kinds) > 1 or (any(kinds[:2]) and ascii_letters):
            wrong += len(word)
        elif kinds[0]:
            wrong += _strange(word, "ru")
        elif kinds[1]:
            wrong += _strange(word, "el")
        elif kinds[2]:
            wrong += _strange(word, "ar") + (0.5 * sum(c.isascii() for c in word) if ascii_letters else 0)
        elif kinds[3]:
            wrong += sum(0.0 if _everyday(c) else 1.0 for c in word if c > "\x7f")
        else:
            latin.append(word)
    wrong += _latin(latin)
    return wrong / len(beyond)


def _strange(word: str, script: str) -> float:
    """How unlike a word of a script it is: letters that are rare there, capitals in its middle."""
    letters = [c for c in word if c > "\x7f"]
    rare = sum(c.lower() not in _COMMON[script] for c in letters)
    middle = sum(c.isupper() for c in word[1:]) if not word.isupper() else 0
    return max(0.0, rare - len(letters) / 3) + middle


@cache
def _everyday(character: str) -> bool:
    """Whether a Han character is of the 3,755 of everyday use (GB 2312, level 1), or its traditional form (Big5, level 1)."""
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        pass
    try:
        return 0xA4 <= character.encode("big5")[0] <= 0xC6
    except UnicodeEncodeError:
        return False


def _latin(words: list[str]) -> float:
    """Letters that fit none of the (at most two) alphabets which fit best, and words that are nearly all accents."""
    letters: dict[str, int] = {}
    wrong = 0.0
    for word in words:
        accented = [c for c in word if c > "\x7f"]
        if len(word) >= 3 and len(accented) > (0.6 if len(word) > 4 else 0.8) * len(word):
            wrong += len(accented)
            continue
        if not word.isupper() and any(c.isupper() for c in word[1:] if c > "\x7f"):
            wrong += 1
        for c in accented:
            low = "ı" if c == "ı" else "İ" if c == "İ" else c.lower()
            letters[low] = letters.get(low, 0) + 1
    if not letters:
        return wrong
    total = sum(letters.values())
    cover = {lang: sum(n for c, n in letters.items() if c in alphabet) for lang, alphabet in _LATIN.items()}
    first = max(cover, key=lambda lang: cover[lang])
    left = {c: n for c, n in letters.items() if c not in _LATIN[first]}
    second = max(
        (sum(n for c, n in left.items() if c in alphabet) for alphabet in _LATIN.values()), default=0
    )
    # a second language in the same file is likely, a few strange letters are not
    return wrong + (total - cover[first] - second) + 0.3 * second
