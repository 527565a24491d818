"""Which legacy encoding a text is in, told by whose alphabet its letters make: no letter is out of place in the right one.

Bytes beyond ASCII are letters in one encoding and signs in another. In the right one every word is of one script and of
one language's alphabet, and no sign stands between two letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise

from babel.languages import get_official_languages

from qafila.core.values import value
from qafila.network.network_places import country_code
from qafila.network.postcodes import names_of_towns

_LATIN = {
    "fr": "éèàùâêîôûëïüçœæÿ", "es": "áéíóúüñ", "pt": "áâãàçéêíóôõú", "it": "àèéìíòóùú", "de": "äöüß", "nordic": "åäöæøé",
    "tr": "çğıöşüâîİ", "pl": "ąćęłńóśźż", "cs": "áčďéěíňóřšťúůýžäľô", "hu": "áéíóöőúüű", "ro": "ăâîșțşţ", "hr": "čćđšž", "ca": "àçèéíïòóúü", "nl": "éëïóöü",
    "is": "áæðéíóöþúý", "et": "äõöüšž", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž",
    "vi": "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
}  # fmt: skip
_ALPHABET_OF = {"da": "nordic", "nb": "nordic", "nn": "nordic", "no": "nordic", "sv": "nordic", "fi": "nordic", "fo": "nordic", "sk": "cs", "sl": "hr",
                "bs": "hr", "sr": "hr"}  # fmt: skip
_MORE = {"cs": "ĺŕ"}  # letters so rare that they are taken only where the country itself is named
_NEUTRAL = frozenset(
    "€£¥§©®°·«»–—‘’“”„…•™½¼¾²³ºª¿¡×・׳״־\u00a0\u200e\u200f،؛؟ـ、。，：；！？（）【】《》·￥％～“”"
)
_SCRIPTS = {
    "ru": re.compile("[\u0400-\u04ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "kana": re.compile("[\u3040-\u30ff\uff66-\uff9f]"),
    "hangul": re.compile("[\uac00-\ud7a3]"),
    "han": re.compile("[\u4e00-\u9fff]"),
}
_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {"ru": "оеаинтсрвлкмдпуяыбзгйіїє", "el": "αοιετνσηυρκπμλςάίέόή", "ar": "اليمنرتوبةعدسفهحكق"}
_OF_SERBIA = "ЂЃЏЌђѓџќЉЊЋљњћѕЅ"  # Cyrillic letters that Russian, Ukrainian and Bulgarian have not
CANDIDATES = (
    "cp1252", "cp1250", "cp1254", "cp1255", "cp1251", "cp1253", "iso8859_7", "cp1256", "iso8859_6", "gb18030", "big5", "euc_kr", "shift_jis", "euc_jp",
    "mac_roman", "cp850", "iso8859_2", "cp1257", "koi8_u", "iso8859_5", "mac_cyrillic", "cp866", "cp852", "mac_latin2", "cp857",
    "cp737", "cp720", "cp874", "iso8859_16", "cp1258", "mac_greek", "cp869", "cp862", "cp1125", "cp855", "cp775", "cp861", "cp860", "mac_iceland", "mac_turkish",
    "iso8859_15", "iso8859_4", "mac_romanian", "mac_croatian",
)  # fmt: skip
"""In the order in which they are preferred where two fit alike."""
_KOREAN_ENOUGH = 12  # letters: of fewer, Chinese may look like Korean
_WORST = 0.2  # share of letters out of place beyond which no encoding fits


@value
class Guess:
    """The encoding in which some bytes make the best text."""

    encoding: str
    rival: str = ""  # another one that fits nearly as well and makes another text; empty where none does
    read: str = ""  # a word as it was read
    instead: str = ""  # the same word in the rival


def encoding_of(data: bytes) -> Guess | None:
    """The encoding in which some bytes make the best text, and the one that may be meant instead; None where none fits.

    Args:
        data: lines of a file that have bytes beyond ASCII.
    """
    fits: list[tuple[float, int, str]] = []
    texts: dict[str, str] = {}
    for rank, name in enumerate(CANDIDATES):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            text = data.decode(name, errors="replace")
            if text.count("\ufffd") > len(data) // 200:
                continue
        texts[name] = unicodedata.normalize("NFC", text) if name == "cp1258" else text
        fits.append((round(_misfit(texts[name], name), 6), rank, name))
    if not fits or min(fits)[0] > _WORST:
        return None
    best, _, chosen = min(fits)
    if chosen == "gb18030" and any(name == "euc_kr" and score <= 0 for score, _, name in fits):
        # Korean words are of syllables alone: Chinese that reads so is rare, and short
        if len(_SCRIPTS["hangul"].findall(texts["euc_kr"])) < _KOREAN_ENOUGH:
            return None
        chosen = "euc_kr"
    for score, _, name in sorted(fits):
        if score > best + _NEARLY:
            break
        if "\ufffd" not in texts[name] and (words := _difference(texts[chosen], texts[name])):
            return Guess(chosen, name, *words)
    return Guess(chosen)


_NEARLY = 0.06  # of what is out of place, by which two encodings fit about alike


def _difference(one: str, other: str) -> tuple[str, str] | None:
    """The first word that two readings of the same bytes have not in common."""
    cells = zip(_CELL.findall(one), _CELL.findall(other), strict=False)
    return next(((a.strip()[:40], b.strip()[:40]) for a, b in cells if a != b), None)


def _misfit(text: str, name: str) -> float:
    """The share of characters beyond ASCII that are out of place."""
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    bare = "".join(
        c for c in text if unicodedata.category(c) != "Mn"
    )  # vowel points and tones stand inside words
    wrong = float(
        sum(len(stray.findall(text)) for stray in (_STRAY_MARK, _STRAY_THAI, _STRAY_TONE, _STUCK_SIGN))
    )
    wrong += sum(1.0 for c in bare if c > "\x7f" and not c.isalpha() and c not in _NEUTRAL)
    wrong += 2 * len(_SIGN_IN_A_WORD.findall(bare))
    latin: list[str] = []
    for word in _WORD.findall(bare):
        if word.isascii():
            continue
        if any(found.search(word) for found in _SCRIPTS.values()):
            wrong += _of_other_scripts(word, name)
        else:
            latin.append(word)
    lines = [(line, _countries_of(line)) for line in text.splitlines()]
    hinted = frozenset(
        lang for _, countries in lines for country in countries for lang in _languages(country)
    )
    told = sum(
        max((_in_its_own(line, c) + _in_its_script(line, c, name) for c in countries), default=0)
        for line, countries in lines
    )
    if not _names_serbia(lines):
        wrong += 0.25 * sum(c in _OF_SERBIA for c in bare)
    return (wrong + _latin(latin, hinted) - _TOLD_BY_COUNTRY * told) / len(beyond)


_TOLD_BY_COUNTRY = (
    0.1  # of a letter: what it counts that a line's letters are of the alphabet of the country that it names
)
_CELL = re.compile(r"[^,;|\t\"]+")
_LONGEST_COUNTRY = 40  # letters


def _countries_of(line: str) -> frozenset[str]:
    """The countries that a line's cells name, by code or by name in plain letters."""
    cells = {cell.strip() for cell in _CELL.findall(line)}
    names = {c for c in cells if c.isascii() and 1 < len(c) <= _LONGEST_COUNTRY and not c.isdigit()}
    return frozenset(code for code in map(_country_named, names) if code)


