"""Whether an order can be taken: its places found, its times and figures within what is possible. One set of rules for
files, forms and requests. Everything that is wrong is found, not the first.

A problem names its row, its field, the value as it was written, why it cannot be taken and what would mend it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qafila.core.identifiers.errors import InvalidNumber
from qafila.core.identifiers.traders import parse_trader_number
from qafila.core.message import Choice, Country
from qafila.network.postcodes import postcode
from qafila.network.regions import regions_meant, regions_of
from qafila.planning.service_classes import service_classes
from qafila.shipping.orders import orders_messages as m
from qafila.shipping.orders import possible
from qafila.shipping.orders.command import Command
from qafila.shipping.orders.order import STANDARD, Address, Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.orders.orders_figures import is_blank
from qafila.shipping.orders.orders_limits import limits
from qafila.shipping.orders.orders_stations import Located, Unlocated
from qafila.shipping.orders.outlying import larger_namesake, outlying
from qafila.shipping.orders.reading import as_text, spoilt
from qafila.shipping.orders.understanding import Findings, Ways


def accept(command: Command, ways: Ways) -> Draft | list[Problem]:
    """The order with its places found, or everything that is wrong with it.

    Args:
        command: what the merchant gave.
        ways: the clock, the network and the rules.
    """
    found = command.found
    for item in command.items:
        _spoilt("title", item.title, found, item.row)
    command.sender = _mended(command.sender, "sender_", found)
    command.receiver = _mended(command.receiver, "", found)
    sender = _sender(command, ways, found)
    receiver = _receiver(command, ways, found)
    possible.held(command.parcels, command.items, found)
    ready, promise_by, rule = _times(command, ways, sender, receiver, found)
    if sender and receiver and _same_place(sender, receiver):
        found.refuse("destination_city", receiver.address.city, m.SAME_PLACE(), m.CHECK_ADDRESSES())
    service_class = command.service_class
    if service_class != STANDARD and service_class not in service_classes():
        remedy = m.WRITE_CLASS(classes=Choice(tuple(service_classes())))
        found.refuse("service_class", service_class, m.UNKNOWN_CLASS(), remedy)
    if found.problems or sender is None or receiver is None:
        return found.problems
    return Draft(
        command.id,
        command.rows,
        command.content,
        sender.address,
        receiver.address,
        command.items,
        ready,
        rule,
        promise_by,
        command.insured,
        command.trade,
        command.taxes_paid_by,
        command.preference,
        command.note,
        found.estimates,
        service_class,
        command.cash,
        command.parcels,
    )


_WORDS = ("name", "company", "line1", "line2", "city", "region", "postcode", "phone", "email")


def _mended(address: Address, prefix: str, found: Findings) -> Address:
    """An address without the decimal point that a spreadsheet put behind a number; what it spoilt is refused, for it
    would stand on a label."""
    mended: dict[str, Any] = {}
    for part in _WORDS:
        said = getattr(address, part)
        if said and not _spoilt(f"{prefix}{part}", said, found) and (text := as_text(part, said)) != said:
            mended[part] = text
    return replace(address, **mended) if mended else address


def _spoilt(field: str, said: str, found: Findings, row: int | None = None) -> bool:
    wrong = spoilt(field.removeprefix("sender_"), said)
    if wrong is not None:
        found.refuse(field, said, *wrong, row)
    return wrong is not None


def _sender(command: Command, ways: Ways, found: Findings) -> Located | None:
    said = command.sender
    if not command.says_whence:
        if ways.sender is None:
            found.refuse("sender_city", "", m.NO_SENDER(), m.WRITE_SENDER())
            return None
        given = ways.sender
        if ways.sender_rule:
            found.estimate("sender", f"{given.city}, {given.country}", ways.sender_rule)
        given = replace(
            given,
            name=said.name or given.name,
            company=said.company or given.company,
            line1=said.line1 or given.line1,
            phone=said.phone or given.phone,
            tax_id=said.tax_id or given.tax_id,
        )
        _check_number(given, "sender_tax_id", found)
        return _locate(given, ("sender", ""), ways, found, to_door=given.to_door)
    if is_blank(said.country) and ways.sender is not None and not said.facility_id:
        # a town without a country is one of where this merchant sends from
        said = replace(said, country=ways.sender.country)
        found.estimate("sender.country", said.country, m.SENDER_COUNTRY(country=Country(said.country)))
    address = _with_country(said, "origin_country", found)
    _check_number(address, "sender_tax_id", found)
    return _locate(address, ("origin", "origin_"), ways, found)


def _check_number(address: Address, field: str, found: Findings) -> None:
    """Refuses a trader's number that is none: it would stand on papers and before an authority."""
    if is_blank(address.tax_id) or not address.country:
        return
    try:
        parse_trader_number(address.country, address.tax_id)
    except InvalidNumber:
        reason = m.NO_TRADER_NUMBER(country=Country(address.country))
        found.refuse(field, address.tax_id, reason, m.TRADER_NUMBER_REMEDY())


