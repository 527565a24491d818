"""What the workers make of the parcels that were booked: labels, papers and histories, gathered in the order of the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from tempfile import TemporaryFile

from qafila.context import Context
from qafila.shipping.files.outputs import event_part
from qafila.shipping.files.preparing import records
from qafila.shipping.papers.binding import Binding
from qafila.shipping.papers.labels import BookedShipment
from qafila.shipping.papers.typesetting import parts, typeset_labels, typeset_papers


class Pieces:
    """The pieces of a file that cannot be written yet, in their order. They wait on disk, for those of a hundred
    thousand orders are a gigabyte, in a file without a name, which no killed run leaves behind.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  (it is closed with this object)
        self._sizes: list[int] = []

    def __len__(self) -> int:
        return len(self._sizes)

    def add(self, piece: bytes) -> None:
        """Puts a piece behind the others."""
        self._file.write(piece)
        self._sizes.append(len(piece))

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        for size in self._sizes:
            yield self._file.read(size)


class Gathering:
    """The events, labels and papers of one file's parcels, as an executor makes them."""

    def __init__(self, executor: Executor, context: Context, documents: bool) -> None:
        self.events, self.labels, self.papers = Pieces(), Binding(), Binding()
        self._executor, self._context, self._documents = executor, context, documents
        self._coming: deque[tuple[Future[bytes], list[tuple[Binding, Future[bytes]]]]] = deque()

    def ask(self, shipments: Sequence[BookedShipment]) -> None:
        """Asks for what belongs to booked shipments; takes what is there of what was asked before."""
        numbers = [number for shipment in shipments for number in shipment.numbers]
        told = self._executor.submit(event_part, self._context, numbers)
        self._coming.append((told, list(self._print(shipments)) if self._documents else []))
        while self._coming and self._is_there(*self._coming[0]):
            self._take()

    def _print(self, shipments: Sequence[BookedShipment]) -> Iterator[tuple[Binding, Future[bytes]]]:
        labels, papers = records(self._context, shipments)
        for bound, typeset, pages in (
            (self.labels, typeset_labels, labels),
            (self.papers, typeset_papers, papers),
        ):
            for part in parts(pages):
                yield bound, self._executor.submit(typeset, part)

    def finish(self, progress: Callable[[int, int], None]) -> None:
        """Waits for the rest."""
        for done in range(total := len(self._coming)):
            progress(done, total)
            self._take()

    @staticmethod
    def _is_there(told: Future[bytes], printed: Sequence[tuple[Binding, Future[bytes]]]) -> bool:
        return told.done() and all(pages.done() for _, pages in printed)

    def _take(self) -> None:
        told, printed = self._coming.popleft()
        self.events.add(told.result())
        for bound, pages in printed:
            bound.add(pages.result())
