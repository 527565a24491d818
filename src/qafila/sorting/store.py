"""The tables of centres, plans, what is expected and what was scanned. SQL, and only its SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from qafila.core.fault import NotFound
from qafila.core.message_json import to_json
from qafila.sorting import sorting_messages
from qafila.sorting.model import Centre, Expected, SortPlan, centre_from

_DEPARTS = "('departed', 'out_for_delivery')"
_COLUMNS = "parcel, merchant_id, next, service, day, board_by, leg"


# centres and plans


def put_centre(connection: Connection, centre: Centre) -> None:
    """Adds a centre or changes it."""
    told = asdict(centre) | {"special": dict(centre.special)}
    connection.execute(
        text(
            "INSERT INTO sort_centres (facility, document) VALUES (:f, CAST(:d AS jsonb)) "
            "ON CONFLICT (facility) DO UPDATE SET document = EXCLUDED.document, changed_at = now()"
        ),
        {"f": centre.facility, "d": orjson.dumps(told).decode()},
    )


def centre(connection: Connection, facility: str) -> Centre:
    """The centre; raises NotFound."""
    found = connection.execute(
        text("SELECT document FROM sort_centres WHERE facility = :f"), {"f": facility}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(
            sorting_messages.NO_CENTRE(facility=facility[:80]),
            sorting_messages.SET_UP(),
            field="facility",
            value=facility[:80],
        )
    return centre_from(found)


def centres(connection: Connection) -> list[str]:
    """Every facility that sorts."""
    return list(connection.execute(text("SELECT facility FROM sort_centres ORDER BY facility")).scalars())


def put_plan(
    connection: Connection,
    plan: SortPlan,
    since: datetime,
    until: datetime,
    by: str,
    told: Mapping[str, Any],
    in_place_at: datetime | None,
) -> None:
    """Adds a plan; `told` is kept with it: its costs, bound, gap and what alphabetical order would cost."""
    document = {"chutes": plan.chutes, "groups": plan.groups, "second": plan.second, **told}
    connection.execute(
        text(
            "INSERT INTO sort_plans (plan_id, facility, shift, since, until, document, made_by, in_place_at) "
            "VALUES (:id, :f, :s, :since, :until, CAST(:d AS jsonb), :by, :placed)"
        ),
        {
            "id": plan.id,
            "f": plan.facility,
            "s": plan.shift,
            "since": since,
            "until": until,
            "d": orjson.dumps(document).decode(),
            "by": by,
            "placed": in_place_at,
        },
    )


def place_plan(connection: Connection, facility: str, plan_id: str, at: datetime) -> None:
    """Puts a plan in place from now on; raises NotFound."""
    done = connection.execute(
        text("UPDATE sort_plans SET in_place_at = :at WHERE plan_id = :p AND facility = :f"),
        {"at": at, "p": plan_id, "f": facility},
    ).rowcount
    if not done:
        raise NotFound(
            sorting_messages.NO_PLAN_ID(plan=plan_id[:80], facility=facility[:80]),
            field="plan",
            value=plan_id[:80],
        )


def plan_in_place(connection: Connection, facility: str) -> SortPlan | None:
    """The plan that was put in place last."""
    row = connection.execute(
        text(
            "SELECT * FROM sort_plans WHERE facility = :f AND in_place_at IS NOT NULL "
            "ORDER BY in_place_at DESC, plan_id DESC LIMIT 1"
        ),
        {"f": facility},
    ).one_or_none()
    return None if row is None else _plan(row)


def plan_rows(connection: Connection, facility: str, limit: int = 20) -> list[Any]:
    """The newest plans of a centre, with their documents."""
    return list(
        connection.execute(
            text("SELECT * FROM sort_plans WHERE facility = :f ORDER BY made_at DESC LIMIT :n"),
            {"f": facility, "n": limit},
        )
    )


def _plan(row: Any) -> SortPlan:
    told = row.document
    return SortPlan(
        row.plan_id,
        row.facility,
        row.shift,
        {to: tuple(ids) for to, ids in told["chutes"].items()},
        {chute: tuple(stops) for chute, stops in told.get("groups", {}).items()},
        told.get("second", {}),
    )


# what is expected


def backfill(connection: Connection, facility: str, since: datetime) -> int:
    """Reads what is booked through a new centre from the histories; the projection adds what comes later."""
    return connection.execute(
        text(
            f"""
            INSERT INTO sort_expected (parcel, leg, merchant_id, facility, next, service, day, board_by, revision)
            SELECT DISTINCT ON (d.subject_id, d.leg) d.subject_id, d.leg, d.merchant_id, d.facility,
                coalesce((SELECT a.facility FROM events a WHERE a.subject_kind = 'parcel' AND a.subject_id = d.subject_id
                    AND a.time_kind = 'planned' AND a.type = 'arrived' AND a.leg = d.leg
                    AND coalesce(a.details->>'revision', '0') = coalesce(d.details->>'revision', '0') LIMIT 1), ''),
                d.details->>'service', CAST(d.details->>'day' AS integer),
                CAST(d.details->>'board_by' AS timestamptz), CAST(coalesce(d.details->>'revision', '0') AS integer)
            FROM events d
            WHERE d.subject_kind = 'parcel' AND d.time_kind = 'planned' AND d.type IN {_DEPARTS} AND d.facility = :f
                AND d.time > :since AND d.details->>'board_by' IS NOT NULL AND d.leg IS NOT NULL
                AND NOT EXISTS (SELECT FROM events n WHERE n.subject_kind = 'parcel' AND n.subject_id = d.subject_id
                    AND n.time_kind = 'planned' AND CAST(coalesce(n.details->>'revision', '0') AS integer)
                        > CAST(coalesce(d.details->>'revision', '0') AS integer))
            ORDER BY d.subject_id, d.leg, d.seq DESC
            ON CONFLICT (parcel, leg) DO NOTHING
            """
        ),
        {"f": facility, "since": since},
    ).rowcount


def put_expected(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds or renews departures of parcels from centres; each parcel and leg stands among the rows once."""
    if rows:
        connection.execute(
            text(
                """
                INSERT INTO sort_expected (parcel, leg, merchant_id, facility, service, day, board_by, revision)
                SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r (parcel text, leg smallint, owner text,
                    facility text, service text, day integer, board_by timestamptz, revision integer)
                ON CONFLICT (parcel, leg) DO UPDATE SET facility = EXCLUDED.facility, next = '',
                    service = EXCLUDED.service, day = EXCLUDED.day, board_by = EXCLUDED.board_by,
                    revision = EXCLUDED.revision, stamp = clock_timestamp()
                WHERE sort_expected.revision <= EXCLUDED.revision
                """
            ),
            {"rows": orjson.dumps(list(rows)).decode()},
        )


