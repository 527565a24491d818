"""What the house tells its operator while it runs: structured logs, metrics, and spans where they are asked for.

Every line of the log and every span carries the id of the request or job in which it arose. No address's query, no body
and no SQL parameter is ever logged: personal data stand in them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import structlog
from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from qafila.runtime.settings import settings

REGISTRY = CollectorRegistry()
"""The metrics of this process."""

REQUESTS = Counter(
    "qafila_http_requests_total", "Requests answered.", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "qafila_http_request_seconds",
    "Time to the last byte of an answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
UNDER_WAY = Gauge("qafila_http_requests_under_way", "Requests that are being answered.", registry=REGISTRY)
JOBS = Gauge(
    "qafila_jobs",
    "Jobs that the queue knows, of all processes, by kind and state.",
    ["job", "state"],
    registry=REGISTRY,
)
JOBS_WAIT = Gauge(
    "qafila_jobs_waiting_seconds", "How long the oldest job waits for its turn.", registry=REGISTRY
)


def metrics() -> bytes:
    """All metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)


def start_logging() -> None:
    """Sends the log to standard error: a line of JSON each, or readable lines where a person watches.

    Called once by a command that serves or works. `QAFILA_LOG_FORMAT` decides; by default JSON unless standard error is a
    terminal.
    """
    as_json = settings().log_format == "json" or (settings().log_format == "auto" and not sys.stderr.isatty())
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings().log_level)
    # their own lines would repeat ours, or show SQL with its parameters
    for name in ("uvicorn.access", "sqlalchemy.engine", "alembic", "httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def told_with(**ids: str) -> Iterator[None]:
    """Puts ids (request, job, tenant) on every line that is logged within."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


@contextmanager
def span(name: str, **facts: str | int | float) -> Iterator[None]:
    """A span of OpenTelemetry around what is done within; costs nothing where no exporter is set."""
    with _tracer().start_as_current_span(name, attributes=dict(facts)):
        yield


@cache
def _tracer() -> trace.Tracer:
    """The tracer of this process; exports where `QAFILA_TRACES_TO` names a collector (OTLP over HTTP)."""
    target = settings().traces_to
    if target:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "qafila"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{target.rstrip('/')}/v1/traces")))
        trace.set_tracer_provider(provider)
    return trace.get_tracer("qafila")
