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
    ("tsch", "S"), ("tsh", "S"), ("dsch", "K"), ("dzh", "K"), ("dj", "K"), ("sch", "S"), ("tch", "S"), ("ch", "S"), ("sh", "S"), ("zh", "S"), ("ts", "S"), ("tz", "S"), ("cz", "S"),
    ("kh", "H"), ("gh", "K"), ("dh", "T"), ("th", "T"), ("ph", "F"), ("ce", "Se"), ("ci", "Si"), ("cy", "S"),
    ("x", "KS"),
)  # fmt: skip
_CLASSES = str.maketrans("qkgjctdszbpfmnlrh", "KKKKKTTSSBBFMNLRH")
_DROPPED = str.maketrans("", "", "aeiouvwy")

# words that say little about who is meant: particles of names, titles, legal forms of firms …
_SLIGHT = (
    "al el ul ar as ash an at ad az bin ben ibn bint abu abou ould oulad von van de du da di la le del der den the and "
    "et y of ltd limited llc inc co company corp corporation gmbh ag sa sarl sas spa srl bv nv oy ab plc pte pvt fze "
    "fzco fz ltda oo ao jsc ojsc pjsc pao ooo oao zao kg ohg ste sté mr mrs ms dr haj hadj hajji sheikh cheikh shaykh"
)
# … and what many firms do
_COMMON = "trading trade group holding international general import export est technologies technology"
SLIGHT_WORDS = frozenset(_SLIGHT.split())
LIGHT_WORDS = SLIGHT_WORDS | frozenset(_COMMON.split())

# what Chinese firms are called besides their name
_HAN_WORDS = (
    ("股份有限公司", "co ltd"), ("有限责任公司", "co ltd"), ("有限公司", "co ltd"), ("集团", "group"), ("公司", "co"),
    ("进出口", "import export"), ("贸易", "trading"), ("技术", "technologies"), ("科技", "technologies"),
    ("国际", "international"), ("控股", "holding"),
)  # fmt: skip

# legal forms that are written out, as Latin letters give them, and their short ones
_FORMS = (
    ("gesellschaft mit beschrankter haftung", "gmbh"), ("aktiengesellschaft", "ag"), ("aktiebolag", "ab"),
    ("osakeyhtio", "oy"), ("kommanditgesellschaft", "kg"), ("offene handelsgesellschaft", "ohg"),
    ("societate cu raspundere limitata", "srl"), ("societatea cu raspundere limitata", "srl"),
    ("societa a responsabilita limitata", "srl"), ("sociedad de responsabilidad limitada", "srl"),
    ("societe a responsabilite limitee", "sarl"), ("societe par actions simplifiee", "sas"),
    ("societe anonyme", "sa"), ("sociedad anonima", "sa"), ("sociedade anonima", "sa"), ("societa per azioni", "spa"),
    ("besloten vennootschap", "bv"), ("naamloze vennootschap", "nv"), ("sp z oo", "oo"), ("spolka z oo", "oo"),
    ("spolka z ograniczona odpowiedzialnoscia", "oo"), ("anonim sirketi", "as"), ("limited sirketi", "ltd"),
    ("obshchestvo s ogranichennoj otvetstvennostju", "ooo"), ("obshchestvo s ogranichennoy otvetstvennostyu", "ooo"),
    ("obshhestvo s ogranichennoj otvetstvennostju", "ooo"), ("otkrytoe aktsionernoe obshchestvo", "oao"),
    ("publichnoe aktsionernoe obshchestvo", "pao"), ("aktsionernoe obshchestvo", "ao"),
    ("limited liability company", "llc"), ("public limited company", "plc"), ("joint stock company", "jsc"),
    ("private limited", "pvt ltd"),
)  # fmt: skip
_DISGUISED = str.maketrans("013457", "oieast")  # figures for letters, within a word: Sech1n, Ig0r
_MIXED = re.compile(r"(?=[a-z]*\d)[a-z][a-z\d]{2,}")

_ARABIC = re.compile(r"[\u0620-\u06d3]")
_ALLAH = re.compile(r"[\s-]*(?:الله|اللّه)")
_SERVANT = re.compile(r"^abd(?:ul|el|al|ol|er|ur|ar|es|us|as|en|un|an|ou|oul)?(?=[^aeiouy])")
_ARTICLES = frozenset(["al", "el", "ul", "ar", "as", "ash", "an", "at", "ad", "az"])
_GOD = frozenset(["allah", "ullah", "ollah", "llah", "lah"])

