"""What the workers make of the parcels that were booked: labels, papers and histories, gathered in the order of the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from tempfile import TemporaryFile

from qafila.shipping.files.outputs import event_part
from qafila.shipping.files.preparing import records, typeset_parts
from qafila.shipping.papers.binding import Binding
from qafila.shipping.papers.labels import BookedParcel


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

    def __init__(self, executor: Executor, merchant: str, documents: bool) -> None:
        self.events, self.labels, self.papers = Pieces(), Binding(), Binding()
        self._executor, self._merchant, self._documents = executor, merchant, documents
        self._coming: deque[tuple[Future[bytes], Future[tuple[list[bytes], list[bytes]]] | None]] = deque()

    def ask(self, parcels: Sequence[BookedParcel]) -> None:
        """Asks for what belongs to booked parcels; takes what is there of what was asked before."""
        told = self._executor.submit(event_part, self._merchant, [parcel.number for parcel in parcels])
        printed = self._executor.submit(typeset_parts, *records(parcels)) if self._documents else None
        self._coming.append((told, printed))
        while self._coming and all(part is None or part.done() for part in self._coming[0]):
            self._take()

    def finish(self, progress: Callable[[int, int], None]) -> None:
        """Waits for the rest."""
        for done in range(total := len(self._coming)):
            progress(done, total)
            self._take()

    def _take(self) -> None:
        told, printed = self._coming.popleft()
        self.events.add(told.result())
        labels, papers = printed.result() if printed is not None else ([], [])
        for piece in labels:
            self.labels.add(piece)
        for piece in papers:
            self.papers.add(piece)
