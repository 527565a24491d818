"""ONE Record's notifications are posted to an address: what a subscriber is told becomes a message to his webhooks, too.

It is written with the notification, in one transaction, so that each is sent if and only if it is there.

Revision ID: 0047
"""

from alembic import op

revision = "0047"
down_revision = "0046"

_FUNCTION = """
CREATE OR REPLACE FUNCTION cargo_notify(p_event text, p_object text, p_type text, p_told jsonb, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    told_to integer;
BEGIN
    WITH told AS (
        INSERT INTO cargo_notifications (subscription, tenant, document, at)
        SELECT s.subscription, s.tenant, p_told, p_at FROM cargo_subscriptions s
            JOIN cargo_requests r ON r.request = s.request AND r.status = 'REQUEST_ACCEPTED'
            JOIN cargo_objects o ON o.object = p_object AND (s.hub OR o.tenant = s.tenant OR s.tenant = ANY(o.readers))
        WHERE p_event = ANY(s.events) AND (s.expires_at IS NULL OR s.expires_at > p_at)
            AND (s.topic_type, s.topic) IN (('LOGISTICS_OBJECT_IDENTIFIER', p_object), ('LOGISTICS_OBJECT_TYPE', p_type))
        RETURNING seq, tenant
    ), pushed AS (
        INSERT INTO webhook_messages (merchant_id, endpoint_id, message_id, position, subject, type, body, tries_left)
        SELECT t.tenant, e.endpoint_id, 'msg_' || translate(CAST(gen_random_uuid() AS text), '-', ''), t.seq,
            'one-record:' || p_object, 'one-record', convert_to(CAST(p_told AS text), 'UTF8'), 10
        FROM told t JOIN webhook_endpoints e ON e.merchant_id = t.tenant
        WHERE 'one-record' = ANY(e.event_types) AND e.deleted_at IS NULL AND e.disabled_at IS NULL
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO told_to FROM told;
    RETURN told_to;
END $$;
"""
_BEFORE = """
CREATE OR REPLACE FUNCTION cargo_notify(p_event text, p_object text, p_type text, p_told jsonb, p_at timestamptz) RETURNS integer
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
"""


def upgrade() -> None:
    op.execute(_FUNCTION)


def downgrade() -> None:
    op.execute(_BEFORE)
