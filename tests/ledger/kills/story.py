"""What a seed lets happen with money, and what must be on each account at the end. Worked out beforehand: no answer counts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

FACES = ("200", "100", "50", "20", "10", "5", "2", "1", "0.5")


@dataclass(slots=True)
class Door:
    """What happens with the cash of a parcel."""

    parcel: str
    merchant: str
    due: Decimal
    how: str  # exact, change, agreed, short, refused, corrected
    less: Decimal = Decimal(0)

    @property
    def kept(self) -> Decimal:
        """What the driver keeps of it."""
        return Decimal(0) if self.how == "refused" else self.due - self.less

    @property
    def owed(self) -> Decimal:
        """What the merchant is owed of it: all of it where the driver took too little on his own account."""
        return self.due if self.how == "short" else self.kept


@dataclass(slots=True)
class Driver:
    """A driver's day."""

    id: str
    station: str
    doors: list[Door]
    off: Decimal  # counted less expected
    suspect: Decimal
    recount: bool  # the first two counts differ
    bank_keeps: Decimal  # what the bank credits less than was sent

    @property
    def inside(self) -> Decimal:
        """What is in his bag in the evening."""
        return sum((d.kept for d in self.doors), Decimal(0))

    @property
    def counted(self) -> Decimal:
        """What is counted in the evening, suspect notes too."""
        return max(Decimal(0), self.inside + self.off)

    @property
    def sent(self) -> Decimal:
        """What goes to the bank: all that is good."""
        return self.counted - self.suspect


@dataclass(slots=True)
class Story:
    """All of a seed: drivers, claims (parcel: what is granted), prepaid money (in, out)."""

    seed: int
    drivers: list[Driver]
    claims: dict[str, Decimal] = field(default_factory=dict)
    wallets: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    entries: Counter[str] = field(default_factory=Counter)

    def owed(self, merchant: str) -> Decimal:
        """What a merchant is owed before remittances."""
        doors = (d for driver in self.drivers for d in driver.doors if d.merchant == merchant)
        own = {d.parcel for driver in self.drivers for d in driver.doors if d.merchant == merchant}
        return sum((d.owed for d in doors), Decimal(0)) + sum(
            (granted for parcel, granted in self.claims.items() if parcel in own), Decimal(0)
        )


def told(seed: int, parcels: list[tuple[str, str, Decimal]], drivers: list[tuple[str, str]]) -> Story:
    """A seed's story.

    Args:
        seed: decides all of it.
        parcels: number, merchant and what is due of each.
        drivers: id and station of each.
    """
    dice = random.Random(seed)
    shared: list[list[Door]] = [[] for _ in drivers]
    for n, (parcel, merchant, due) in enumerate(parcels):
        how = dice.choices(
            ("exact", "change", "agreed", "short", "refused", "corrected"), (4, 4, 1, 1, 2, 1)
        )[0]
        less = Decimal(dice.randint(1, 9)) if how in ("agreed", "short") else Decimal(0)
        shared[n % len(drivers)].append(Door(parcel, merchant, due, how, less))
    made = []
    for (id, station), doors in zip(drivers, shared, strict=True):
        inside = sum((d.kept for d in doors), Decimal(0))
        off = dice.choice((Decimal(0), Decimal(0), Decimal(-20), Decimal(5))) if inside > 100 else Decimal(0)
        suspect = Decimal(100) if inside > 300 and dice.random() < 0.5 else Decimal(0)
        keeps = dice.choice((Decimal(0), Decimal(7))) if inside > 300 else Decimal(0)
        made.append(Driver(id, station, doors, off, suspect, dice.random() < 0.5, keeps))
    story = Story(seed, made)
    for parcel, _merchant, _due in parcels:
        if dice.random() < 0.25:
            story.claims[parcel] = Decimal(dice.randint(1, 40))
    for merchant in sorted({m for _, m, _ in parcels}):
        into = Decimal(dice.randint(100, 500))
        story.wallets[merchant] = (into, Decimal(dice.randint(1, 99)))
    story.entries = _entries(story)
    return story


def _entries(story: Story) -> Counter[str]:
    """How many entries of each kind there must be: each act books once."""
    doors = [d for driver in story.drivers for d in driver.doors]
    corrected = sum(d.how == "corrected" for d in doors)
    return Counter(
        cash_collected=sum(d.how != "refused" for d in doors) + corrected,
        reversed=corrected,
        bag_handed_over=sum(d.inside > 0 for d in story.drivers),
        cash_sent=sum(d.sent > 0 for d in story.drivers),
        cash_banked=sum(d.sent > 0 for d in story.drivers),
        claim_granted=len(story.claims),
        wallet_paid_in=len(story.wallets),
        wallet_paid_out=len(story.wallets),
    )


def pieces(amount: Decimal) -> dict[str, int]:
    """A sum in notes and coins, the largest first."""
    found = {}
    for face in FACES:
        number = int(amount // Decimal(face))
        if number:
            found[face] = number
            amount -= number * Decimal(face)
    return found
