"""A regulator's own check of a report, which shares nothing with the program that made it.

    python regulator.py COPY.sqlite LOG_FOLDER VERIFIER_KEY REPORT.json QUERIES_FOLDER

It reads the log's checkpoint and tiles as C2SP writes them, the regulator's copy, and the documented queries; needs Python and
`cryptography`. It checks the signature, the tree, that the copy holds those very entries, that each value opens its
commitment; builds the tables of the queries anew from the entries' bytes and runs every query there; and works six figures
out by hand. It prints a line for each, and ends with 1 where one differs.
"""

import base64
import hashlib
import json
import math
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

faults = []


def say(what, good, more=""):
    print(f"{what}: {'equal' if good else 'DIFFERENT'} {more}".rstrip())
    if not good:
        faults.append(what)


def tree(leaves):
    """The root of RFC 6962, 2.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def bundles(folder, size):
    """The entries of the published files."""
    found = []
    for number in range(-(-size // 256)):
        width, digits = min(256, size - number * 256), f"{number % 1000:03d}"
        rest = number // 1000
        while rest:
            digits, rest = f"x{rest % 1000:03d}/{digits}", rest // 1000
        path = Path(folder) / "tile" / "entries" / digits
        path = path if width == 256 else Path(f"{path}.p") / str(width)
        data, at = path.read_bytes(), 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : at + 2 + length])
            at += 2 + length
    return found


def checkpoint(folder, vkey):
    """The size and root that the key signs."""
    text, _, lines = (Path(folder) / "checkpoint").read_text(encoding="utf-8").partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    name, _, key = vkey.split("+", 2)
    good = False
    for line in lines.strip().split("\n"):
        _, who, signature = line.split(" ")
        if who == name == origin:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
            try:
                public.verify(base64.b64decode(signature)[4:], (text + "\n").encode())
                good = True
            except InvalidSignature:
                continue
    say("signature", good)
    return int(size), base64.b64decode(root)


def main(copy, folder, vkey, report, queries):
    size, root = checkpoint(folder, vkey)
    entries = bundles(folder, size)
    say("tree", tree(entries) == root and len(entries) == size, f"{size} entries")
    given = sqlite3.connect(copy)
    kept = [bytes(row[0]) for row in given.execute("SELECT entry FROM leaves ORDER BY number")]
    say("entries of the copy", kept == entries)
    said = [json.loads(entry) for entry in entries]
    values, wrong = defaultdict(dict), 0
    for number, field, value, salt in given.execute("SELECT number, field, value, salt FROM opened"):
        digest = hashlib.sha256(b"\x02" + salt + value.encode()).digest()
        wrong += said[number]["hidden"].get(field) != "sha256:" + base64.b64encode(digest).decode()
        values[number][field] = json.loads(value)
    say("values", not wrong, f"{sum(map(len, values.values()))} open their commitments, {wrong} do not")

    stated = {one["name"]: one["rows"] for one in json.loads(Path(report).read_text())["report"]["figures"]}
    asked = list(given.execute("SELECT since, until, now, country FROM asked"))
    anew = sqlite3.connect(":memory:")
    anew.create_function("sqrt", 1, math.sqrt)
    for (made,) in given.execute(
        "SELECT sql FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, rootpage"
    ):
        anew.execute(made)
    anew.executemany("INSERT INTO asked VALUES (?, ?, ?, ?)", asked)
    for number, one in enumerate(said):
        at = datetime.fromisoformat(one["at"]).strftime("%Y-%m-%dT%H:%M:%S.%f")
        row = number, one["kind"], at, one["terms"], json.dumps(one["said"])
        anew.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
        for field, value in values[number].items():
            anew.execute("INSERT INTO opened VALUES (?, ?, ?, NULL)", (number, field, json.dumps(value)))
    for table in (
        "erased",
        "departures",
        "rates",
    ):  # what is not in the log: the published feed's room, and rates
        rows = list(given.execute(f"SELECT * FROM {table}"))
        if rows:
            anew.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    for path in sorted(Path(queries).glob("*.sql")):
        cursor = anew.execute(path.read_text(encoding="utf-8"))
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor]
        say(f"query {path.stem}", alike(found, stated[path.stem]))
    by_hand(said, values, asked[0], stated)
    return 1 if faults else 0


def by_hand(said, values, asked, stated):
    """Six figures without any query."""
    since, until = (datetime.fromisoformat(one + "+00:00") for one in asked[:2])
    within = [n for n, one in enumerate(said) if since <= datetime.fromisoformat(one["at"]) < until]
    booked = [
        n for n in within if said[n]["kind"] == "shipping.booking" and {"room", "about"} <= values[n].keys()
    ]
    owner = {n: values[n]["about"]["owner"] for n in range(len(said)) if "about" in values[n]}
    kinds = {owner[n]: values[n]["kind"] for n in sorted(owner) if said[n]["kind"] == "openness.tenant"}
    volume, room = Counter(owner[n] for n in booked), Counter()
    for n in booked:
        room[owner[n]] += values[n]["room"]["grams"] * len(values[n]["room"]["departures"])

    def hhi(parts):
        total = sum(parts.values())
        return sum((100 * one / total) ** 2 for one in parts.values()) if total else None

    own = [kinds.get(owner[n]) == "hub" for n in booked]
    ways, reasons = Counter(), Counter()
    for n in booked:
        a, b = said[n]["said"]["from"], said[n]["said"]["to"]
        ways[
            "inside" if a == b else "export" if a == asked[3] else "import" if b == asked[3] else "transit"
        ] += 1
    for n in within:
        if said[n]["kind"] == "shipping.refusal":
            answer, why = values[n].get("answer"), values[n].get("why")
            reasons[answer["field"] if answer else why[0]["field"] if why else "erased"] += 1
        elif said[n]["kind"] == "shipping.not_booked":
            reasons["not booked: " + said[n]["said"]["why"]] += 1
    kinds_of = Counter(said[n]["kind"] for n in within)
    for name, found in {
        "hhi_volume": [{"hhi": hhi(volume)}],
        "hhi_capacity": [{"hhi": hhi(room)}],
        "own_share": [{"share": sum(own) / len(own) if own else None}],
        "trade": [{"direction": k, "bookings": v} for k, v in sorted(ways.items())],
        "refusals": [{"reason": k, "refusals": v} for k, v in sorted(reasons.items())],
        "entries": [{"kind": k, "entries": v} for k, v in sorted(kinds_of.items())],
    }.items():
        say(f"by hand {name}", alike(found, stated[name]))


def alike(a, b):
    def same(x, y):
        return (
            math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)
            if isinstance(x, float) or (isinstance(y, float) and x is not None)
            else x == y
        )

    return len(a) == len(b) and all(
        x.keys() == y.keys() and all(same(x[k], y[k]) for k in x) for x, y in zip(a, b, strict=True)
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6]))
