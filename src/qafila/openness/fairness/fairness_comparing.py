"""The policies side by side on the same day: what each costs in money, days and parcels left behind, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from qafila.openness.fairness.policies import Policy, allocate
from qafila.openness.fairness.shortage import Floats, Shortage


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a policy comes to.

    Attributes:
        policy: the policy.
        served: parcels that go; of max_min, proportional and guaranteed_share parts of parcels, as shares of a flow.
        unserved: parcels that stay.
        cost: of those that go, in the currency.
        penalty: for those that stay, in the currency.
        days: from release to arrival, mean over those that go.
        paid: what an auction took in.
        shares: part of what each merchant asks for that goes, [M].
    """

    policy: Policy
    served: float
    unserved: float
    cost: float
    penalty: float
    days: float
    paid: float
    shares: Floats

    @property
    def least_share(self) -> float:
        """The share of the merchant who gets least."""
        return float(self.shares.min(initial=1.0))


def compare(short: Shortage, policies: Sequence[Policy]) -> list[Outcome]:
    """What each policy comes to on the same shortage."""
    found = []
    for policy in policies:
        given = allocate(short, policy)
        served = short.served(given.x)
        total = float(served.sum())
        left = np.maximum(short.parcels - served, 0.0)
        found.append(
            Outcome(
                policy,
                total,
                float(left.sum()),
                float(short.cost @ given.x),
                float(short.penalty @ left),
                float(short.days @ given.x) / total if total else 0.0,
                given.paid,
                short.shares(given.x),
            )
        )
    return found


_COLOURS = ("#2b3fd6", "#e09f1f", "#2f7d4f", "#b4412e", "#857b66", "#0d7a86", "#8a5bd0", "#a0386f")


def picture(short: Shortage, outcomes: Sequence[Outcome], words: Mapping[str, str]) -> str:
    """An SVG: for each policy a bar for each merchant, as long as the share of its parcels that go.

    Args:
        short: the shortage.
        outcomes: what the policies come to.
        words: how policies are called, by name; `share` for what the bars say.
    """
    bar, gap, left, width = 12, 22, 190, 420
    lines, y = [], 34
    for outcome in outcomes:
        name = words.get(outcome.policy.name, outcome.policy.name)
        lines.append(f'<text x="0" y="{y + 10}" font-weight="600">{escape(name)}</text>')
        for m, share in enumerate(outcome.shares.tolist()):
            colour = _COLOURS[m % len(_COLOURS)]
            lines.append(
                f'<rect x="{left}" y="{y}" width="{share * width:.1f}" height="{bar - 3}" fill="{colour}"/>'
                f'<text x="{left + share * width + 6:.1f}" y="{y + 9}" font-size="10">'
                f"{escape(short.merchants[m])} {share:.0%}</text>"
            )
            y += bar
        y += gap
    title = escape(words.get("share", "share of parcels that go"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 190} {y}" role="img" '
        f'aria-label="{title}" font-family="Noto Sans, sans-serif" font-size="12" fill="#14213d">'
        f'<text x="{left}" y="18">{title}</text>{"".join(lines)}</svg>'
    )
