"""Air waybills, and ONE Record's objects with their revisions, requests, subscriptions and notifications.

A carrier sees what is his, and what he is named as a reader of.

Revision ID: 0031
"""

from alembic import op

from qafila.runtime.database.rights import OWN

revision = "0031"
down_revision = "0030"

_TABLES = """
CREATE TABLE waybills (
    waybill   text PRIMARY KEY,
    tenant    text NOT NULL,
    readers   text[] NOT NULL DEFAULT '{}',
    document  jsonb NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE TABLE waybill_parcels (
    parcel  text PRIMARY KEY,
    waybill text NOT NULL REFERENCES waybills,
    house   text NOT NULL DEFAULT '',
    grams   bigint NOT NULL
);
CREATE INDEX ON waybill_parcels (waybill);
CREATE TABLE cargo_objects (
    object   text PRIMARY KEY,
    type     text NOT NULL,
    tenant   text NOT NULL,
    readers  text[] NOT NULL DEFAULT '{}',
    revision integer NOT NULL CHECK (revision > 0)
);
CREATE INDEX ON cargo_objects (type);
CREATE TABLE cargo_revisions (
    object   text NOT NULL REFERENCES cargo_objects,
    revision integer NOT NULL,
    document jsonb NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (object, revision)
);
CREATE TABLE cargo_requests (
    request  text PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('ChangeRequest', 'SubscriptionRequest')),
    object   text NOT NULL,
    status   text NOT NULL,
    document jsonb NOT NULL,
    tenant   text NOT NULL,
    readers  text[] NOT NULL DEFAULT '{}', -- who holds the object
    errors   jsonb,
    at       timestamptz NOT NULL,
    since    timestamptz NOT NULL
);
CREATE INDEX ON cargo_requests (object);
CREATE TABLE cargo_subscriptions (
    subscription text PRIMARY KEY,
    request      text NOT NULL REFERENCES cargo_requests,
    tenant       text NOT NULL,
    hub          boolean NOT NULL DEFAULT false,
    topic_type   text NOT NULL,
    topic        text NOT NULL,
    events       text[] NOT NULL,
    document     jsonb NOT NULL,
    expires_at   timestamptz
);
CREATE INDEX ON cargo_subscriptions (topic);
CREATE TABLE cargo_notifications (
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription text NOT NULL REFERENCES cargo_subscriptions,
    tenant       text NOT NULL,
    document     jsonb NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX ON cargo_notifications (tenant, seq);

-- who changes an object sees no subscription but his own; the others hear of it all the same
CREATE FUNCTION cargo_notify(p_event text, p_object text, p_type text, p_told jsonb, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    told_to integer;
BEGIN
    INSERT INTO cargo_notifications (subscription, tenant, document, at)
    SELECT s.subscription, s.tenant, p_told, p_at FROM cargo_subscriptions s
        JOIN cargo_requests r ON r.request = s.request AND r.status = 'REQUEST_ACCEPTED'
        JOIN cargo_objects o ON o.object = p_object AND (s.hub OR o.tenant = s.tenant OR s.tenant = ANY(o.readers))
    WHERE p_event = ANY(s.events) AND (s.expires_at IS NULL OR s.expires_at > p_at)
        AND (s.topic_type, s.topic) IN (('LOGISTICS_OBJECT_IDENTIFIER', p_object), ('LOGISTICS_OBJECT_TYPE', p_type));
    GET DIAGNOSTICS told_to = ROW_COUNT;
    RETURN told_to;
END $$;
REVOKE ALL ON FUNCTION cargo_notify FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cargo_notify TO qafila_operator, qafila_partner;
"""
_HELD = {
    "waybills": f"tenant = {OWN} OR {OWN} = ANY(readers)",
    "waybill_parcels": "EXISTS (SELECT FROM waybills w WHERE w.waybill = waybill_parcels.waybill)",
    "cargo_objects": f"tenant = {OWN} OR {OWN} = ANY(readers)",
    "cargo_revisions": "EXISTS (SELECT FROM cargo_objects o WHERE o.object = cargo_revisions.object)",
    "cargo_requests": f"tenant = {OWN} OR {OWN} = ANY(readers)",
    "cargo_subscriptions": f"tenant = {OWN}",
    "cargo_notifications": f"tenant = {OWN}",
}
"""What a carrier sees. Subscriptions of others are told by `cargo_notify`."""


def upgrade() -> None:
    op.execute(_TABLES)
    for table, seen in _HELD.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY everything ON {table} TO qafila_operator USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY reads ON {table} FOR SELECT TO qafila_regulator USING (true)")
        op.execute(f"CREATE POLICY own ON {table} TO qafila_partner USING ({seen}) WITH CHECK (true)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO qafila_operator, qafila_partner")
        op.execute(f"GRANT SELECT ON {table} TO qafila_regulator")


def downgrade() -> None:
    op.execute("DROP FUNCTION cargo_notify")
    op.execute(
        "DROP TABLE cargo_notifications, cargo_subscriptions, cargo_requests, cargo_revisions, cargo_objects, "
        "waybill_parcels, waybills"
    )
