"""Who asked for a change or a subscription of ONE Record hears how his request stands, where he wanted to.

Such a notification is of no subscription. The function writes it to who made the request, and to nobody else.

Revision ID: 0049
"""

from alembic import op

revision = "0049"
down_revision = "0048"

_UP = """
ALTER TABLE cargo_notifications ALTER COLUMN subscription DROP NOT NULL;
CREATE FUNCTION cargo_notify_request(p_request text, p_told jsonb, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    told_to integer;
BEGIN
    WITH told AS (
        INSERT INTO cargo_notifications (subscription, tenant, document, at)
        SELECT NULL, r.tenant, p_told, p_at FROM cargo_requests r WHERE r.request = p_request
        RETURNING seq, tenant
    ), pushed AS (
        INSERT INTO webhook_messages (merchant_id, endpoint_id, message_id, position, subject, type, body, tries_left)
        SELECT t.tenant, e.endpoint_id, 'msg_' || translate(CAST(gen_random_uuid() AS text), '-', ''), t.seq,
            'one-record:' || p_request, 'one-record', convert_to(CAST(p_told AS text), 'UTF8'), 10
        FROM told t JOIN webhook_endpoints e ON e.merchant_id = t.tenant
        WHERE 'one-record' = ANY(e.event_types) AND e.deleted_at IS NULL AND e.disabled_at IS NULL
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO told_to FROM told;
    RETURN told_to;
END $$;
REVOKE ALL ON FUNCTION cargo_notify_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cargo_notify_request TO qafila_operator, qafila_partner;
"""


def upgrade() -> None:
    op.execute(_UP)


def downgrade() -> None:
    op.execute("DROP FUNCTION cargo_notify_request")
    op.execute("DELETE FROM cargo_notifications WHERE subscription IS NULL")
    op.execute("ALTER TABLE cargo_notifications ALTER COLUMN subscription SET NOT NULL")
