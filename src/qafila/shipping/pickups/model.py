"""A pick-up and what may be booked as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from qafila.core.fault import Conflict, Fault
from qafila.core.message import Choice, Term
from qafila.network.timetable import Mode
from qafila.shipping.bookings.records import Record
from qafila.shipping.pickups import pickups_messages as m
from qafila.tracking.status import State, Status

MOST = 500  # parcels of one pick-up
SHORTEST = timedelta(minutes=30)
AHEAD = timedelta(days=14)
LONGEST = 300  # letters of a place or a note


@dataclass(frozen=True, slots=True)
class Pickup:
    """Parcels to be fetched at an address.

    Attributes:
        station: the facility whose van comes.
        address: where it stops, in lines.
        opens, closes: the window, aware UTC.
        parcels: S10 numbers.
        grams: of all of them.
    """

    id: str
    station: str
    address: tuple[str, ...]
    opens: datetime
    closes: datetime
    parcels: tuple[str, ...]
    grams: int
    note: str
    booked_at: datetime
    cancelled_at: datetime | None = None


def coming_window(now: datetime, zone: ZoneInfo, last: datetime | None = None) -> tuple[datetime, datetime]:
    """The window to offer: what is left of a working day at the place, today's if an hour of it is left.

    Args:
        now: aware.
        zone: of the place where the van stops.
        last: until when the parcels can be fetched for the departure that they are booked on, aware; None: not known.
            Where the working hours come too late for it, the next hour from now is offered while there is time.

    Returns:
        When it opens and closes, in the zone.
    """
    local = now.astimezone(zone)
    soon = local + _READY
    soon = soon.replace(second=0, microsecond=0) + timedelta(minutes=-soon.minute % 30)
    start, end = (local.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in _WORKING)
    opens, closes = max(start, soon), end
    if closes - opens < _WORTH:
        opens, closes = start + timedelta(days=1), end + timedelta(days=1)
    if last is not None and soon < last <= opens:
        opens, closes = soon, soon + _WORTH
    return opens, closes


_WORKING = (9, 17)  # hours of the place
_READY = timedelta(minutes=30)  # to have parcels at the door
_WORTH = timedelta(hours=1)


def checked_window(opens: datetime, closes: datetime, now: datetime) -> None:
    """Raises Fault, of the fields `opens` and `closes`, where no van could come then."""
    remedy = m.COMING_WINDOW(days=AHEAD.days)
    if closes <= opens:
        raise Fault(m.BAD_WINDOW(), m.TURN_ROUND(), field="closes", value=closes.isoformat())
    if closes <= now:
        raise Fault(m.PAST_WINDOW(), remedy, field="closes", value=closes.isoformat())
    if opens > now + AHEAD:
        raise Fault(m.FAR_WINDOW(days=AHEAD.days), remedy, field="opens", value=opens.isoformat())
    minutes = int(SHORTEST.total_seconds()) // 60
    if closes - opens < SHORTEST:
        raise Fault(
            m.SHORT_WINDOW(minutes=minutes),
            m.WIDEN(minutes=minutes),
            field="closes",
            value=closes.isoformat(),
        )


def station_of(
    records: Sequence[Record], states: Mapping[str, Status], elsewhere: Mapping[str, str], opens: datetime
) -> str:
    """The station whose van fetches some parcels.

    Args:
        records: the parcels' bookings.
        states: where each is, by number.
        elsewhere: the standing pick-ups that have some of them, by number.
        opens: when the window begins.

    Raises:
        Fault, Conflict: of the field `parcels`, naming the parcel that cannot be fetched so.
    """
    stations: dict[str, None] = {}
    for record in records:
        for number in record.entry.parcels:
            leg = record.offer_for(number).itinerary.legs[0]
            state = states[number].state if number in states else State.BOOKED
            if record.entry.cancelled_at is not None:
                state = State.CANCELLED
            wrong = None
            if state is not State.BOOKED:
                wrong = m.NOT_WAITING(parcel=number, state=Term("state", state.value)), m.TAKE_OUT()
            elif number in elsewhere:
                wrong = m.IN_ANOTHER(parcel=number, pickup=elsewhere[number]), m.CANCEL_OTHER()
            elif leg.mode is not Mode.COLLECTION:
                wrong = m.AT_STATION(parcel=number, station=leg.from_facility), m.TAKE_OUT()
            elif opens >= leg.arrive:
                wrong = m.TOO_LATE(parcel=number, time=leg.arrive), m.EARLIER()
            if wrong:
                raise Conflict(*wrong, field="parcels", value=number)
            stations[leg.from_facility] = None
    if len(stations) > 1:
        reason = m.SEVERAL_PLACES(stations=Choice(tuple(stations), every=True))
        raise Conflict(reason, m.ONE_EACH(), field="parcels")
    return next(iter(stations))
