"""What every answer depends on and nobody below a door may look up by itself: the time, the network, the rules, who asks.

A door makes one Context for each request and hands it down. The twin, the practice mode, replays and tests hand down
others: other clocks and other networks, in the same process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial

from qafila.core.money import ExchangeRates, exchange_rates
from qafila.customs.rulebook import Rulebook, rulebook
from qafila.network import arrivals, installed
from qafila.network.installed import Network

Clock = Callable[[], datetime]
"""Tells the present instant, aware, in UTC."""


def system_clock() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The law and the rates that hold: customs rules and exchange rates. Two are the same if they are one object."""

    rulebook: Rulebook
    rates: ExchangeRates


@dataclass(frozen=True, slots=True)
class Context:
    """One request's surroundings.

    Attributes:
        network: facilities, services and timetables.
        rules: customs rules and exchange rates.
        tenant: id of the merchant for whom it acts; empty where it acts for none.
        clock: tells the time; it may move while a request is worked on.
        arrivals: the id of what foretells how late things are; BY_RULE: the rules of facts/lateness.csv do.
    """

    network: Network
    rules: Rules
    tenant: str = ""
    clock: Clock = field(default=system_clock, compare=False)
    arrivals: str = arrivals.BY_RULE

    def now(self) -> datetime:
        """The present instant by this context's clock."""
        return self.clock()

    def of(self, tenant: str) -> Context:
        """The same for another tenant."""
        return replace(self, tenant=tenant)

    def at(self, instant: datetime) -> Context:
        """The same with its clock stopped at an instant."""
        return replace(self, clock=partial(_stopped, instant))


def of_this_home(tenant: str = "", clock: Clock = system_clock) -> Context:
    """The context of this home: the installed network, the rules that the operator keeps. For doors alone."""
    return Context(installed.network(), _rules(rulebook()), tenant, clock, arrivals.current())


@lru_cache(maxsize=2)
def _rules(book: Rulebook) -> Rules:
    return Rules(book, exchange_rates())


def _stopped(instant: datetime) -> datetime:
    return instant
