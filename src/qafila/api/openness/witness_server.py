"""A witness over HTTP (C2SP tlog-witness). It runs by itself: no database, no account, one folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from qafila.openness.log import log_signing
from qafila.openness.log.witnessing import LONGEST_REQUEST, Witness
from qafila.openness.verifier import COSIGNATURE, ML_DSA_COSIGNATURE, Key, read_key


@dataclass(frozen=True, slots=True)
class Prepared:
    """A witness with its keys, which logs are told."""

    witness: Witness
    keys: tuple[Key, ...]
    folder: Path


def prepare(folder: Path, name: str, logs: Sequence[str]) -> Prepared:
    """A witness whose keys are in a folder; made there, one of each kind, where there are none.

    Args:
        folder: keys, and the newest checkpoint of each log.
        name: its name, if its keys are to be made.
        logs: verifier keys of the logs that it follows; those of one name are keys of one log.

    Raises:
        Broken: a key is none.
    """
    signers = []
    for kind, file in ((COSIGNATURE, "ed25519.key"), (ML_DSA_COSIGNATURE, "ml-dsa-44.key")):
        path = folder / "keys" / file
        if not path.exists():
            log_signing.keep(path, log_signing.signer(name, kind))
        signers.append(log_signing.kept(path))
    known: dict[str, list[Key]] = {}
    for line in logs:
        key = read_key(line)
        known.setdefault(key.name, []).append(key)
    seen = folder / "seen"
    witness = Witness(signers, known, seen, lambda: int(time.time()))
    return Prepared(witness, tuple(one.key for one in signers), seen)


def create_app(prepared: Prepared) -> FastAPI:
    """The application: POST /add-checkpoint, and GET /ORIGIN-HASH/checkpoint for monitors."""
    app = FastAPI(title="qafila witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_REQUEST:
                return PlainTextResponse("the request is too long\n", 413)
        answer = await run_in_threadpool(prepared.witness.add_checkpoint, body)
        return Response(answer.body, answer.status, {"content-type": answer.content_type})

    @app.get("/{origin_hash}/checkpoint")
    def checkpoint(origin_hash: str) -> Response:
        path = prepared.folder / origin_hash / "checkpoint"
        if len(origin_hash) != 64 or not origin_hash.isalnum() or not path.is_file():
            return PlainTextResponse("nothing was cosigned for this log\n", 404)
        return Response(path.read_bytes(), media_type="text/plain; charset=utf-8")

    return app