# one letter for sounds that spellings swap, so that spellings can be compared letter by letter
_FOLDS = (
    ("tsch", "s"), ("sch", "s"), ("tch", "s"), ("dzh", "j"), ("dj", "j"), ("ch", "s"), ("sh", "s"), ("zh", "s"), ("cz", "s"),
    ("kh", "h"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("ph", "f"), ("ck", "k"), ("ou", "u"), ("oo", "u"), ("ee", "i"),
    ("x", "ks"),
)  # fmt: skip
_LETTERS = str.maketrans("qcyjweoz", "kkiivaus")


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart."""

    text: str
    words: tuple[str, ...]  # Latin, small letters
    skeletons: tuple[str, ...]  # of each word; empty where a word is all vowels
    voweless: bool = False  # written in a script that leaves short vowels out


@lru_cache(maxsize=200_000)
def name(text: str) -> Name:
    """Takes a name of any script apart; a name without letters has no words."""
    plain = _ALLAH.sub("allah", text.replace("’", "'"))
    plain = plain.replace("ه\u200c", "\u200c").replace("\u200c", "")  # Persian: a mute h, parts of one word
    plain = _ARABIC_ARTICLE.sub("", plain).replace("ظ", "ز")  # Zawahiri, as it is mostly written
    foreign = "·" in plain or "•" in plain  # a foreign name in Chinese letters: a word between two dots
    for han, latin in _HAN_WORDS:
        plain = plain.replace(han, f" {latin} ")
    plain = _HAN.sub(lambda run: " " + _chinese(run.group(), foreign) + " ", plain)
    latin = re.sub(r"[`'´.]", "", anyascii(plain).lower())
    spoken = " ".join(_WORD.findall(latin))
    for long, short in _FORMS:
        if long in spoken:
            spoken = spoken.replace(long, short)
    words = tuple(
        _joined_parts([w.translate(_DISGUISED) if _MIXED.fullmatch(w) else w for w in spoken.split()])
    )
    return Name(text, words, tuple(skeleton(word) for word in words), bool(_ARABIC.search(text)))


def _joined_parts(words: list[str]) -> list[str]:
    """Names that are one name, however they are parted: Abd al-Rahman, Abdul Rahman, Abdurrahman; Nasr Allah."""
    found: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word in _GOD and found:
            found[-1] += "allah"
        elif _SERVANT.fullmatch(word + "_") or word in ("abd", "bd", "abdul", "abdel", "abdal", "abdou"):
            while left and left[0] in _ARTICLES:
                left.pop(0)
            found.append("abd" + (left.pop(0) if left else ""))
        else:
            found.append(_SERVANT.sub("abd", word) if len(word) > 6 else word)
    return found


def _chinese(run: str, foreign: bool) -> str:
    """Pinyin of a run of Han characters; a name of 2 to 4 is surname and given name."""
    syllables = lazy_pinyin(run)
    if foreign:
        return "".join(syllables)
    if len(run) > 4:
        return " ".join(syllables)
    surname = 2 if len(run) == 4 else 1
    return "".join(syllables[:surname]) + " " + "".join(syllables[surname:])


@lru_cache(maxsize=200_000)
def folded(word: str) -> str:
    """A Latin word with one letter for each group of letters that spellings swap: mohamed, muhammad → muhamad."""
    for written, sound in _FOLDS:
        word = word.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", word.translate(_LETTERS))


@lru_cache(maxsize=200_000)
def loose(bones: str) -> str:
    """A skeleton in which v, w and f are one (none), and kh, h and k: what scripts without these sounds write."""
    return re.sub(r"(.)\1+", r"\1", bones.replace("F", "").replace("H", "K"))


def skeleton(word: str) -> str:
    """The consonants of a Latin word by classes of sound, doubles once: skeleton("gaddafi") == "KTF"."""
    for written, sound in _DIGRAPHS:
        word = word.replace(written, sound)
    if word.endswith("h"):  # the closing h of Fatimah, Abdallah
        word = word[:-1]
    bare = word.translate(_DROPPED).translate(_CLASSES)
    return re.sub(r"(.)\1+", r"\1", bare)
