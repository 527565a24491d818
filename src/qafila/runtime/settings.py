"""What an operator may set, all of it through the environment (`QAFILA_…`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _safe(address: str) -> str:
    """Tokens and secrets go to this address: encrypted, unless it is this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    ):
        raise ValueError("an issuer is an https address")
    if parts.query or parts.fragment or not parts.hostname:
        raise ValueError("an issuer is an address without a query")
    return address


class SignInProvider(BaseModel):
    """An OpenID Connect provider with which people may sign in.

    Attributes:
        id: stands in addresses, such as `company`; what was linked stays linked when it changes.
        name: what the button says; the id if it is empty.
        issuer: the provider's own name for itself, to the letter.
        client_id: what the provider calls this hub.
        client_secret: what the hub proves itself with; none for a public client.
        client_secret_file: a file with that secret in place of it, read at each use.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    name: str = Field(default="", max_length=60)
    issuer: Annotated[str, AfterValidator(_safe)]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None


class Settings(BaseSettings):
    """Every setting of qafila; docs/settings.md lists each and a test holds the two together."""

    model_config = SettingsConfigDict(env_prefix="QAFILA_", env_parse_none_str="null")

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("qafila")),
        description="Folder of the embedded database server and of all state.",
    )
    database_url: str | None = Field(
        default=None,
        description="A PostgreSQL of your own (postgresql://user@host/name); without it an embedded one runs in the home folder.",
    )
    connections: int | None = Field(
        default=None,
        ge=17,
        description="Connections to PostgreSQL that one process opens at most; without it `qafila serve` works out what fits, other processes open 41.",
    )
    durable: bool = Field(
        default=True,
        description="Whether the embedded database waits until the disk has what it answers for; `false` is quicker and loses the last of it when the power fails: for tests and trials.",
    )
    cn22_limit_sdr: int | None = Field(
        default=300,
        description="Value in SDR above which a parcel carries a CN23 instead of a CN22; `null` for a post that sets none (UPU forms since June 2023).",
    )
    host: str = Field(default="127.0.0.1", description="Address on which `qafila serve` listens.")
    port: int = Field(
        default=8400, description="Port of `qafila serve`; the next free one is taken if it is busy."
    )
    log_origin: str = Field(
        default="localhost/qafila",
        pattern=r"^[^\s+]+$",
        description="Name of the transparency log, which its keys carry for good: the address of its files without the scheme, such as `hub.example/log`.",
    )
    log_folder: Path | None = Field(
        default=None,
        description="Folder of the log's files, for a web server to serve as they are; `log` in the home folder if not set.",
    )
    log_witnesses: list[str] = Field(
        default_factory=list,
        description='Witnesses of the log, as a JSON list of `"VKEY ADDRESS"`; lines of one witness with several keys have the same address.',
    )
    log_promise_seconds: int = Field(
        default=60,
        ge=1,
        description="Seconds after a decision within which its entry is promised to be in the log.",
    )
    country: str = Field(
        default="MA",
        pattern=r"^[A-Z]{2}$",
        description="The hub's own country (ISO 3166), from which its exports are counted.",
    )
    gs1_prefix: str = Field(
        default="9521234",
        pattern=r"^([0-9]{7})?$",
        description="The hub's GS1 company prefix of 7 digits, for the SSCC of parcels and the GS1 symbol on their labels; the default is GS1's own for demonstrations, empty prints none.",
    )
    data_places: list[str] = Field(
        default_factory=list,
        description='Where data lie, as a JSON list of `"WHAT;COUNTRY;HOLDER"`; the log is told of it and of each change.',
    )
    retention: list[str] = Field(
        default_factory=list,
        description='How long what is kept, where it differs from facts/retention.csv, as a JSON list of `"KIND;TERRITORY;DAYS"`.',
    )
    partner_networks: list[str] = Field(
        default_factory=list,
        description='Networks with which parcels are exchanged, as a JSON list of `"VKEY ADDRESS TENANT"`: the first key of its log, where it answers (`-`: it is not asked), and who stands for it here; the last two may be left out.',
    )
    limits: bool = Field(
        default=True,
        description="Whether requests are counted by key and address, and refused with 429 above the limits of docs/hardening.md.",
    )
    proxies: str | None = Field(
        default=None,
        description="Addresses of your reverse proxies, with commas: what they say of a client's address is believed.",
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="How `qafila serve` and `qafila work` log: `json`, `text`, or `auto`: text where a terminal shows it, else JSON.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="What is logged: this and what is graver. `INFO` logs every request."
    )
    metrics_token: str | None = Field(
        default=None,
        description="Token that `/metrics` asks for; without it whoever reaches the server reads its counts.",
    )
    traces_to: str | None = Field(
        default=None,
        description="Address of an OpenTelemetry collector (OTLP over HTTP); without it no spans are made.",
    )
    keep_files_days: int = Field(
        default=30,
        ge=1,
        description="Days for which a file of orders that was booked in the portal is kept with what came out of it; one that was only looked at goes after a day.",
    )
    webhooks_inside: bool = Field(
        default=False,
        description="Whether every tenant may have webhooks sent to addresses of this machine and of private networks; the hub itself always may.",
    )

    public_address: str = Field(
        default="http://127.0.0.1:8400",
        pattern=r"^https?://",
        description="Address at which buyers reach this hub: links in messages begin with it.",
    )
    roads: str | None = Field(
        default=None,
        pattern=r"^(osrm|valhalla)\+https?://",
        description="Routing server that tells road distances of rounds: `osrm+http://host:5000` or `valhalla+http://host:8002`; without it the network's own model does.",
    )
    lockers: dict[str, str] = Field(
        default_factory=dict,
        description='Lockers by the name that compartments give as their adapter, as JSON: `{"smart": "https://:TOKEN@host/path"}`; see [delivery](delivery.md).',
    )
    notices: list[Literal["email", "sms", "whatsapp"]] = Field(
        default=["email", "sms"],
        description='Channels by which buyers are told of their parcels, as a JSON list of `"email"`, `"sms"`, `"whatsapp"`.',
    )
    smtp: str | None = Field(
        default=None,
        description="Mail server (`smtp://user:password@host:587` or `smtps://…`); without it e-mail stays in the sandbox.",
    )
    mail_from: str = Field(default="parcels@localhost", description="Sender of e-mail.")
    sms_gateway: str | None = Field(
        default=None,
        description="Gateway that sends SMS: an address that takes our JSON, or `twilio://SID:TOKEN@api.twilio.com?from=+212…`; without it they stay in the sandbox.",
    )
    whatsapp_gateway: str | None = Field(
        default=None,
        description="Gateway that sends WhatsApp messages: an address that takes our JSON, `twilio://…`, or `cloudapi://NUMBER_ID:TOKEN@graph.facebook.com/v21.0`; without it they stay in the sandbox.",
    )
    gateway_token: str | None = Field(default=None, description="Token that the gateways are sent as bearer.")
    sign_in_providers: list[SignInProvider] = Field(
        default_factory=list,
        description='OpenID Connect providers with which people may sign in, as a JSON list of `{"id", "name", "issuer", "client_id", "client_secret_file"}`; see [accounts](accounts.md).',
    )

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        for what in ("id", "issuer"):
            values = [getattr(one, what) for one in self.sign_in_providers]
            if len(set(values)) < len(values):
                raise ValueError(f"QAFILA_SIGN_IN_PROVIDERS names the same {what} twice")
        return self


@cache
def own_settings() -> Settings:
    """The settings of this process, read once: of its own hub, whatever place is being worked in."""
    return Settings()


_elsewhere: ContextVar[Settings | None] = ContextVar("settings of another place", default=None)


def settings() -> Settings:
    """The settings of the place that is being worked in: the hub of this process, or a place of practice."""
    return _elsewhere.get() or own_settings()


settings.cache_clear = own_settings.cache_clear  # type: ignore[attr-defined]  # tests clear it by the name that all use


@contextmanager
def elsewhere(other: Settings) -> Iterator[None]:
    """Works with other settings for a while, in this thread or task and in what it calls."""
    token = _elsewhere.set(other)
    try:
        yield
    finally:
        _elsewhere.reset(token)
