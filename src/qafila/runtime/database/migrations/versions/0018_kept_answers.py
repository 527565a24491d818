"""Answers kept for requests with an idempotency key.

Revision ID: 0018
"""

from alembic import op

from qafila.runtime.database.rights import OWN

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE kept_answers (
            tenant_id   text NOT NULL REFERENCES tenants,
            operation   text NOT NULL,  -- method and address
            key         text NOT NULL,
            fingerprint bytea NOT NULL,  -- of what the request says
            begun_at    timestamptz NOT NULL DEFAULT now(),
            status      smallint,  -- of the answer; none while the request is at work
            headers     jsonb,
            body        bytea,
            PRIMARY KEY (tenant_id, operation, key),
            CHECK ((status IS NULL) = (body IS NULL))
        );
        CREATE INDEX kept_answers_by_age ON kept_answers (begun_at);
        ALTER TABLE kept_answers ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own_tenant ON kept_answers TO qafila_accounts
            USING (tenant_id = {OWN}) WITH CHECK (tenant_id = {OWN});
        GRANT SELECT, INSERT, UPDATE (begun_at, status, headers, body), DELETE ON kept_answers TO qafila_accounts;
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE kept_answers")
