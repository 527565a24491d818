"""An orders file in; every parcel quoted, booked, documented, labelled and tracked.

The file goes in batches: complete and offer (in other processes where the file is large, the first while the
others are read), book in one transaction, set labels and papers while the next batch is booked. None is booked
before all are read. What was booked is
in the database and nowhere else: a run that is killed leaves no half-written file, and the next run books
what is missing and tells the rest again from the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from pathlib import Path
from uuid import uuid4

from qafila.context import Context
from qafila.routing.room_left import Room
from qafila.runtime.accounts import service as accounts
from qafila.runtime.accounts.tenants import LOCAL
from qafila.runtime.database import administrator, merchant_transaction
from qafila.shipping.bookings.booking import Booked, Full, Refused, Request, book_many
from qafila.shipping.bookings.bookings_telling import tell_refused
from qafila.shipping.files import files_messages as m
from qafila.shipping.files.gathering import Gathering, Pieces
from qafila.shipping.files.intake import Intake, Options, Progress, booked_otherwise
from qafila.shipping.files.outputs import (
    shipment_row,
    summary_line,
    write_bytes,
    write_pdf,
    write_rejected,
    write_shipments,
)
from qafila.shipping.files.preparing import (
    Prepared,
    left_for,
    market,
    no_offer,
    offer_again,
    prepare,
    warm,
)
from qafila.shipping.files.recalling import Standing, recall, standing
from qafila.shipping.files.summary import Summary
from qafila.shipping.files.workers import workers
from qafila.shipping.offers.offering import Market, NoOffer
from qafila.shipping.offers.offers_deciding import basis
from qafila.shipping.orders.completing import Prices
from qafila.shipping.orders.grouping import RawOrder
from qafila.shipping.orders.normalising import Ways
from qafila.shipping.orders.order import Problem
from qafila.shipping.orders.order_draft import Draft
from qafila.shipping.papers.labels import BookedShipment
from qafila.shipping.papers.typesetting import typeset_labels
from qafila.tracking.epcis import document
from qafila.tracking.upu_codes import places

__all__ = ["Options", "Progress", "ship_file"]

BATCH = 400  # orders in one booking transaction
ALONE = 600  # files up to so many orders are done in this process: starting others takes longer
_AHEAD = 4  # batches prepared before they can be booked
_ROUNDS = 60  # searches for an order whose departures fill up under its hands


@dataclass(slots=True)
class _Batch:
    """Orders that go through together, in the order of the file."""

    order_ids: list[str]
    drafts: list[Draft]
    known: list[Standing]
    prepared: Future[list[Prepared | list[Problem]]] | None = None


def ship_file(
    context: Context,
    path: Path,
    out: Path,
    options: Options | None = None,
    progress: Progress = lambda what, done, of: None,
) -> Summary:
    """Ships the orders of a file for the context's tenant and leaves the outputs in the folder `out`, which is made.

    Raises FileRefused where the file as a whole cannot be read, UnknownMerchant and FontsMissing: then nothing
    is booked or written.
    """
    return _Run(context, options or Options(), progress).run(path, out)


class _Run:
    """The state of one file on its way through."""

    def __init__(self, context: Context, options: Options, progress: Progress) -> None:
        self._context = context
        self._options = options
        self._progress = progress
        self._now = context.now()
        self._on = self._now.date()
        self._id = uuid4().hex
        self._merchant = context.tenant
        self._intake = Intake(context, options, self._now)
        self._rejects, self._before = self._intake.rejects, self._intake.before
        self._shipments: list[tuple[object, ...]] = []
        self._last_booked = datetime.fromtimestamp(0, UTC)

    def run(self, path: Path, out: Path) -> Summary:
        started = time.perf_counter()
        summary = Summary(str(path))
        sheet, raws = self._intake.read(path)
        out.mkdir(parents=True, exist_ok=True)
        summary.format, summary.encoding = sheet.layout.format, sheet.encoding
        summary.encoding_found, summary.delimiter = sheet.encoding_found, sheet.delimiter
        summary.rows = sheet.rows
        if self._options.documents:
            typeset_labels([])  # where fonts are missing, that is told before anything is booked
        with administrator(
            "a tenant is looked up before it can act, and this machine's own is made"
        ) as connection:
            if self._merchant == LOCAL:
                accounts.local(connection)
            accounts.active(connection, self._merchant)
        known, fresh = self._intake.known(raws)
        several = self._options.workers if len(raws) > ALONE else 1
        with workers(several, partial(warm, self._context, self._on)) as executor:
            ways = self._intake.ways(sheet, fresh)
            summary.warnings = self._intake.warnings
            batches = self._read(raws, {raw.id for raw in fresh}, known, ways, executor)
            gathering = Gathering(executor, self._context, self._options.documents)
            self._ship(batches, executor, gathering, summary)
            gathering.finish(partial(self._progress, "Labels and papers"))
            self._write(out, gathering, summary)
        summary.seconds = time.perf_counter() - started
        if summary.booked + summary.rejected != summary.rows:
            raise AssertionError(
                f"{summary.rows} rows, but {summary.booked} booked and {summary.rejected} rejected"
            )
        return summary

    def _read(
        self,
        raws: Sequence[RawOrder],
        fresh: Set[str],
        known: dict[str, Standing],
        ways: Ways,
        executor: Executor,
    ) -> list[_Batch]:
        """The orders of the file in batches. The first are prepared while the others are read, but for those that lack
        a price: the rest of the file may tell it.
        """
        batches: list[_Batch] = []
        for start in range(0, len(raws), BATCH):
            self._progress("Reading", start, len(raws))
            some = raws[start : start + BATCH]
            batch = _Batch(
                [raw.id for raw in some],
                self._intake.drafts([raw for raw in some if raw.id in fresh], ways),
                [known[raw.id] for raw in some if raw.id in known],
            )
            if len(batches) < _AHEAD and all(draft.priced for draft in batch.drafts):
                self._prepare(batch, executor)
            batches.append(batch)
        prices = Prices(draft for batch in batches for draft in batch.drafts)
        for batch in batches:
            if batch.prepared is None:
                batch.drafts = self._intake.priced(batch.drafts, prices)
        self._progress("Reading", len(raws), len(raws))
        return batches

    def _prepare(self, batch: _Batch, executor: Executor) -> None:
        left = left_for(self._context, batch.drafts, self._on)
        batch.prepared = executor.submit(prepare, self._context.at(self._now), batch.drafts, left, self._on)

    def _ship(
        self, batches: Sequence[_Batch], executor: Executor, gathering: Gathering, summary: Summary
    ) -> None:
        total = sum(len(b.drafts) + len(b.known) for b in batches)
        done = 0
        for position, batch in enumerate(batches):
            for ahead in batches[position : position + _AHEAD]:
                if ahead.prepared is None:
                    self._prepare(ahead, executor)
            shipments, parcels = self._book(batch)
            done += len(batch.drafts) + len(batch.known)
            batch.drafts, batch.prepared = [], None
            if parcels:
                gathering.ask(parcels)
            self._tell(shipments, parcels, summary)
            self._progress("Booking", done, total)

    def _book(self, batch: _Batch) -> tuple[dict[str, str], list[BookedShipment]]:
        """Books a batch; gives the shipments' ids by order, and the parcels in the order of the file."""
        assert batch.prepared is not None
        found: dict[str, BookedShipment] = {}
        known = {k.order_id: k for k in batch.known}
        content = {draft.id: draft.content for draft in batch.drafts}
        shipments: dict[str, str] = {}
        pending: list[Prepared] = []
        refused: dict[str, list[Problem]] = {}
        for draft, made in zip(batch.drafts, batch.prepared.result(), strict=True):
            if isinstance(made, Prepared):
                pending.append(made)
            else:
                self._rejects.order(draft.id, made)
                refused[draft.id] = made
        tell_refused(self._merchant, refused, self._now)
        for attempt in range(_ROUNDS):
            if not pending:
                break
            now = self._now if attempt == 0 else self._context.now()
            requests = [
                Request(p.order, p.offer, f"ship:{self._id}:{p.order.id}", content[p.order.id], p.basis)
                for p in pending
            ]
            again: list[Prepared] = []
            for one, outcome in zip(
                pending, book_many(self._merchant, requests, self._market().timetable, now), strict=True
            ):
                match outcome:
                    case Booked():
                        shipments[one.order.id] = outcome.shipment_id
                        self._last_booked = max(self._last_booked, outcome.booked_at)
                        found[one.order.id] = BookedShipment(
                            outcome.parcels, one.order, one.offer, outcome.booked_at.date()
                        )
                    case Full():
                        again.append(one)
                    case Refused(code="already-booked"):
                        if (other := self._booked_meanwhile(one, content[one.order.id])) is not None:
                            known[one.order.id] = other
                    case Refused():
                        moment = self._context.now()
                        order = replace(one.order, ready=max(one.order.ready, moment))
                        again.append(Prepared(order, one.offer, one.basis))
            pending = self._search_again(again)
        for one in pending:
            row = one.order.rows[0]
            full = Problem(row, "destination_city", "", m.FILLED_UP(), m.RUN_AGAIN(), one.order.id)
            self._rejects.order(one.order.id, [full])
        if known:
            with merchant_transaction(self._merchant) as connection:
                found |= recall(connection, list(known.values()))
            shipments |= {k.order_id: k.shipment_id for k in known.values()}
            self._last_booked = max(self._last_booked, *(k.booked_at for k in known.values()))
        return shipments, [found[id] for id in batch.order_ids if id in found]

    def _search_again(self, again: list[Prepared]) -> list[Prepared]:
        if not again:
            return []
        orders = [p.order for p in again]
        left = left_for(self._context, orders, self._on)
        offers = offer_again(self._context, orders, left, self._on)
        room = Room(self._market().timetable, left)
        pending: list[Prepared] = []
        for one, offer in zip(again, offers, strict=True):
            if isinstance(offer, NoOffer):
                self._rejects.order(one.order.id, no_offer(one.order, offer))
            else:
                made_from = basis(self._context, self._context.now(), one.order, room, best=True)
                pending.append(Prepared(one.order, offer, made_from))
        return pending

    def _booked_meanwhile(self, one: Prepared, content: str) -> Standing | None:
        """Another run of the same file was quicker: its booking is this order's, if it is of the same content."""
        with merchant_transaction(self._merchant) as connection:
            found = standing(connection, [one.order.id]).get(one.order.id)
        if found is not None and found.is_of(content):
            self._before.add(one.order.id)
            return found
        number = found.number if found else ""
        self._rejects.order(one.order.id, [booked_otherwise(one.order.id, one.order.rows[0], number)])
        return None

    def _tell(self, shipments: dict[str, str], parcels: list[BookedShipment], summary: Summary) -> None:
        facilities = self._market().facilities
        for parcel in parcels:
            order, offer = parcel.order, parcel.offer
            rows = self._rejects.rows_of[order.id]
            summary.booked += len(rows)
            summary.parcels += len(parcel.numbers)
            summary.shipments += 1
            summary.already_booked += len(rows) if order.id in self._before else 0
            summary.estimated += len(rows) if order.estimates else 0
            summary.estimates.update({e.field.rpartition(".")[2] for e in order.estimates})
            currency, landed = offer.price.currency, offer.landed_total.amount
            summary.freight[currency] = summary.freight.get(currency, Decimal(0)) + offer.price.amount
            summary.landed[currency] = summary.landed.get(currency, Decimal(0)) + landed
            summary.co2e_kg += offer.co2e_wtw_kg
            line = summary_line(parcel, facilities)
            summary.restricted += bool(line.needs)
            summary.unconfirmed += bool(line.to_confirm)
            if len(summary.lines) < 200:
                summary.lines.append(line)
            placed = BookedShipment(parcel.numbers, replace(order, rows=rows), offer, parcel.booked_on)
            self._shipments.append(shipment_row(placed, shipments[order.id]))

    def _write(self, out: Path, gathering: Gathering, summary: Summary) -> None:
        problems = self._rejects.problems
        summary.count_problems(problems)
        files: dict[str, Callable[[Path], None]] = {
            "shipments.csv": lambda p: write_shipments(p, self._shipments),
            "rejected.csv": lambda p: write_rejected(p, problems),
            "events.jsonld": lambda p: self._write_events(p, gathering.events),
        }
        if self._options.documents:
            for name, bound in (("labels.pdf", gathering.labels), ("documents.pdf", gathering.papers)):
                if bound:
                    files[name] = partial(write_pdf, bound=bound)
                else:  # a PDF has at least one page; what an earlier run left would mislead
                    (out / name).unlink(missing_ok=True)
        self._progress("Writing", 0, len(files))
        with (
            ThreadPoolExecutor() as threads
        ):  # most of it is done by libraries that let go of the interpreter
            written = [threads.submit(write, out / name) for name, write in files.items()]
            for done, (name, one) in enumerate(zip(files, written, strict=True), 1):
                one.result()
                summary.files[name] = out / name
                self._progress("Writing", done, len(files))

    def _market(self) -> Market:
        return market(self._context, self._on)

    def _write_events(self, path: Path, events: Pieces) -> None:
        # dated by its newest booking: telling it again gives the same file
        created = self._last_booked if events else self._now
        head, tail = document([], places(self._context.network.feed), created)
        between = (piece for n, part in enumerate(events) for piece in ((b",\n", part) if n else (part,)))
        write_bytes(path, chain((head,), between, (tail,)))
