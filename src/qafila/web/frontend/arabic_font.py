"""The Arabic face of documents: Vazirmatn, cut so that each letter of a text has a glyph of its own.

Who copies or searches a PDF gets back what its glyphs stand for. Noto Sans Arabic draws a letter as a skeleton and its
dots, and both are read as the letter; and a lam-alef that is one glyph is read backwards by PDFium, in Chrome, and by
others. So here the ligature's drawing is the alef's, the lam before it is an empty glyph, and each takes a part of the
width: the page looks as it did, and letter by letter it is what was typed.

Vazirmatn is under the SIL Open Font Licence and reserves no name; what is made here is called otherwise, so that nobody
takes it for the original. Called by build.py: arabic_font.py MODULES FONTS; it imports nothing of qafila.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.otlLib import builder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables._g_l_y_f import Glyph

FAMILY = "Qafila Arabic"
STYLES = {"400Regular": "Regular", "700Bold": "Bold"}
_ARABIC_FORMS = ("rlig", "liga")
_NAMES = {1: FAMILY, 16: FAMILY, 3: "{family} {style}", 4: "{family} {style}", 6: "QafilaArabic-{style}"}
_HEAD_PART = 0.4  # of a ligature's width that is the first letter's


def write(modules: Path, folder: Path) -> None:
    """Writes the regular and the bold face into the documents' fonts.

    Args:
        modules: `node_modules`, with the package of Vazirmatn.
        folder: where the fonts of documents are.
    """
    for weight, style in STYLES.items():
        source = modules / "@expo-google-fonts" / "vazirmatn" / weight / f"Vazirmatn_{weight}.ttf"
        font = TTFont(source)
        one_glyph_a_letter(font)
        _rename(font, style)
        font.save(folder / f"QafilaArabic_{weight}.ttf")


def one_glyph_a_letter(font: TTFont) -> None:
    """Replaces the ligatures of two Arabic letters by two glyphs; those of three and more are given up.

    Where a vowel sign stands between the two letters, the ligature stays: its signs are placed by its parts.
    """
    table = font["GSUB"].table
    for index in _lookups(table, _ARABIC_FORMS):
        lookup = table.LookupList.Lookup[index]
        pairs: dict[tuple[str, str], str] = {}
        for subtable in lookup.SubTable:
            for first, ligatures in list(subtable.ligatures.items()):
                kept = []
                for ligature in ligatures:
                    letters = [first, *ligature.Component]
                    if not _all_arabic(font, letters):
                        kept.append(ligature)
                    elif len(letters) == 2:
                        kept.append(ligature)
                        pairs[letters[0], letters[1]] = ligature.LigGlyph
                subtable.ligatures[first] = kept
        if pairs:
            _in_two(font, index, pairs)


def _lookups(table: otTables.GSUB, tags: tuple[str, ...]) -> list[int]:
    """The lookups of ligatures that features of these names use."""
    used = {
        i
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag in tags
        for i in record.Feature.LookupListIndex
    }
    return sorted(i for i in used if table.LookupList.Lookup[i].LookupType == 4)


def _all_arabic(font: TTFont, glyphs: list[str]) -> bool:
    """Whether glyphs are letters of Arabic words: no signs above them, no Latin ones, no spaces."""
    classes = font["GDEF"].table.GlyphClassDef.classDefs
    plain = {name for code, name in font.getBestCmap().items() if code < 0x600 or code in (0x640,)}
    return all(name not in plain and classes.get(name) != 3 for name in glyphs)


def _in_two(font: TTFont, index: int, pairs: dict[tuple[str, str], str]) -> None:
    """Puts a lookup in the place of a ligature's that turns each pair into two glyphs; the ligature's comes after it."""
    table = font["GSUB"].table
    lookups = table.LookupList.Lookup
    heads: dict[str, str] = {}
    tails: dict[str, dict[str, str]] = {}
    for (first, second), whole in pairs.items():
        heads[first], tails.setdefault(first, {})[second] = _halves(font, whole)
    singles = []

    def single(mapping: dict[str, str]) -> int:
        lookups.append(builder.buildLookup([builder.buildSingleSubstSubtable(mapping)]))
        singles.append(mapping)
        return len(lookups) - 1

    head = single(heads)
    ordered = font.getReverseGlyphMap()
    contexts = []
    for first, seconds in tails.items():
        tail = single(seconds)
        # the second letter first: the first would be another glyph by then
        contexts.append(_context(ordered, first, sorted(seconds, key=ordered.__getitem__), head, tail))
    ligatures = lookups[index]
    lookups.append(ligatures)
    last = len(lookups) - 1
    lookups[index] = builder.buildLookup(contexts)
    for record in table.FeatureList.FeatureRecord:
        used = record.Feature.LookupListIndex
        if index in used:
            record.Feature.LookupListIndex = sorted({*used, last})
            record.Feature.LookupCount = len(record.Feature.LookupListIndex)
    table.LookupList.LookupCount = len(lookups)


def _context(
    ordered: dict[str, int], first: str, seconds: list[str], head: int, tail: int
) -> otTables.ChainContextSubst:
    """A rule: the first letter before one of the second becomes `head`, the other `tail`."""
    rule = otTables.ChainContextSubst()
    rule.Format = 3
    rule.BacktrackGlyphCount = rule.LookAheadGlyphCount = 0
    rule.BacktrackCoverage, rule.LookAheadCoverage = [], []
    rule.InputGlyphCount = 2
    rule.InputCoverage = [
        builder.buildCoverage([first], ordered),
        builder.buildCoverage(seconds, ordered),
    ]
    rule.SubstLookupRecord = []
    for place, lookup in ((1, tail), (0, head)):
        record = otTables.SubstLookupRecord()
        record.SequenceIndex, record.LookupListIndex = place, lookup
        rule.SubstLookupRecord.append(record)
    rule.SubstCount = 2
    return rule


def _halves(font: TTFont, whole: str) -> tuple[str, str]:
    """An empty glyph for the first letter, one with the ligature's drawing for the second; together as wide as it."""
    width, bearing = font["hmtx"][whole]
    first = round(width * _HEAD_PART)
    head, tail = f"{whole}.head", f"{whole}.tail"
    _add(font, head, Glyph(), first, 0)
    _add(font, tail, font["glyf"][whole], width - first, bearing)
    return head, tail


def _add(font: TTFont, name: str, glyph: Glyph, width: int, bearing: int) -> None:
    if name in font.getGlyphOrder():
        return
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"].glyphOrder = font.getGlyphOrder()
    font["glyf"].glyphs[name] = glyph
    font["hmtx"][name] = (width, bearing)
    font["GDEF"].table.GlyphClassDef.classDefs[name] = 1


def _rename(font: TTFont, style: str) -> None:
    for record in font["name"].names:
        if record.nameID in _NAMES:
            record.string = _NAMES[record.nameID].format(family=FAMILY, style=style)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