@lru_cache(maxsize=10_000)
def _country_named(name: str) -> str:
    return country_code(name) or "" if len(name) > _CODE or name.isupper() else ""


_CODE = 3  # letters


@cache
def _languages(country: str) -> frozenset[str]:
    """The alphabets of a country's own languages."""
    spoken = get_official_languages(country, regional=True, de_facto=True)
    return frozenset(_ALPHABET_OF.get(one, one) for one in (s.split("_")[0] for s in spoken)) & _LATIN.keys()


def _in_its_own(line: str, country: str) -> int:
    """How many letters beyond ASCII a line has, where all are of a country's alphabets and stand beside letters beside which
    they stand in names of its towns; else none."""
    alphabets = _languages(country)
    beyond = 0
    for word in _WORD.findall(line.lower()):
        if word.isascii():
            continue
        padded = f" {word} "
        for before, c, after in zip(padded, padded[1:], padded[2:], strict=False):
            if c <= "\x7f":
                continue
            if not any(c in _LATIN[lang] + _MORE.get(lang, "") for lang in alphabets):
                return 0
            if not {before + c, c + after} <= _pairs(country):
                return 0
            beyond += 1
    return beyond


@cache
def _pairs(country: str) -> frozenset[str]:
    """Two letters, one beyond ASCII, that stand side by side in names of a country's towns."""
    words = (f" {word} " for name in names_of_towns(country) for word in _WORD.findall(name.lower()))
    return frozenset(a + b for word in words for a, b in pairwise(word) if not (a + b).isascii())