def _receiver(command: Command, ways: Ways, found: Findings) -> Located | None:
    address = _with_country(command.receiver, "destination_country", found)
    _check_number(address, "tax_id", found)
    if ways.streets and is_blank(address.line1) and not address.facility_id:
        found.refuse("line1", address.line1, m.NO_STREET(), m.NO_STREET_REMEDY())
    return _destination(address, ways, found)


def _with_country(address: Address, name: str, found: Findings) -> Address:
    """The address with its country's code; without one where none is known, or the facility tells it."""
    written = address.country
    if not is_blank(written):
        code = found.country(name, written)
    elif address.facility_id:
        code = None  # the facility tells it
    else:
        code = None
        found.refuse(name, written, m.NO_COUNTRY(), m.WRITE_COUNTRY())
    return address if code == written else replace(address, country=code or "")


def _destination(address: Address, ways: Ways, found: Findings) -> Located | None:
    """Where a receiver is, unless it lies where its country's taxes would be wrong."""
    address = _with_postcode(address, found)
    answer = _find(address, ways)
    if not _region_known(address):
        place = answer.place if isinstance(answer, Located) else None
        if place is not None and place.rivals:
            reason = m.REGION_NEEDED(
                country=Country(address.country), towns=place.rivals + 1, town=place.name
            )
            found.refuse("destination_region", address.region, reason, m.REGION_NEEDED_REMEDY())
            return None
        rule = m.NO_SUCH_REGION(country=Country(address.country))
        found.estimate("receiver.region", address.region, rule)
    if isinstance(answer, Unlocated) and answer.contradicts:
        return _locate(address, ("destination", "destination_"), ways, found)
    told = outlying(address, answer.place if answer else None) if address.country else None
    if told is None:
        place = answer.place if isinstance(answer, Located) else None
        if place is not None and (area_of_other := larger_namesake(address, place)):
            rule = m.NAMESAKE_IN_AREA(
                town=place.name, country=Country(place.country), area=area_of_other.named
            )
            found.estimate("receiver.city", place.name, rule)
        return _locate(address, ("destination", "destination_"), ways, found)
    area, field = told
    own = replace(address, country=area.code) if area.code else address
    if area.code and isinstance(
        _find(own, ways), Located
    ):  # this network serves it as the country that it is
        if own.country != address.country:
            rule = m.AREA_AS_COUNTRY(area=area.named, country=Country(address.country))
            found.estimate("receiver.country", area.code, rule)
        return _locate(own, ("destination", "destination_"), ways, found)
    if area.taxed_as:
        known = area.taxed_as in ways.rules.rulebook.countries
        rule = (m.AREA_TAXED if known else m.AREA_NOT_TAXED)(area=area.named)
        located = _locate(replace(address, area=area.taxed_as), ("destination", "destination_"), ways, found)
        if located is not None:
            found.estimate("receiver.area", area.taxed_as, rule)
        return located
    value = {"postcode": address.postcode, "region": address.region, "country": address.country}.get(
        field, address.city
    )
    found.refuse(f"destination_{field}", value, area.say(), m.AREA_REMEDY())
    return None


def _region_known(address: Address) -> bool:
    """Whether a region that was said is one of the country's, as far as these are known; the town's own name serves."""
    country, region = address.country, address.region.strip()
    if is_blank(region) or not country or region.casefold() == address.city.strip().casefold():
        return True
    return bool(regions_meant(country, region)) or not regions_of(country)


