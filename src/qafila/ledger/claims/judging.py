"""What a claim is worth: evidence of the history against the terms, proposed with its reasons. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from qafila.core.message import Message, fact
from qafila.core.money import ExchangeRates, Money
from qafila.core.values import value
from qafila.ledger import ledger_messages as m
from qafila.ledger.claims.liability import Limit, Ride, in_currency, limit_for
from qafila.ledger.law import law_rules

KINDS = ("lost", "damaged", "late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a parcel.

    Attributes:
        parcel: its number.
        state: its status at the moment of the claim.
        promised: when it should have been there.
        delivered: when it was; None: it was not.
        last: the last sign of it; None: none.
        last_leg: the leg to which that sign belongs, if it does.
        rides: its legs.
        grams: its weight.
        value: of the goods in it.
        freight: what was paid for its carriage.
        insured: whether its full value is insured.
        shipped: when it set out, which dates the law; else when it was booked.
        back: whether it had turned round and was on its way back.
    """

    parcel: str
    state: str
    promised: datetime
    delivered: datetime | None
    last: datetime | None
    last_leg: int | None
    rides: tuple[Ride, ...]
    grams: int
    value: Money
    freight: Money
    insured: bool
    shipped: datetime
    back: bool = False


@value
class Proposal:
    """What the terms say: an amount (nothing where the claim is to be refused), and why."""

    amount: Money
    reasons: tuple[Message, ...]
    limit: Limit | None = None

    @property
    def granted(self) -> bool:
        """Whether something is to be paid."""
        return self.amount.amount > 0


def propose(kind: str, asked: Money, seen: Evidence, now: datetime, rates: ExchangeRates) -> Proposal:
    """What a claim is worth by law and terms.

    Args:
        kind: lost, damaged or late.
        asked: what the merchant asks for; never more is proposed.
        seen: the evidence.
        now: when the claim is filed.
    """
    judge = {"lost": _lost, "damaged": _damaged, "late": _late}[kind]
    return judge(asked, seen, now, rates)


def _lost(asked: Money, seen: Evidence, now: datetime, rates: ExchangeRates) -> Proposal:
    if seen.delivered is not None:
        return _nothing(asked, m.CLAIM_DELIVERED(parcel=seen.parcel, time=seen.delivered))
    day = now.date()
    patience = timedelta(days=int(law_rules.term("lost_after_days", day)))
    silent_since = max(seen.last or seen.shipped, seen.promised)
    if seen.state != "lost" and now < silent_since + patience:
        return _nothing(asked, m.CLAIM_TOO_EARLY(time=silent_since + patience))
    # the promise is of the way out: on the way back time runs from the last sign
    since = silent_since if seen.back else seen.promised
    if now > since + patience + timedelta(days=int(law_rules.term("claim_days_lost", day))):
        return _nothing(asked, m.CLAIM_TOO_LATE(days=int(law_rules.term("claim_days_lost", day))))
    reasons = [m.CLAIM_LOST(parcel=seen.parcel, time=seen.last or seen.shipped)]
    goods, limit = _goods(asked, seen, rates, reasons)
    if seen.back:  # the way out is done, and the way back is charged to nobody
        reasons.append(m.CLAIM_WAY_BACK())
        return _capped(asked, goods, reasons, limit)
    freight = rates.convert(seen.freight, asked.currency, day).rounded()
    reasons.append(m.CLAIM_FREIGHT_BACK(money=freight))
    return _capped(asked, goods + freight, reasons, limit)


def _damaged(asked: Money, seen: Evidence, now: datetime, rates: ExchangeRates) -> Proposal:
    if seen.delivered is None:
        return _nothing(asked, m.CLAIM_NOT_DELIVERED(parcel=seen.parcel))
    days = int(law_rules.term("claim_days_damaged", now.date()))
    if now > seen.delivered + timedelta(days=days):
        return _nothing(asked, m.CLAIM_TOO_LATE(days=days))
    reasons = [m.CLAIM_DAMAGED(parcel=seen.parcel, time=seen.delivered)]
    goods, limit = _goods(asked, seen, rates, reasons)
    return _capped(asked, goods, reasons, limit)


def _late(asked: Money, seen: Evidence, now: datetime, rates: ExchangeRates) -> Proposal:
    if seen.delivered is None:
        return _nothing(asked, m.CLAIM_NOT_DELIVERED(parcel=seen.parcel))
    if seen.delivered <= seen.promised:
        return _nothing(asked, m.CLAIM_IN_TIME(time=seen.delivered, promised=seen.promised))
    day = now.date()
    within = int(law_rules.term("claim_days_late", day))
    if now > seen.delivered + timedelta(days=within):
        return _nothing(asked, m.CLAIM_TOO_LATE(days=within))
    late = -((seen.promised - seen.delivered) // timedelta(days=1))  # a day that has begun counts
    share = min(law_rules.term("late_percent", day) * late, law_rules.term("late_most_percent", day))
    freight = rates.convert(seen.freight, asked.currency, day)
    reasons = [
        m.CLAIM_LATE(n=late, time=seen.delivered, promised=seen.promised),
        m.CLAIM_LATE_SHARE(share=share.normalize(), freight=freight.rounded()),
    ]
    return _capped(asked, (freight * (share / 100)).rounded(), reasons, None)


def _goods(
    asked: Money, seen: Evidence, rates: ExchangeRates, reasons: list[Message]
) -> tuple[Money, Limit | None]:
    """What the goods are paid with: their value where insured, else within the limit of the law; adds the reasons."""
    on = seen.shipped.date()
    value = rates.convert(seen.value, asked.currency, on).rounded()
    if seen.insured:
        reasons.append(m.CLAIM_INSURED(money=value))
        return value, None
    limit = limit_for(seen.rides, seen.last_leg, seen.grams, on)
    most = in_currency(limit, seen.grams, asked.currency, on, rates)
    quote = rates.quote("XDR", on)
    reasons.append(
        m.CLAIM_LIMIT(
            text=limit.said(),
            sdr=limit.sdr(seen.grams).quantize(Decimal("0.01")),
            money=most,
            rate=quote.per_eur,
            source=fact("facts", quote.source),
        )
    )
    if value.amount <= most.amount:
        reasons.append(m.CLAIM_VALUE(money=value))
        return value, limit
    return most, limit


def _capped(asked: Money, worth: Money, reasons: list[Message], limit: Limit | None) -> Proposal:
    if worth.amount > asked.amount:
        reasons.append(m.CLAIM_ASKED(money=asked))
        worth = asked
    return Proposal(worth, tuple(reasons), limit)


def _nothing(asked: Money, reason: Message) -> Proposal:
    return Proposal(Money(Decimal(0), asked.currency), (reason,))