_SCRIPT_OF = {"ru": "ru", "uk": "ru", "be": "ru", "bg": "ru", "mk": "ru", "sr": "ru", "kk": "ru", "ky": "ru", "mn": "ru", "el": "el", "ar": "ar", "fa": "ar",
              "ur": "ar", "he": "he", "th": "th", "ko": "hangul"}  # fmt: skip
_EASTERN = {
    "CN": ("gb18030",),
    "SG": ("gb18030",),
    "TW": ("big5",),
    "HK": ("big5",),
    "MO": ("big5",),
    "JP": ("shift_jis", "euc_jp"),
    "KR": ("euc_kr",),
}
_CYRILLIC_OF_SERBIA = frozenset({"RS", "BA", "ME", "MK", "XK"})


def _names_serbia(lines: list[tuple[str, frozenset[str]]]) -> bool:
    """Whether a line names a country whose Cyrillic has letters that Russian has not."""
    return any(countries & _CYRILLIC_OF_SERBIA for _, countries in lines)


def _in_its_script(line: str, country: str, name: str) -> int:
    """How many letters of a line are of the script of the country that it names, in an encoding used there."""
    if country in _EASTERN and name not in _EASTERN[country]:
        return 0
    scripts = _scripts(country)
    return sum(bool(_SCRIPTS[script].match(c)) for c in line if c > "\x7f" for script in scripts)


@cache
def _scripts(country: str) -> frozenset[str]:
    if country in _EASTERN:
        return frozenset({"han", "kana", "hangul"} if country in ("JP", "KR") else {"han"})
    spoken = get_official_languages(country, regional=True, de_facto=True)
    return frozenset(_SCRIPT_OF[one] for one in (s.split("_")[0] for s in spoken) if one in _SCRIPT_OF)


_SIGN_IN_A_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s'’.\-/&,;:|()\"@+*#!?%=<>](?=[^\W\d_])")


# a mark on another script's letter; Hebrew's points, which nobody types
_STRAY_MARK = re.compile(
    "(?<=[a-zA-Z\u00c0-\u024f])[\u0591-\u05c7\u064b-\u0652\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[\u0591-\u05bd\u05bf-\u05c7]"
)


_STRAY_TONE = re.compile("(?<![^\\W\\d_])[\u0300-\u036f]")  # an accent without its letter
_STUCK_SIGN = re.compile(
    "(?<=[^\\W\\d_])[•§¤¶†‡¦]|°(?=[^\\W\\d_CFcf])|(?<=[^\\W\\d_])…(?=[;,|\\t])|(?<![^\\W\\d_])[®©¥ª¹](?=[a-z])"
    "|[²³](?=[\u05d0-\u05ea])|(?<=[\u05d0-\u05ea])[²³]|(?<![\u05d0-\u05ea])[׳״](?=[\u05d0-\u05ea])"
)  # "Libert…" was "Libertà"
# a Thai vowel or tone without the consonant that bears it
_STRAY_THAI = re.compile(
    "(?<![\u0e01-\u0e2e])[\u0e31\u0e34-\u0e3a\u0e47]|(?<![\u0e01-\u0e2e\u0e31\u0e34-\u0e3a])[\u0e48-\u0e4e]"
)
_SIGMA = re.compile(
    "ς(?=[^\\W\\d_])|(?<=[^\\W\\d_])σ(?![^\\W\\d_])"
)  # the one within a word, the other at its end
_CYRILLIC_VOWELS = re.compile("[аеёиоуыэюяіїєўѐѝ]|[ръ]")  # Serbian has words on r, Bulgarian on ъ


