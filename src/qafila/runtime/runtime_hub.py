"""What the operator says of his hub: its name, and who may open an account by himself. Kept in the home, beside its network."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson

from qafila.core.fault import Fault
from qafila.core.message import template
from qafila.runtime import kept
from qafila.runtime.settings import settings

NAME_WANTED = template("hub.name_wanted", "The hub has no name.")
WRITE_IT = template("hub.write_it", "Write one of at most {most} letters.")
LONGEST = 80
OPEN_TO = ("everybody", "invited")


class BadHubName(Fault):
    """It is empty or too long."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub as its operator set it up.

    Attributes:
        name: how people call it; empty until it has one.
        open_to: `everybody`: a merchant opens an account by himself; `invited`: the hub adds him.
    """

    name: str = ""
    open_to: str = "everybody"

    @property
    def open(self) -> bool:
        """Whether merchants open accounts by themselves."""
        return self.open_to == "everybody"


def read() -> Hub:
    """The hub of this home."""
    path = settings().home / "hub.json"
    if not path.exists():
        return Hub()
    told = orjson.loads(path.read_bytes())
    return Hub(str(told.get("name", "")), told["open_to"] if told.get("open_to") in OPEN_TO else "invited")


def write(name: str, open_to: str) -> Hub:
    """Sets it up. Raises BadHubName."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise BadHubName(NAME_WANTED(), WRITE_IT(most=LONGEST), field="name", value=name[:LONGEST])
    made = Hub(plain, open_to if open_to in OPEN_TO else "invited")
    settings().home.mkdir(parents=True, exist_ok=True)
    kept.put(settings().home / "hub.json", orjson.dumps(asdict(made)))
    return made
