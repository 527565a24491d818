"""Claims are filed by merchants, looked into by the history, decided by the hub, and paid through the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from qafila.core.fault import Conflict, Fault, NotFound
from qafila.core.identifiers.own import new_id
from qafila.core.message import as_it_is
from qafila.core.message_json import to_json
from qafila.core.money import ExchangeRates, Money
from qafila.ledger import ledger_messages as m
from qafila.ledger import parties, posting
from qafila.ledger.cash import store as cash
from qafila.ledger.cash.model import Act
from qafila.ledger.claims import claims_telling, store
from qafila.ledger.claims.judging import KINDS, Evidence, propose
from qafila.ledger.claims.liability import Ride
from qafila.ledger.claims.store import Claim
from qafila.ledger.law import licences
from qafila.ledger.model import Draft, Purpose, credit, debit, hub, merchant
from qafila.network.model import Facility
from qafila.openness import openness_telling as openness
from qafila.runtime.database.connection import as_the_house
from qafila.runtime.events import store as histories
from qafila.runtime.events.envelope import TimeKind
from qafila.shipping.bookings import records
from qafila.tracking.status import State, standing, status

Facilities = Mapping[str, Facility]


def evidence(
    connection: Connection, parcel: str, facilities: Facilities, now: datetime
) -> tuple[str, Evidence]:
    """What is known of a parcel, and whose it is. Raises NotFound where the connection's role sees none."""
    record = records.record(connection, parcel)
    box = records.parcel(connection, parcel)
    owner = connection.execute(
        text("SELECT merchant_id FROM parcels WHERE number = :n"), {"n": parcel}
    ).scalar()
    if record is None or box is None or owner is None or parcel not in record.entry.parcels:
        raise NotFound(m.NO_PARCEL(parcel=parcel[:40]), field="parcel", value=parcel[:40])
    events = histories.histories(connection, [parcel]).get(parcel, [])
    seen = status(events, now)
    order, offer = record.order, record.offer_for(parcel)
    actual = [e for e in events if e.time_kind == TimeKind.ACTUAL and e.type != "booked" and e.time <= now]
    all_grams = sum(p.grams for p in records.of_shipment(connection, box.shipment_id)) or 1
    share = Decimal(box.grams) / all_grams
    rides = tuple(
        Ride(leg.mode, _country(facilities, leg.from_facility), _country(facilities, leg.to_facility))
        for leg in offer.itinerary.legs
    )
    return str(owner), Evidence(
        parcel=parcel,
        state=seen.state.value,
        promised=record.entry.promise_by,
        delivered=seen.since if seen.state is State.DELIVERED else None,
        last=max((e.time for e in actual), default=None),
        last_leg=max(actual, key=lambda e: e.time).leg if actual else None,
        rides=rides,
        grams=box.grams,
        value=(order.value * share).rounded(),
        freight=(record.entry.price * share).rounded(),
        insured=order.insured,
        shipped=min((e.time for e in actual), default=record.entry.booked_at),
        back=any(e.type == State.RETURNING.value for e in standing(actual)),
    )


def _country(facilities: Facilities, id: str) -> str:
    return facilities[id].country if id in facilities else ""