def _of_other_scripts(word: str, name: str) -> float:
    """How many letters of a word are out of place that is not, or not only, in Latin letters."""
    kinds = {script for script, found in _SCRIPTS.items() if found.search(word)}
    ascii_letters = sum(c.isascii() for c in word)
    if len(kinds) > 1 and kinds != {"kana", "han"}:
        return len(word)
    if any("\u00c0" <= c <= "\u024f" for c in word):
        return len(word)  # an accented Latin letter in a word of another script
    if ascii_letters and kinds & {"ru", "el", "he", "th"}:
        return len(word)
    wrong = 0.5 * ascii_letters if kinds == {"ar"} else 0.0
    if script := next((one for one in ("ru", "el", "ar") if one in kinds), None):
        return wrong + _strange(word, script)
    east = sum(c > "\u3000" for c in word)
    if kinds & {"han", "kana", "hangul"} and east == 1 and any("a" <= c <= "z" for c in word):
        return len(word)  # "Bego紡" was "Begoña"; "T恤" and "iPhone手机" are words
    if "kana" in kinds and name not in ("shift_jis", "euc_jp"):
        return len(word)  # the Chinese tables have them too
    wrong += sum("\uff66" <= c <= "\uff9f" for c in word)  # kana of half width, which nobody types
    if "han" in kinds:
        wrong += sum(0.0 if everyday(c, name) else 1.0 for c in word if _SCRIPTS["han"].match(c))
    return wrong


def _strange(word: str, script: str) -> float:
    """How unlike a word of a script it is: letters that are rare there, capitals in its middle."""
    letters = [c for c in word if c > "\x7f"]
    rare = sum(c.lower() not in _COMMON[script] for c in letters)
    middle = sum(c.isupper() for c in word[1:]) if not word.isupper() else 0
    wrong = float(len(_SIGMA.findall(word)))
    if script == "ru" and len(word) >= _VOWELLESS and not _CYRILLIC_VOWELS.search(word.lower()):
        wrong += len(word)
    if script == "el":
        tones = sum(c in _TONES for c in unicodedata.normalize("NFD", word))
        wrong += len(letters) * (tones > 1)  # a Greek word has one accent
    if script == "ru":
        rare = sum(c.lower() not in _COMMON["ru"] and c not in _OF_SERBIA for c in letters)
    return wrong + max(0.0, rare - len(letters) / 3) + middle


_TONES = "\u0301"
_VOWELLESS = 4  # letters: longer words have a vowel


@cache
def everyday(character: str, name: str) -> bool:
    """Whether a Han character is of those of everyday use: of the first level of its language's table."""
    for table, first, last in _FIRST_LEVELS.get(name, _FIRST_LEVELS["gb18030"]):
        try:
            if first <= character.encode(table)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


_FIRST_LEVELS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "gb18030": (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)),
    "big5": (("big5", 0xA4, 0xC6), ("gb2312", 0xB0, 0xD7)),
    "shift_jis": (("euc_jp", 0xB0, 0xCF),),
    "euc_jp": (("euc_jp", 0xB0, 0xCF),),
    "euc_kr": (),
}


def _latin(words: list[str], hinted: frozenset[str]) -> float:
    """Letters that fit none of the (at most two) alphabets which fit best, and words that are nearly all accents.

    Args:
        words: with letters beyond ASCII.
        hinted: alphabets of countries that the text names, which are no less likely for being seldom.
    """
    seldom = {lang for lang in _SELDOM if lang not in hinted}
    letters: dict[str, int] = {}
    wrong = 0.0
    for word in words:
        accented = [c for c in word if c > "\x7f"]
        if len(word) >= 3 and len(accented) > (0.65 if len(word) > 4 else 0.8) * len(word):
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
    for more in (_MORE.get(lang, "") for lang in hinted):
        letters = {c: n for c, n in letters.items() if c not in more}
    cover = {lang: sum(n for c, n in letters.items() if c in alphabet) for lang, alphabet in _LATIN.items()}
    first = max(
        cover, key=lambda lang: cover[lang] + 0.5 * (lang in hinted) - (lang in seldom) * _handicap(total)
    )
    left = {c: n for c, n in letters.items() if c not in _LATIN[first]}
    second = max(_LATIN, key=lambda lang: sum(n for c, n in left.items() if c in _LATIN[lang]))
    # a second language in the same file is likely, a few strange letters are not
    for c, n in left.items():
        wrong += n * (0.3 if c in _LATIN[second] else 0.45 if c in _KNOWN else 1.0)
    return wrong + (first in seldom) * _handicap(total)


def _handicap(total: int) -> float:
    return min(0.1 * total, 0.6)


_KNOWN = frozenset("".join(_LATIN.values()))
_SELDOM = ("is", "et", "lt", "lv", "vi")  # for which a few letters of another language must not be taken