def _find(address: Address, ways: Ways) -> Located | Unlocated | None:
    if address.facility_id or is_blank(address.city) or not address.country:
        return None
    return ways.whereabouts.find(address, collect=False)


def _with_postcode(address: Address, found: Findings) -> Address:
    """The address with its postcode as its country writes it; what was mended or has no such form is told."""
    if not address.country or is_blank(address.postcode):
        return address
    code = postcode(address.country, address.postcode)
    if code.lost_zeros:
        found.estimate("receiver.postcode", code.text, m.ZEROS_GIVEN_BACK(given=address.postcode))
    elif code.fits is False:
        rule = m.POSTCODE_FORM(country=Country(address.country))
        found.estimate("receiver.postcode", address.postcode, rule)
    return replace(address, postcode=code.text) if code.lost_zeros else address


def _locate(
    address: Address, names: tuple[str, str], ways: Ways, found: Findings, to_door: bool = True
) -> Located | None:
    if not address.country and not address.facility_id:
        return None
    if is_blank(address.city) and not address.facility_id:
        found.refuse(f"{names[1]}city", address.city, m.NO_CITY(), m.WRITE_CITY())
        return None
    answer = ways.whereabouts.find(address, collect=names[0] != "destination")
    if isinstance(answer, Unlocated):
        found.refuse(f"{names[1]}{answer.field}", answer.value, answer.reason, answer.remedy)
        return None
    if answer.guess:
        party = "receiver" if names[0] == "destination" else "sender"
        found.estimate(f"{party}.city", answer.town, answer.guess)
    return answer


def _same_place(sender: Located, receiver: Located) -> bool:
    """The same street of the same town, or the same facility. A street on one side only tells them apart."""
    if (sender.address.country, sender.town) != (receiver.address.country, receiver.town):
        return False
    if not sender.address.to_door and not receiver.address.to_door:
        return True
    return sender.address.line1.casefold() == receiver.address.line1.casefold()


def _times(
    command: Command, ways: Ways, sender: Located | None, receiver: Located | None, found: Findings
) -> tuple[datetime, date | None, str]:
    ready = _ready(command, ways, sender, found)
    promise_by = command.promise_by or ways.promise_by
    if command.promise_by is not None:
        zone = ZoneInfo(receiver.timezone) if receiver else ZoneInfo("UTC")
        written = command.said("promise_by", command.promise_by)
        if command.promise_by < ways.now.astimezone(zone).date():
            found.refuse("promise_by", written, m.PAST(), m.COMING_DAY())
        elif command.promise_by < ready.astimezone(zone).date():
            found.refuse("promise_by", written, m.NOT_READY(), m.LATER_DAY())
    rule = command.rule or ("promise" if promise_by is not None else ways.rule)
    if rule == "promise" and promise_by is None and not found.problems:
        found.refuse("promise_by", "", m.RULE_WITHOUT_DAY(), m.GIVE_PROMISE_DAY())
    return ready, promise_by, rule


def _ready(command: Command, ways: Ways, sender: Located | None, found: Findings) -> datetime:
    if command.ready is None:
        return ways.now
    zone = ZoneInfo(sender.timezone) if sender else ZoneInfo("UTC")
    written = command.said("ready_at", command.ready.isoformat())
    try:
        ready = command.ready if command.ready.tzinfo else command.ready.replace(tzinfo=zone)
        ready, there = ready.astimezone(UTC), ready.astimezone(zone)
    except OverflowError:  # the calendar's first or last hours, as some programs write "no date"
        found.refuse("ready_at", written, m.NO_DATE(), m.WRITE_DATE_OR_TIME())
        return ways.now
    if there.date() < ways.now.astimezone(zone).date():
        found.refuse("ready_at", written, m.PAST(), m.FROM_TODAY())
    elif ready > ways.now + timedelta(days=int(limits().ready_ahead)):
        remedy = m.COME_BACK(days=limits().ready_ahead)
        found.refuse("ready_at", written, m.TOO_FAR_AHEAD(), remedy)
        return ways.now
    return max(ready, ways.now)
