"""A name as it is compared: Latin words, and the skeleton of consonants that every spelling shares.

محمد, Mohammed, Muhammad and Mohamed have one skeleton; so have القذافي, Gaddafi, Qadhafi and Kadhafi.
Sounds that languages write alike fall into one class (q k g j c; t d; s z; b p), vowels and what
scribes write as vowels (w, y, v) fall out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from pypinyin import lazy_pinyin

_HAN = re.compile(r"[\u3400-\u9fff]+")
_ARABIC_ARTICLE = re.compile(r"(?<![\u0600-\u06ff])ال(?=[\u0600-\u06ff]{2})")
_WORD = re.compile(r"[a-z0-9]+")

# digraphs before single letters; capitals mark a sound that no later rule touches
_DIGRAPHS = (
    ("sch", "S"), ("tch", "S"), ("ch", "S"), ("sh", "S"), ("zh", "S"), ("ts", "S"), ("tz", "S"), ("cz", "S"),
    ("kh", "H"), ("gh", "K"), ("dh", "T"), ("th", "T"), ("ph", "F"), ("ce", "Se"), ("ci", "Si"), ("cy", "S"),
    ("x", "KS"),
)  # fmt: skip
_CLASSES = str.maketrans("qkgjctdszbpfmnlrh", "KKKKKTTSSBBFMNLRH")
_DROPPED = str.maketrans("", "", "aeiouvwy")

# words that say little about who is meant: particles of names, legal forms of firms
_LIGHT = (
    "al el ul bin ben ibn bint abu abou abd ould oulad von van de du da di la le del der den the and et y of "
    "ltd limited llc inc co company corp corporation gmbh ag sa sarl sas spa srl bv nv oy ab as plc pte pvt "
    "trading group holding international general import export est fze fzco fz ltda jsc ooo oao zao kg ohg "
    "mr mrs ms dr haj hadj hajji sheikh cheikh shaykh"
)
LIGHT_WORDS = frozenset(_LIGHT.split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart."""

    text: str
    words: tuple[str, ...]  # Latin, small letters
    skeletons: tuple[str, ...]  # of each word; empty where a word is all vowels


@lru_cache(maxsize=200_000)
def name(text: str) -> Name:
    """Takes a name of any script apart; a name without letters has no words."""
    plain = _ARABIC_ARTICLE.sub("", text.replace("’", "'"))
    plain = _HAN.sub(lambda run: " " + _chinese(run.group()) + " ", plain)
    latin = re.sub(r"[`'´.]", "", anyascii(plain).lower())
    words = tuple(_WORD.findall(latin))
    return Name(text, words, tuple(skeleton(word) for word in words))


def _chinese(run: str) -> str:
    """Pinyin of a run of Han characters; a name of 2 to 4 is surname and given name."""
    syllables = lazy_pinyin(run)
    if len(run) > 4:
        return " ".join(syllables)
    surname = 2 if len(run) == 4 else 1
    return "".join(syllables[:surname]) + " " + "".join(syllables[surname:])


def skeleton(word: str) -> str:
    """The consonants of a Latin word by classes of sound, doubles once: skeleton("gaddafi") == "KTF"."""
    for written, sound in _DIGRAPHS:
        word = word.replace(written, sound)
    if word.endswith("h"):  # the closing h of Fatimah, Abdallah
        word = word[:-1]
    bare = word.translate(_DROPPED).translate(_CLASSES)
    return re.sub(r"(.)\1+", r"\1", bare)
