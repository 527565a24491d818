"""Writes the people's part of the site in each language when it is built, beside the first page written by hand: the words, the examples, the
lessons, from the data that the pages of a hub show (`facts/help.toml`, `practice/lessons/`)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

SOURCE = Path(__file__).parents[2] / "src" / "qafila"
WORDS = {
    "en": (
        "For people: words, examples, lessons",
        "Words",
        "Where, and for example",
        "Lessons",
        "Step",
        "If it goes wrong",
    ),
    "fr": (
        "Pour les personnes : mots, exemples, leçons",
        "Mots",
        "Où, et par exemple",
        "Leçons",
        "Étape",
        "Si cela tourne mal",
    ),
    "ar": ("للناس: كلمات وأمثلة ودروس", "كلمات", "أين، ومثال", "دروس", "خطوة", "إن لم تصب"),
    "zh": ("给使用者：术语、示例、课程", "术语", "位置与示例", "课程", "步骤", "如果做错了"),
}


FIRST = {
    "en": "A first label in five minutes",
    "fr": "Une première étiquette en cinq minutes",
    "ar": "أول ملصق في خمس دقائق",
    "zh": "五分钟打出第一张面单",
}
"""The page that begins, in each language: written by hand, beside this one."""


def on_files(files: Files, config: Any) -> Files:
    """MkDocs' hook: adds a page for each language."""
    for code in WORDS:
        files.append(File.generated(config, f"{code}/people.md", content=page(code)))
    return files


def page(code: str) -> str:
    """The page of a language as Markdown."""
    title, words, where, lessons, step, wrong = WORDS[code]
    told = tomllib.loads((SOURCE / "facts" / "help.toml").read_text(encoding="utf-8"))
    others = " · ".join(f"[{WORDS[other][0]}](../{other}/people.md)" for other in WORDS if other != code)
    first = FIRST[code]
    lines = [f"# {title}", "", others, "", f"[{first}]({'../' if code == 'en' else ''}first-label.md)", ""]
    body = [f"## {words}", ""]
    for languages in told["words"].values():
        body += [f"**{languages[code][0]}**: {languages[code][1]}", ""]
    body += [f"## {where}", ""]
    body += [f"- `{entry['at'][0]}`: {entry[code]}" for entry in told["pages"]]
    body += ["", f"## {lessons}", ""]
    found = [
        tomllib.loads(p.read_text(encoding="utf-8")) for p in (SOURCE / "practice" / "lessons").glob("*.toml")
    ]
    for lesson in sorted(found, key=lambda one: one["order"]):
        body += [f"### {lesson['title'][code]}", "", lesson["story"][code], ""]
        for n, one in enumerate(lesson["steps"], 1):
            body += [
                f"{n}. {step} {n}: {one['task'][code]} *{one['hint'][code]}* {wrong}: {one['wrong'][code]}"
            ]
        body += [""]
    if code == "ar":  # Markdown within, read from right to left
        return "\n".join([*lines, '<div dir="rtl" lang="ar" markdown>', "", *body, "</div>", ""])
    return "\n".join([*lines, *body])
