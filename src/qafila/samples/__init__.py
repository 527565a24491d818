"""Sample orders that the project brings: our own, of cooperatives in Morocco and sellers in China."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

NAMES = ("orders.csv", "shopify.csv", "woocommerce.csv")


def sample(name: str = "orders.csv") -> Path:
    """The path of a sample file; raises FileNotFoundError naming those that there are."""
    if name not in NAMES:
        raise FileNotFoundError(f"there is no sample {name!r}; there are {', '.join(NAMES)}")
    with as_file(files("qafila.samples") / name) as path:
        return path
