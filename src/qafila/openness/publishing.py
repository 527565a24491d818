"""Publishing a new version of the terms: checked, kept, told to the log and to every merchant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qafila.core.message import Message
from qafila.openness import openness_recording, store
from qafila.openness import openness_terms as published
from qafila.openness.merchant_events import TERMS_ANNOUNCED, everybody, tell
from qafila.openness.model import Decision
from qafila.openness.openness_terms import Terms
from qafila.runtime.events.envelope import NETWORK

KIND = "openness.terms"


def publish(connection: Connection, written: Mapping[str, Any], now: datetime) -> tuple[Terms, list[Message]]:
    """Publishes terms given as JSON; returns them with what somebody must look at in their words.

    Args:
        connection: as the operator.
        written: as `terms.document` has it.
        now: the clock; the announcement is of its day or later.

    Raises:
        UnfitTerms: what is wrong with them, such as too short a notice.
    """
    after = published.terms_from(written)
    known = store.published(connection)
    newest = max((*published.shipped(), *known), key=lambda one: (one.in_force, one.version))
    flags = published.check(newest, after, now.date())
    store.keep_terms(connection, after)
    changes = [
        {
            "term": f"{one.topic}.{one.key}",
            "before": one.before,
            "after": one.after,
            "notice_days": one.notice_days,
        }
        for one in published.changes(newest, after)
    ]
    said = {
        "version": after.version,
        "announced": after.announced.isoformat(),
        "in_force": after.in_force.isoformat(),
        "changes": changes,
        "terms": json.loads(json.dumps(published.document(after)))["terms"],
    }
    openness_recording.record(connection, [Decision(KIND, after.version, now, said, {})])
    told = {"version": after.version, "in_force": after.in_force.isoformat(), "changes": changes}
    tell(connection, TERMS_ANNOUNCED, everybody(connection), now, NETWORK, told)
    return after, flags
