from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from qafila.runtime.database import administrator, engine
from qafila.runtime.events import store
from qafila.runtime.events.envelope import Event, Source, Subject
from qafila.runtime.events.events_watching import Watch
from qafila.web.tracking.live_page import stream


def happen(subject: Subject) -> None:
    event = Event(
        subject.id,
        str(uuid4()),
        "noted",
        "actual",
        datetime.now(UTC),
        Source("operator"),
        subject_kind=subject.kind,
    )
    with administrator() as connection:
        store.append(connection, None, [event])


def test_who_watches_a_subject_hears_of_it_alone_also_of_what_came_before_he_listened() -> None:
    mine, others = (Subject("vehicle", f"W-{uuid4().hex[:8]}") for _ in range(2))
    happen(mine)
    happen(mine)

    async def listen() -> list[bytes]:
        watch = Watch(every=0.05)
        lines = stream(watch.growth(mine, 1, 0.4))
        told = [await anext(lines), await anext(lines)]
        happen(others)
        told.append(await anext(lines))  # nothing of it: a sign of life
        with engine().begin() as slow:  # what is not committed is no news
            store.append(
                slow,
                None,
                [
                    Event(
                        mine.id,
                        str(uuid4()),
                        "noted",
                        "actual",
                        datetime.now(UTC),
                        Source("operator"),
                        subject_kind=mine.kind,
                    )
                ],
            )
            told.append(await anext(lines))
        told.append(await anext(lines))
        await lines.aclose()
        return told

    told = asyncio.run(listen())
    assert [line.split(b"\n")[1 if line.startswith(b"id") else 0] for line in told] == [
        b"retry: 5000",
        b"event: moved",
        b": open",
        b": open",
        b"event: moved",
    ]
    assert [int(line.split(b"\n")[0][4:]) for line in told if line.startswith(b"id")] == [2, 3]