def file(
    connection: Connection,
    act: Act,
    parcel: str,
    kind: str,
    asked: Money,
    said: str,
    facilities: Facilities,
    rates: ExchangeRates,
) -> Claim:
    """A merchant claims; the evidence is taken down as it is now, with what the terms propose.

    Args:
        connection: of the merchant: he claims for his own parcels only.
        said: in his own words.

    Raises:
        NotFound: none of his parcels has this number.
        Fault: there is no such kind of claim, or the sum is none.
        Conflict: there is a claim about this already, or another installation carried it.
    """
    if kind not in KINDS:
        raise Fault(m.NO_CLAIM_KIND(kind=kind[:40], known=", ".join(KINDS)), field="kind", value=kind[:40])
    if asked.amount <= 0 or asked.amount != asked.rounded().amount:
        raise Fault(m.NO_SUM(money=asked), m.WRITE_SUM(), field="asked", value=str(asked.amount))
    owner, seen = evidence(connection, parcel, facilities, act.at)
    if elsewhere := store.booked_elsewhere(connection, parcel):
        raise Conflict(
            m.CARRIED_ELSEWHERE(parcel=parcel, installation=elsewhere), field="parcel", value=parcel
        )
    proposal = propose(kind, asked, seen, act.at, rates)
    made = Claim(
        f"clm_{act.key}" if act.key else new_id("clm"),
        owner,
        parcel,
        kind,
        asked.amount,
        asked.currency,
        said.strip()[:2000],
        "open",
        claims_telling.written(seen),
        {
            "amount": str(proposal.amount.amount),
            "reasons": [to_json(r) for r in proposal.reasons],
            "limit": proposal.limit.text if proposal.limit else None,
            "confidence": proposal.limit.confidence if proposal.limit else None,
        },
        None,
        None,
        act.by.name,
        act.at,
        None,
        None,
        None,
    )
    with as_the_house(connection):
        known = store.one(connection, made.id)
        if known is not None and known.state == "withdrawn" and seen.state == State.LOST.value:
            store.reopen(connection, known.id)  # whoever said it was found took that back
            return store.one(connection, known.id) or known
        if known is not None:
            return known
        if not store.add(connection, made):
            raise Conflict(m.CLAIMED_ALREADY(parcel=parcel), field="parcel", value=parcel)
    return made


def decide(connection: Connection, act: Act, id: str, money: Money | None, why: str) -> Claim:
    """The hub decides: what is granted is booked on the merchant's account and goes out with his next remittance.

    Args:
        money: what is granted, never more than was asked; None: it is refused.
        why: needed where the decision is other than what the terms propose.

    Raises:
        NotFound: there is no such claim.
        Conflict: it is decided already, otherwise.
        Fault: the sum is none or more than asked, or the reason is missing.
    """
    with as_the_house(connection):
        cash.queue(connection, f"claim|{id}")
        found = store.one(connection, id, lock=True)
        if found is None:
            raise NotFound(m.NO_CLAIM(claim=id[:80]), field="claim", value=id[:80])
        granted = None if money is None or not money.amount else money.amount
        if found.state != "open":
            if found.granted == granted:
                return found
            raise Conflict(m.CLAIM_DECIDED(claim=id), field="claim", value=id)
        if granted is not None and money is not None:
            if money.currency != found.currency or granted < 0 or granted != money.rounded().amount:
                raise Fault(m.NO_SUM(money=money), m.WRITE_SUM(), field="amount", value=str(granted))
            if granted > found.asked:
                raise Fault(
                    m.MORE_THAN_ASKED(money=Money(found.asked, found.currency)),
                    field="amount",
                    value=str(granted),
                )
        proposed = Decimal(found.proposed["amount"])
        if (granted or Decimal(0)) != proposed and not why.strip():
            raise Fault(
                m.OTHER_THAN_PROPOSED(money=Money(proposed, found.currency)), m.SAY_WHY_OTHER(), field="why"
            )
        reasons = list(found.proposed["reasons"]) if (granted or Decimal(0)) == proposed else []
        if why.strip():
            reasons.append(to_json(as_it_is(why.strip()[:1000])))
        entry = None
        if granted is not None:
            purpose = Purpose.PROMISES if found.kind == "late" else Purpose.CLAIMS
            paid = Money(granted, found.currency)
            lines = [
                debit(hub(purpose, found.currency), paid),
                credit(merchant(found.tenant, Purpose.OWED, found.currency), paid, id),
            ]
            party = parties.find(connection, found.tenant)
            if party is not None and licences.regime_of(connection, party.country, act.at.date()).through_us:
                # he is paid out of the clients' account: what the hub owes of its own is put there at once
                lines += [
                    debit(hub(Purpose.CLIENTS, found.currency), paid),
                    credit(hub(Purpose.BANK, found.currency), paid),
                ]
            entry = posting.post(
                connection,
                Draft(
                    key=f"claim:{id}",
                    kind="claim_granted",
                    at=act.at,
                    by=act.by,
                    subject=found.parcel,
                    lines=tuple(lines),
                    told={"claim": id, "kind": found.kind},
                ),
            ).entry
        store.decide(connection, id, granted, reasons, act.by.name, act.at, entry)
        openness.tell(connection, [claims_telling.decision(found, granted, why, act.at)])
        after = store.one(connection, id)
    assert after is not None
    return after
