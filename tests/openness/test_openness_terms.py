"""Terms: what holds when, what may follow, what is flagged; a change goes to the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qafila.openness import exclusivity, openness_recording, openness_terms, publishing, store
from qafila.openness.openness_terms import UnfitTerms
from qafila.runtime.database import administrator
from tests.openness.logs import decision, fresh_log

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with fresh_log(tmp_path, monkeypatch) as folder:
        yield folder


def written(change: Callable[[dict[str, Any]], None] = lambda one: None, days: int = 60) -> dict[str, Any]:
    found = openness_terms.document(openness_terms.in_force(NOW))
    found |= {
        "version": "2027-02",
        "announced": "2026-12-01",
        "in_force": str(NOW.date() + timedelta(days=days)),
    }
    change(found)
    return found


def term(of: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in of["terms"] if one["key"] == key)


def test_those_that_come_with_the_program_are_whole_and_tie_nobody() -> None:
    found = openness_terms.in_force(date(2026, 11, 30))
    assert found.value("commission", "commission") == "0"
    assert (found.in_force - found.announced).days >= max(one.notice_days for one in found.terms)
    assert openness_terms.check(found, openness_terms.terms_from(written()), NOW.date()) == []


def test_a_change_holds_from_its_day_and_is_told_to_the_log(log: Path) -> None:
    def dearer(one: dict[str, Any]) -> None:
        term(one, "insurance_rate")["value"] = "0.7"

    with administrator() as connection:
        after, flags = publishing.publish(connection, written(dearer), NOW)
        openness_recording.record(
            connection, [decision("before", at=NOW), decision("after", at=NOW + timedelta(days=61))]
        )
    assert flags == []
    with administrator() as connection:
        told, before, later = (json.loads(one.entry) for one in store.entries(connection))
    assert told["kind"] == "openness.terms"
    assert told["said"]["changes"] == [
        {"term": "rates.insurance_rate", "before": "0.6", "after": "0.7", "notice_days": 30}
    ]
    assert (before["terms"], later["terms"]) == ("2026-01-01", after.version)


@pytest.mark.parametrize(
    ("change", "days", "told"),
    [
        (
            lambda one: term(one, "insurance_rate").update(value="0.7"),
            29,
            "would hold after 29 days; 30 days of notice are due",
        ),
        (
            lambda one: term(one, "commission").update(value="5", notice_days=1),
            30,
            "60 days of notice are due",
        ),
        (
            lambda one: one["terms"].remove(term(one, "sponsored_places")),
            90,
            "“sponsoring.sponsored_places” is missing",
        ),
        (
            lambda one: one["terms"].append({**term(one, "commission"), "topic": "exclusivity"}),
            90,
            "The topic of the term",
        ),
        (lambda one: one["terms"].append(term(one, "commission")), 90, "is said twice"),
        (lambda one: term(one, "commission").update(ar=" "), 90, "no words in the language “ar”"),
        (
            lambda one: term(one, "allocation").update(value="friends_first"),
            90,
            "no allocation policy “friends_first”",
        ),
        (
            lambda one: one.update(announced="2026-11-01"),
            90,
            "The day of the announcement, 2026-11-01, is past",
        ),
        (lambda one: one.pop("version"), 90, "do not say “version”"),
        (lambda one: one.update(in_force="soon"), 90, "cannot be read"),
    ],
)
def test_what_may_not_follow_is_refused(
    log: Path, change: Callable[[dict[str, Any]], None], days: int, told: str
) -> None:
    with administrator() as connection, pytest.raises(UnfitTerms, match=told):
        publishing.publish(connection, written(change, days), NOW)


def test_a_version_is_published_once(log: Path) -> None:
    with administrator() as connection:
        publishing.publish(connection, written(), NOW)
    with administrator() as connection, pytest.raises(UnfitTerms, match="published already"):
        publishing.publish(connection, written(), NOW)


@pytest.mark.parametrize(
    "words",
    [
        "The merchant shall not sell its goods on other platforms.",
        "All parcels of the merchant go through us.",
        "A loyalty rebate is granted for the whole volume.",
        "Le marchand ne peut vendre sur une autre plateforme.",
        "Distribution exclusive pendant un an.",
        "لا يجوز للتاجر البيع على منصة أخرى",
        "商家不得在其他平台销售",
        "平台要求商家二选一",
    ],
)
def test_words_that_may_tie_a_merchant_are_flagged_with_the_reason(words: str) -> None:
    found = exclusivity.find(words)
    assert found
    assert all(one.reason and one.words in words for one in found)


@pytest.mark.parametrize(
    "words", ["You may ship with anybody.", "Vous êtes libre d’expédier ailleurs.", "价格含税。", ""]
)
def test_words_that_tie_nobody_are_not(words: str) -> None:
    assert exclusivity.find(words) == []
