"""What the log records of sorting: what each scanned parcel was taken for, and which chute it was sent to.

Scans are told in the batches in which they are written down, one entry for each centre and batch. Of a parcel it says what the
chute follows from: its next stop and departure, whether it is held, what scales and camera said, and which chutes the
plan has for that stop. There is no number and no name in that: whose the parcels are lies apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qafila.context import Context
from qafila.openness.kinds import Values
from qafila.openness.model import Decision
from qafila.sorting.model import Centre, Expected, Limits, Reading, SortPlan, Verdict
from qafila.sorting.sorting_deciding import Desk

KIND, RECALL = "sorting.scans", "sorting.recall"
_NUMBER = "?" * 13  # as long as a number, and none that anybody has


def facts(
    centre: Centre, plan: SortPlan | None, reading: Reading, verdict: Verdict, group: str
) -> dict[str, Any]:
    """What a verdict was made from, and what it was, as JSON.

    Args:
        centre: as it was arranged.
        plan: the plan in place.
        reading: what was read.
        verdict: what was decided.
        group: in a second pass, the chute of the group from which it came.
    """
    one = verdict.expected
    to = (one.next or centre.facility) if one is not None else ""
    told: dict[str, Any] = {
        "at": reading.at.isoformat(),
        "damaged": reading.damaged,
        "grams": reading.grams,
        "size_mm": list(reading.size_mm),
        "group": group,
        "around": centre.around,
        "limits": [centre.limits.grams, centre.limits.longest_mm, centre.limits.girth_mm],
        "special": dict(centre.special),
        "parcel": None
        if one is None
        else {
            "next": one.next,
            "service": one.service,
            "board_by": one.board_by.isoformat(),
            "held": one.held,
        },
        "known": bool(verdict.parcel),
        "plan": plan is not None,
    }
    if plan is not None and to:
        told["chutes"] = list(plan.chutes.get(to, ()))
        told["grouped"] = sorted(chute for chute, stops in plan.groups.items() if to in stops)
        told["second"] = plan.second.get(group, {}).get(to, "") if group else ""
    return {"from": told, "chute": verdict.chute, "why": verdict.why}


def decisions(facility: str, rows: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """What is told of a batch of scans of one centre: one decision, or none where nothing says what they were made from.

    Args:
        facility: the centre.
        rows: scans as the recorder writes them.
    """
    some = [row for row in rows if row.get("facts")]  # what an earlier version left in its journal has none
    if not some:
        return []
    instants = [_instant(row["at"]) for row in some]
    shared: dict[str, Any] = {}
    asked = [_referring(row["facts"]["from"], shared) for row in some]
    hidden = {
        "inputs": {"facility": facility, "shared": shared, "scans": asked},
        "answer": [[row["facts"]["why"], row["facts"]["chute"]] for row in some],
        "owners": [row["owner"] for row in some],
        "parcels": [row["parcel"] for row in some],
    }
    aside = sum(row["facts"]["why"] != "plan" for row in some)
    said = {"facility": facility, "scans": len(some), "aside": aside}
    return [Decision(KIND, facility, max(instants), said, hidden)]


_SHARED = ("limits", "special", "around")


def _referring(told: Mapping[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """A scan without what all scans of the batch have in common, which is taken down once."""
    for name in _SHARED:
        shared.setdefault(name, told[name])
    return {name: v for name, v in told.items() if name not in _SHARED or shared[name] != v}


def _instant(at: datetime | str) -> datetime:
    return at if isinstance(at, datetime) else datetime.fromisoformat(at)


def again(here: Context, values: Values, without_identity: bool) -> Any:
    """The chutes that the rule gives; where a stop has several, whichever of them it was is as good."""
    said = values["inputs"]
    every = [{**said["shared"], **one} for one in said["scans"]]
    return [
        _judged(said["facility"], one, chute) for one, (_, chute) in zip(every, values["answer"], strict=True)
    ]


def _judged(facility: str, said: Mapping[str, Any], was: str) -> list[str]:
    one = said["parcel"]
    expected: Expected | bool = said["known"]
    to = facility
    if one is not None:
        expected = Expected(
            "", "", one["next"], one["service"], 0, datetime.fromisoformat(one["board_by"]), 0, one["held"]
        )
        to = one["next"] or facility
    chutes, grouped = tuple(said.get("chutes", ())), said.get("grouped", ())
    plan = SortPlan(
        "",
        facility,
        "",
        {to: chutes} if chutes else {},
        dict.fromkeys(grouped, (to,)),
        {said["group"]: {to: said["second"]}} if said.get("second") else {},
    )
    centre = Centre(
        facility, (), tuple(sorted(said["special"].items())), Limits(*said["limits"]), said["around"]
    )
    reading = Reading(
        _NUMBER, datetime.fromisoformat(said["at"]), said["damaged"], said["grams"], tuple(said["size_mm"])
    )
    verdict = Desk(centre, plan if said["plan"] else None).judged(reading, _NUMBER, expected, said["group"])
    alike = verdict.why == "plan" and verdict.chute in chutes and was in chutes
    return [verdict.why, was if alike else verdict.chute]


def recall(
    numbers: Sequence[str], owners: Sequence[str], because: str, ended: bool, at: datetime
) -> Decision:
    """What is told of parcels that were called back, or of the end of that: it keeps them from going on."""
    hidden = {"parcels": list(numbers), "owners": list(owners), "because": because}
    subject = numbers[0] if len(numbers) == 1 else f"recall {at.isoformat()}"
    return Decision(
        RECALL, subject, at, {"parcels": len(numbers), "ended": ended}, hidden, None, frozenset({"because"})
    )
