"""Orders a second through `ship_file`, with labels and papers: titles of our own making, each order another."""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from qafila.context import of_this_home
from qafila.runtime.accounts.tenants import LOCAL
from qafila.shipping.files.pipeline import Options, ship_file
from qafila.shipping.files.summary import Summary

ORDERS = 10_000
AIM = 200.0  # orders a second

_GOODS = (
    ("Berber wool rug hand-knotted {} cm", "Home & Garden > Carpets & Rugs", 140, 3.2),
    ("Argan oil cold pressed {} ml bottle", "Beauty & Health > Skin Care > Oils", 18, 0.25),
    ("Leather babouche slippers size {}", "Shoes > Slippers", 24, 0.55),
    ("Ceramic tagine dish {} cm painted", "Home & Garden > Kitchen > Cookware", 32, 2.1),
    ("Brass lantern pierced {} mm", "Lights & Lighting > Lanterns", 45, 1.3),
    ("Cotton kaftan dress embroidered model {}", "Women's Clothing > Dresses", 60, 0.45),
    (
        "Stainless steel necklace with pendant no {}",
        "Jewelry & Accessories > Fashion Jewelry > Necklace",
        6,
        0.03,
    ),
    ("Wireless bluetooth earphones series {}", "Consumer Electronics > Earphones & Headphones", 15, 0.12),
    ("Silicone phone case for model {}", "Phones & Telecommunications Accessories > Cases", 4, 0.05),
    ("Building blocks set {} pieces", "Toys & Hobbies > Building Blocks", 22, 0.7),
    ("Cordless screwdriver {} V with bits", "Tools > Power Tools > Screwdrivers", 35, 1.1),
    ("Running shoes mesh sole {}", "Shoes > Sneakers", 38, 0.8),
)
_FROM = (
    ("MA", "Fès"),
    ("MA", "Essaouira"),
    ("MA", "Casablanca"),
    ("CN", "Shenzhen"),
    ("CN", "Yiwu"),
    ("CN", "Guangzhou"),
)
_TO = (("FR", "Lyon"), ("DE", "Hamburg"), ("ES", "Madrid"), ("IT", "Milan"), ("GB", "Manchester"), ("MA", "Agadir"),
       ("SN", "Dakar"), ("AE", "Dubai"), ("SA", "Riyadh"), ("KE", "Nairobi"), ("NG", "Lagos"), ("TR", "Istanbul"),
       ("EG", "Cairo"), ("CI", "Abidjan"), ("NL", "Utrecht"), ("PL", "Kraków"))  # fmt: skip


def write_orders(path: Path, count: int, seed: int = 11) -> None:
    """A file of `count` orders of the plain kind, every sixth without weight or size."""
    dice = random.Random(seed)
    names = ("order_id", "origin_country", "origin_city", "destination_country", "destination_city", "title",
             "category", "quantity", "unit_price", "currency", "weight_kg", "length_cm", "width_cm", "height_cm")  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(names)
        for n in range(count):
            title, category, price, kg = dice.choice(_GOODS)
            start = dice.choice(_FROM)
            end = dice.choice([to for to in _TO if to[0] != start[0]])
            weight = f"{kg * dice.uniform(0.6, 1.7):.3f}" if dice.random() > 1 / 6 else ""
            sides = [dice.randint(4, 30) for _ in range(3)] if dice.random() > 1 / 6 else ["", "", ""]
            writer.writerow(
                [
                    f"B{seed}-{n:06d}",
                    *start,
                    *end,
                    title.format(dice.randint(10, 99_999)),
                    category,
                    dice.choice((1, 1, 1, 2, 3)),
                    f"{price * dice.uniform(0.7, 1.5):.2f}",
                    "EUR",
                    weight,
                    *sides,
                ]
            )


def measure(orders: int = ORDERS, seed: int = 11) -> Summary:
    """Ships a new file of orders into a folder that is thrown away."""
    folder = Path(tempfile.mkdtemp(prefix="qafila-bench-"))
    try:
        write_orders(folder / "orders.csv", orders, seed)
        return ship_file(of_this_home(LOCAL), folder / "orders.csv", folder / "out", Options())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(report: Callable[[str], None]) -> None:
    """Orders a second, and the aim; in a process whose home is empty, so that nobody's data are touched."""
    with tempfile.TemporaryDirectory(prefix="qafila-bench-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.shipping"],
            env={k: v for k, v in os.environ.items() if k != "QAFILA_DATABASE_URL"} | {"QAFILA_HOME": home},
            capture_output=True,
            text=True,
            check=True,
        )
    for line in done.stdout.splitlines():
        report(line)


def main(orders: int = ORDERS) -> None:
    """Measures in this process's home and prints a line."""
    measure(50, seed=1)  # builds and compiles what a running installation has
    summary = measure(orders, seed=2)
    print(
        f"ship: {summary.parcels:,} orders with labels and papers in {summary.seconds:.1f} s: "
        f"{summary.orders_per_second:.0f} a second (aim {AIM:.0f}); {summary.rejected} rejected"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