def put_next(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Says where legs that are expected lead; those that are not expected are passed over."""
    if rows:
        connection.execute(
            text(
                """
                UPDATE sort_expected e SET next = r.facility, stamp = clock_timestamp()
                FROM json_to_recordset(CAST(:rows AS json)) AS r (parcel text, leg smallint, revision integer, facility text)
                WHERE (e.parcel, e.leg, e.revision) = (r.parcel, r.leg, r.revision)
                """
            ),
            {"rows": orjson.dumps(list(rows)).decode()},
        )


def drop_older(connection: Connection, newest: Mapping[str, int]) -> None:
    """Forgets what earlier plans of parcels expected: such rows are of no facility any more."""
    if newest:
        connection.execute(
            text(
                "UPDATE sort_expected e SET facility = '', stamp = clock_timestamp() "
                "FROM json_to_recordset(CAST(:rows AS json)) AS r (parcel text, revision integer) "
                "WHERE e.parcel = r.parcel AND e.revision < r.revision"
            ),
            {"rows": orjson.dumps([{"parcel": p, "revision": r} for p, r in newest.items()]).decode()},
        )


def put_held(connection: Connection, parcel: str, owner: str, held: str, at: datetime) -> None:
    """Says that a parcel may not go on, or may again; the word that is newest by its own time holds."""
    connection.execute(
        text(
            "INSERT INTO sort_held (parcel, merchant_id, held, at) VALUES (:p, :o, :h, :at) "
            "ON CONFLICT (parcel) DO UPDATE SET held = EXCLUDED.held, at = EXCLUDED.at, stamp = clock_timestamp() "
            "WHERE sort_held.at <= EXCLUDED.at"
        ),
        {"p": parcel, "o": owner, "h": held, "at": at},
    )


def expected(
    connection: Connection, facility: str, since: datetime, changed: datetime | None = None
) -> list[Expected]:
    """Parcels that leave a centre after an instant: all, or those of which something changed after `changed`."""
    news = "" if changed is None else "AND (e.stamp > :changed OR h.stamp > :changed)"
    rows = connection.execute(
        text(
            f"SELECT e.{_COLUMNS.replace(', ', ', e.')}, coalesce(h.held, '') FROM sort_expected e "
            f"LEFT JOIN sort_held h USING (parcel) WHERE e.facility = :f AND e.board_by > :since {news} "
            "ORDER BY e.board_by DESC"
        ),
        {"f": facility, "since": since, "changed": changed},
    )
    return [Expected(*row) for row in rows]


def dropped(connection: Connection, changed: datetime) -> list[str]:
    """Parcels that an earlier plan expected somewhere, and that were planned anew after an instant."""
    return list(
        connection.execute(
            text("SELECT DISTINCT parcel FROM sort_expected WHERE facility = '' AND stamp > :c"),
            {"c": changed},
        ).scalars()
    )


def ask(connection: Connection, facility: str, number: str) -> Expected | bool:
    """What is known of one parcel at a centre: its departure, or whether there is such a parcel at all. Read from its
    own history, so that it is right even while the projection is behind."""
    owner = connection.execute(
        text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": number}
    ).scalar_one_or_none()
    if owner is None:
        return False
    rows = connection.execute(
        text(
            "SELECT type, leg, facility, details FROM events WHERE subject_kind = 'parcel' AND subject_id = :n "
            "AND time_kind = 'planned' ORDER BY time, seq"
        ),
        {"n": number},
    ).all()
    newest = max((int((r.details or {}).get("revision", 0)) for r in rows), default=0)
    rows = [r for r in rows if int((r.details or {}).get("revision", 0)) == newest]
    leaves = next(
        (r for r in rows if r.type in ("departed", "out_for_delivery") and r.facility == facility), None
    )
    if leaves is None or "board_by" not in leaves.details:
        return True
    arrives = next((r for r in rows if r.type == "arrived" and r.leg == leaves.leg), None)
    held = connection.execute(
        text("SELECT held FROM sort_held WHERE parcel = :n"), {"n": number}
    ).scalar_one_or_none()
    return Expected(
        number,
        owner,
        (arrives.facility or "") if arrives else "",
        leaves.details["service"],
        int(leaves.details["day"]),
        datetime.fromisoformat(leaves.details["board_by"]),
        leaves.leg,
        held or "",
    )


def flows(connection: Connection, facility: str, since: datetime, until: datetime) -> dict[str, int]:
    """Parcels booked through a centre whose departure closes within a time, by next stop ("" is the centre's own tours)."""
    rows = connection.execute(
        text(
            "SELECT next, count(*) FROM sort_expected WHERE facility = :f AND board_by >= :a AND board_by < :b "
            "GROUP BY next"
        ),
        {"f": facility, "a": since, "b": until},
    )
    return {to or facility: int(n) for to, n in rows}


# what was scanned


def put_scans(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Adds scans; those whose key is known already are passed over. Returns the keys that were new."""
    told = [
        {**row, "reason": to_json(row["reason"]) if not isinstance(row["reason"], Mapping) else row["reason"]}
        for row in rows
    ]
    if not told:
        return set()
    done = connection.execute(
        text(
            """
            INSERT INTO sort_scans (facility, key, merchant_id, code, parcel, chute, why, reason, next, plan_id, station, at)
            SELECT DISTINCT ON (facility, key) * FROM json_to_recordset(CAST(:rows AS json)) AS r (facility text, key text,
                owner text, code text, parcel text, chute text, why text, reason jsonb, next text, plan text, station text,
                at timestamptz)
            ORDER BY facility, key ON CONFLICT (facility, key) DO NOTHING RETURNING key
            """
        ),
        {"rows": orjson.dumps(told).decode()},
    )
    return set(done.scalars())


def chute_counts(connection: Connection, facility: str, since: datetime, until: datetime) -> list[Any]:
    """Parcels by chute and reason within a time; a parcel that came round twice counts where it went last."""
    return list(
        connection.execute(
            text(
                """
                SELECT chute, why, count(*) AS parcels, max(at) AS last FROM (
                    SELECT DISTINCT ON (coalesce(nullif(parcel, ''), key)) chute, why, at FROM sort_scans
                    WHERE facility = :f AND at >= :a AND at <= :b
                    ORDER BY coalesce(nullif(parcel, ''), key), at DESC, seq DESC
                ) AS s GROUP BY chute, why ORDER BY chute, why
                """
            ),
            {"f": facility, "a": since, "b": until},
        )
    )


def late_ones(connection: Connection, facility: str, now: datetime, until: datetime) -> list[Any]:
    """Departures that close soon, with how many of their parcels were sorted here and how many were not yet."""
    return list(
        connection.execute(
            text(
                """
                SELECT e.service, e.day, e.next, min(e.board_by) AS board_by, count(*) AS parcels,
                    count(*) FILTER (WHERE NOT EXISTS (SELECT FROM sort_scans s WHERE s.parcel = e.parcel
                        AND s.facility = :f)) AS waiting
                FROM sort_expected e WHERE e.facility = :f AND e.board_by > :now AND e.board_by <= :until
                GROUP BY 1, 2, 3 ORDER BY board_by, service LIMIT 200
                """
            ),
            {"f": facility, "now": now, "until": until},
        )
    )


def owner_of(connection: Connection, number: str) -> str:
    """The merchant of a parcel; raises NotFound."""
    found = connection.execute(
        text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": number}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(
            sorting_messages.NO_PARCEL(number=number[:40]),
            sorting_messages.CHECK_NUMBER(),
            field="parcel",
            value=number[:40],
        )
    return str(found)
