"""/webhooks: where a tenant's events are sent to, and what became of each message."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from qafila.api.chassis.authentication import requires
from qafila.api.chassis.common_schema import In, shown
from qafila.api.chassis.paging import Cursor, Limit, Page, bad_cursor, decode, encode
from qafila.api.chassis.problems import responses
from qafila.runtime.accounts.model import Actor
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.webhooks import service
from qafila.runtime.webhooks.store import Endpoint, Message

router = APIRouter(tags=["webhooks"])
_DENIED = ("unauthorized", "insufficient-scope")
Reader = Annotated[Actor, Depends(requires("webhooks:read"))]
Writer = Annotated[Actor, Depends(requires("webhooks:write"))]


class WebhookIn(In):
    """An address to which events are sent from now on."""

    model_config = shown(
        {"url": "https://shop.example/hooks/qafila", "event_types": ["delivered", "customs_held"]}
    )

    url: str = Field(description="https:// or http://; redirections are not followed", max_length=2000)
    event_types: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=list, description="names of docs/tracking.md; none: all", max_length=200
    )
    description: str = Field(default="", max_length=200)


class WebhookOut(BaseModel):
    """A webhook as it stands."""

    id: str
    url: str
    description: str
    event_types: list[str]
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str = Field(description="owner, or gone: the receiver answered 410")
    failures: int = Field(description="one after the other, up to now")
    resting_until: datetime | None = Field(description="it failed often; nothing is tried before")
    old_secret_until: datetime | None = Field(
        description="until then the secret before the last change signs too"
    )
    waiting: int
    dead: int = Field(description="messages that were given up; they can be replayed")

    @classmethod
    def of(cls, e: Endpoint) -> WebhookOut:
        """From an endpoint."""
        return cls(
            id=e.id,
            url=e.url,
            description=e.description,
            event_types=list(e.types),
            created_at=e.created_at,
            disabled_at=e.disabled_at,
            disabled_why=e.disabled_why,
            failures=e.failures,
            resting_until=e.resting_until,
            old_secret_until=e.old_until,
            waiting=e.waiting,
            dead=e.dead,
        )


class SecretOut(BaseModel):
    """A secret; it is shown this once."""

    secret: str = Field(description="whsec_ and base64: the key of the signatures (Standard Webhooks 1.0)")


class WebhookMadeOut(WebhookOut, SecretOut):
    """A new webhook with its secret."""


class WebhookMessageOut(BaseModel):
    """A message and what became of it."""

    id: str = Field(description="the webhook-id of every attempt")
    position: int = Field(description="of its event: those of one subject are sent in this order")
    subject: str
    type: str
    state: str = Field(description="waiting, sent or dead")
    attempts: int
    due_at: datetime | None
    made_at: datetime
    last_try_at: datetime | None
    last_status: int | None
    last_error: str

    @classmethod
    def of(cls, m: Message) -> WebhookMessageOut:
        """From a message."""
        return cls(
            id=m.id,
            position=m.position,
            subject=m.subject,
            type=m.type,
            state=m.state,
            attempts=m.attempts,
            due_at=m.due_at if m.state == "waiting" else None,
            made_at=m.made_at,
            last_try_at=m.last_try_at,
            last_status=m.last_status,
            last_error=m.last_error,
        )


class ReplayIn(In):
    """Which dead messages are sent again."""

    message: str | None = Field(default=None, description="one of them; null: all", max_length=80)


class ReplayedOut(BaseModel):
    """How many messages are sent again."""

    replayed: int


@router.get("/webhooks", operation_id="listWebhooks", summary="List webhooks", responses=responses(*_DENIED))
def every(actor: Reader) -> list[WebhookOut]:
    """All of them, the oldest first."""
    return [WebhookOut.of(e) for e in service.every(actor.tenant)]


@router.post(
    "/webhooks",
    operation_id="createWebhook",
    summary="Have events sent to an address",
    status_code=201,
    responses=responses(*_DENIED, "invalid-request", "not-possible"),
)
def create(asked: WebhookIn, actor: Writer) -> WebhookMadeOut:
    """What happens from now on is sent there. Keep the secret: it cannot be shown again."""
    made, secret = service.create(
        actor.tenant, asked.url, asked.event_types, asked.description, actor.kind is TenantKind.HUB
    )
    return WebhookMadeOut(**WebhookOut.of(made).model_dump(), secret=secret)


@router.get(
    "/webhooks/{id}",
    operation_id="readWebhook",
    summary="Read a webhook",
    responses=responses(*_DENIED, "not-found"),
)
def read(id: str, actor: Reader) -> WebhookOut:
    """One of them."""
    return WebhookOut.of(service.find(actor.tenant, id))


@router.delete(
    "/webhooks/{id}",
    operation_id="removeWebhook",
    summary="End a webhook",
    status_code=204,
    responses=responses(*_DENIED, "not-found"),
)
def remove(id: str, actor: Writer) -> Response:
    """Nothing more is sent there, also of what waits."""
    service.remove(actor.tenant, id)
    return Response(status_code=204)


@router.post(
    "/webhooks/{id}/secret",
    operation_id="rotateWebhookSecret",
    summary="Change a webhook's secret",
    responses=responses(*_DENIED, "not-found"),
)
def rotate(id: str, actor: Writer) -> SecretOut:
    """Makes a new secret; the one before signs beside it for 24 hours."""
    return SecretOut(secret=service.rotate(actor.tenant, id))


@router.post(
    "/webhooks/{id}/{switch}",
    operation_id="switchWebhook",
    summary="Let a webhook on or off",
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def switch(id: str, switch: Literal["enable", "disable"], actor: Writer) -> WebhookOut:
    """What happens while it is off is not sent; follow `/events` for it."""
    return WebhookOut.of(service.enable(actor.tenant, id, switch == "enable"))


@router.get(
    "/webhooks/{id}/messages",
    operation_id="listWebhookMessages",
    summary="List messages of a webhook",
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def messages(
    id: str,
    actor: Reader,
    state: Literal["waiting", "sent", "dead"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[WebhookMessageOut]:
    """The newest first; those that arrived are kept for some weeks."""
    before = decode(cursor)
    if before is not None and not (before.isdecimal() and len(before) < 19):
        raise bad_cursor()
    found = service.messages(actor.tenant, id, state, None if before is None else int(before), limit + 1)
    more = len(found) > limit
    return Page(
        items=[WebhookMessageOut.of(m) for m in found[:limit]],
        next=encode(str(found[limit - 1].position)) if more else None,
    )


@router.post(
    "/webhooks/{id}/messages/replay",
    operation_id="replayWebhookMessages",
    summary="Send dead messages again",
    responses=responses(*_DENIED, "not-found", "invalid-request"),
)
def replay(id: str, asked: ReplayIn, actor: Writer) -> ReplayedOut:
    """In their order, under the ids that they had."""
    return ReplayedOut(replayed=service.replay(actor.tenant, id, asked.message))
