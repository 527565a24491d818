"""The terms of today and the changes that were announced to hold later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qafila.openness import openness_terms, store
from qafila.openness.openness_terms import Terms
from qafila.runtime.database import Role, acting_as


def now_and_then(now: datetime) -> tuple[Terms, list[dict[str, Any]]]:
    """The version that holds, and each change of a version that was announced and does not hold yet, the soonest first."""
    with acting_as(Role.OPERATOR) as connection:  # terms are published: everybody may read them
        known = store.published(connection)
    held = openness_terms.in_force(now, known)
    later = sorted(
        (
            one
            for one in (*openness_terms.shipped(), *known)
            if one.in_force > now.date() and one.announced <= now.date()
        ),
        key=lambda one: (one.in_force, one.version),
    )
    found, before = [], held
    for version in later:
        found += [
            {
                "version": version.version,
                "announced": version.announced,
                "in_force": version.in_force,
                "term": f"{one.topic}.{one.key}",
                "before": one.before,
                "after": one.after,
                "notice_days": one.notice_days,
                "given_days": (version.in_force - version.announced).days,
            }
            for one in openness_terms.changes(before, version)
        ]
        before = version
    return held, found
