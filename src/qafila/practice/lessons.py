"""The lessons: data files with their texts in four languages; what they check is code (`checks.py`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qafila.practice import practice_messages as m
from qafila.practice.place import NoPractice
from qafila.runtime.accounts.tenants import TenantKind

LESSONS = "/practice"
"""The page with all lessons: what a refusal of no one lesson's part names."""

LANGUAGES = ("en", "fr", "ar", "zh")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. Texts are by language.

    Attributes:
        check: the name of its check.
        page: where it is done.
        task: what to do.
        hint: how.
        wrong: said where the check finds that something else was done instead.
    """

    check: str
    page: str
    task: Mapping[str, str]
    hint: Mapping[str, str]
    wrong: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of one role, in an organisation of one kind."""

    id: str
    order: int
    kind: TenantKind
    role: str
    title: Mapping[str, str]
    story: Mapping[str, str]
    steps: tuple[Step, ...]
    teaches: frozenset[str] = frozenset()  # parts of the API (what an address begins with) and commands


@cache
def every() -> dict[str, Lesson]:
    """All lessons, in order. Raises ValueError where one lacks a text in a language."""
    found = []
    for file in (files("qafila.practice") / "lessons").iterdir():
        if file.name.endswith(".toml"):
            told = tomllib.loads(file.read_text(encoding="utf-8"))
            steps = tuple(
                Step(
                    s["check"],
                    s["page"],
                    *(_texts(s[name], told["id"]) for name in ("task", "hint", "wrong")),
                )
                for s in told["steps"]
            )
            found.append(
                Lesson(
                    told["id"],
                    told["order"],
                    TenantKind(told["kind"]),
                    told["role"],
                    _texts(told["title"], told["id"]),
                    _texts(told["story"], told["id"]),
                    steps,
                    frozenset(told["teaches"]),
                )
            )
    return {lesson.id: lesson for lesson in sorted(found, key=lambda one: one.order)}


@cache
def page_teaching(part: str) -> str | None:
    """The address of the lesson that teaches a part of the API or a command; None where none does."""
    found = next((id for id, lesson in every().items() if part in lesson.teaches), None)
    return f"{LESSONS}#{found}" if found else None


def _texts(told: Mapping[str, str], of: str) -> Mapping[str, str]:
    if silent := [code for code in LANGUAGES if not str(told.get(code, "")).strip()]:
        raise ValueError(f"the lesson {of} lacks a text in {silent}")
    return told


def find(id: str) -> Lesson:
    """A lesson. Raises Fault where there is none."""
    found = every().get(id)
    if found is None:
        raise NoPractice(m.NO_LESSON(lesson=id[:40]), m.SEE_LESSONS(), field="lesson", value=id[:40])
    return found
