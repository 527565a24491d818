"""Cursors of projections; webhooks: where events are sent to, with which secrets, and what became of each.

Revision ID: 0015
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE event_cursors (
            name     text PRIMARY KEY,
            position bigint NOT NULL,
            moved_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE TABLE webhook_endpoints (
            merchant_id   text NOT NULL,
            endpoint_id   text PRIMARY KEY,
            url           text NOT NULL,
            description   text NOT NULL DEFAULT '',
            event_types   text[] NOT NULL DEFAULT '{}',  -- none named: all
            secret        bytea NOT NULL,
            old_secret    bytea,  -- signs too until `old_until`
            old_until     timestamptz,
            inside        boolean NOT NULL,  -- may be an address of the hub's own network
            since         bigint NOT NULL,  -- events behind this position
            created_at    timestamptz NOT NULL DEFAULT now(),
            disabled_at   timestamptz,
            disabled_why  text NOT NULL DEFAULT '',
            failures      integer NOT NULL DEFAULT 0,  -- one after the other
            resting_until timestamptz,
            deleted_at    timestamptz,
            UNIQUE (merchant_id, endpoint_id)
        );
        CREATE INDEX ON webhook_endpoints (merchant_id) WHERE deleted_at IS NULL;

        CREATE TABLE webhook_messages (
            merchant_id  text NOT NULL,
            endpoint_id  text NOT NULL REFERENCES webhook_endpoints,
            message_id   text NOT NULL,
            position     bigint NOT NULL,  -- of its event
            subject      text NOT NULL,    -- what must be sent in order
            type         text NOT NULL,
            body         bytea NOT NULL,
            state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead')),
            attempts     integer NOT NULL DEFAULT 0,
            tries_left   integer NOT NULL,
            due_at       timestamptz NOT NULL DEFAULT now(),
            made_at      timestamptz NOT NULL DEFAULT now(),
            last_try_at  timestamptz,
            last_status  integer,
            last_error   text NOT NULL DEFAULT '',
            PRIMARY KEY (endpoint_id, position)
        );
        CREATE UNIQUE INDEX ON webhook_messages (message_id);
        CREATE INDEX webhook_messages_waiting ON webhook_messages (endpoint_id, subject, position) WHERE state = 'waiting';
        CREATE INDEX webhook_messages_dead ON webhook_messages (endpoint_id, position) WHERE state = 'dead';
        """
    )
    for said in bound(
        "webhook_endpoints",
        merchant="SELECT (merchant_id, endpoint_id, url, description, event_types, old_until, since, created_at, "
        "disabled_at, disabled_why, failures, resting_until, deleted_at)",
        operator="SELECT (merchant_id, endpoint_id, url, description, event_types, old_until, since, created_at, "
        "disabled_at, disabled_why, failures, resting_until, deleted_at)",
        regulator="",
    ):
        op.execute(said)
    for said in bound("webhook_messages", merchant="SELECT", operator="SELECT", regulator=""):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE webhook_messages, webhook_endpoints, event_cursors")
