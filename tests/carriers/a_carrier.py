"""A carrier's own system, as a small HTTP server with a memory: it takes parcels, makes labels, and tells what happens."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LABEL = b"^XA^FO20,20^FDAtlas^FS^XZ"


class Atlas:
    """What the carrier knows. `refuses` and `late` are parcels of which it takes none, or makes no label at once."""

    secret = "s3cret"

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        self.asked = 0
        self.events: list[dict[str, Any]] = []
        self.gone: list[str] = []
        self.refuses = False
        self.late = False
        self.nonsense: bytes | None = None

    def tell(self, **event: Any) -> None:
        """Something happened."""
        self.events.append(event)

    def label(self) -> dict[str, str]:
        """As it answers."""
        return {"kind": "application/zpl", "content": base64.b64encode(LABEL).decode()}


@contextmanager
def serving(carrier: Atlas) -> Iterator[str]:
    """The address at which it answers."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, status: int, said: Any) -> None:
            body = carrier.nonsense if carrier.nonsense is not None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _known(self) -> bool:
            if self.headers["authorization"] == f"Bearer {carrier.secret}":
                return True
            self._answer(401, {})
            return False

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if not self._known():
                return
            carrier.asked += 1
            if carrier.refuses:
                self._answer(422, {"reason": "too heavy for us"})
                return
            carrier.taken[body["parcel"]] = body
            said: dict[str, Any] = {"reference": f"ATL-{body['parcel']}"}
            self._answer(201, said if carrier.late else said | {"label": carrier.label()})

        def do_DELETE(self) -> None:
            if self._known():
                carrier.gone.append(unquote(self.path.rsplit("/", 1)[-1]))
                self._answer(200, {})

        def do_GET(self) -> None:
            if not self._known():
                return
            if self.path.endswith("/label"):
                self._answer(404 if carrier.late else 200, {} if carrier.late else carrier.label())
                return
            after = int(parse_qs(urlsplit(self.path).query, keep_blank_values=True)["after"][0] or 0)
            some = carrier.events[after : after + 2]
            self._answer(200, {"events": some, "next": str(after + len(some))})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/qafila"
    finally:
        server.shutdown()
        server.server_close()
