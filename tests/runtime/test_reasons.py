"""Whoever acts as the owner of the tables, whom nothing binds, says why no role would do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import qafila

SOURCE = Path(qafila.__file__).parent
OWN = SOURCE / "runtime" / "database"
# they begin as the owner and bind themselves to the merchant within (`act_for`), or touch no goods
BARE = {
    "shipping/bookings/booking.py",
    "shipping/bookings/rebooking.py",
    "shipping/bookings/numbering.py",  # names the database, and asks it nothing
    "shipping/counter.py",  # its role goes in one exchange with its first statement
    "web/chassis/web_watching.py",
    "web/portal.py",
    "runtime/jobs/worker.py",
    "runtime/jobs/keeper.py",
    "openness/portability/portability_leaving.py",
}


def _calls(name: str) -> list[tuple[str, ast.Call, dict[str, str]]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if OWN in path.parents:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                found.append((path.relative_to(SOURCE).as_posix(), node, constants))
    return found


def test_each_use_of_the_owner_has_its_reason() -> None:
    found = _calls("administrator")
    assert len(found) > 3
    for place, call, constants in found:
        given = [*call.args, *(k.value for k in call.keywords)]
        assert given, f"{place}:{call.lineno} says no reason"
        said = given[0]
        reason = constants.get(said.id, "") if isinstance(said, ast.Name) else getattr(said, "value", "")
        assert len(str(reason).split()) >= 6, f"{place}:{call.lineno} says no reason: {reason!r}"


def test_bare_connections_are_few() -> None:
    places = {
        place for place, call, _ in _calls("engine") if place not in BARE and not place.startswith("cli/")
    }
    assert not places, "take a transaction of a role: acting, sending, acting_as"


SILENCED = re.compile(r"# (?:type: ignore\[[^\]]*\]|noqa: [A-Z0-9, ]+)(.*)$")


def test_each_check_that_is_silenced_says_why() -> None:
    silent = []
    for path in sorted((*SOURCE.rglob("*.py"), *(SOURCE.parents[1] / "benchmarks").rglob("*.py"))):
        if "node_modules" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            said = SILENCED.search(line)
            if said is not None and len(said.group(1).split()) < 3:
                silent.append(f"{path.name}:{number}: {line.strip()[-80:]}")
    assert silent == []
