"""What webhooks say to people."""

from __future__ import annotations

from qafila.core.message import template

SCOPE_READ = template("webhooks.scope_read", "read webhooks and what became of their messages")
SCOPE_WRITE = template("webhooks.scope_write", "have events sent to addresses, change and end that")
NO_URL = template("webhooks.no_url", "This is not an address that events can be sent to.")
USE_URL = template(
    "webhooks.use_url",
    "Give an address that begins with https:// or http://, without a name and password in it.",
)
INSIDE = template("webhooks.inside", "{host} is an address inside the hub's own network.")
USE_PUBLIC = template(
    "webhooks.use_public", "Use a public address, or ask the operator to set QAFILA_WEBHOOKS_INSIDE."
)
NO_TYPE = template("webhooks.no_type", "There is no event type {name}.")
USE_TYPES = template("webhooks.use_types", "Name types of docs/tracking.md, or none for all.")
NO_ENDPOINT = template("webhooks.no_endpoint", "There is no webhook {id}.")
LIST_THEM = template("webhooks.list_them", "List the webhooks to see their ids.")
TOO_MANY = template("webhooks.too_many", "There are {count} webhooks already.")
REMOVE_ONE = template("webhooks.remove_one", "Remove one that is not needed any more.")
TOO_LONG = template("webhooks.too_long", "The description is longer than {count} letters.")
SHORTEN = template("webhooks.shorten", "Shorten it.")
ALONE = template("webhooks.alone", "{name} is sent to an endpoint of its own: it cannot stand beside others.")
ONE_MORE_ENDPOINT = template("webhooks.one_more_endpoint", "Make another webhook for it.")
