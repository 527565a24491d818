"""Sign-ins with OpenID Connect providers: those that have begun, and with whom people are linked.

Revision ID: 0044
"""

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE oidc_begun (
            state_hash   bytea PRIMARY KEY,
            provider     text NOT NULL,
            browser_hash bytea NOT NULL,
            nonce        text NOT NULL,
            verifier     text NOT NULL,
            next         text NOT NULL,
            person_id    text REFERENCES people,  -- who links it with his account; none: somebody signs in
            expires_at   timestamptz NOT NULL
        );
        CREATE INDEX ON oidc_begun (expires_at);
        CREATE TABLE oidc_links (
            issuer    text NOT NULL,
            subject   text NOT NULL,
            person_id text NOT NULL REFERENCES people,
            email     text NOT NULL,
            linked_at timestamptz NOT NULL,
            used_at   timestamptz,
            PRIMARY KEY (issuer, subject)
        );
        CREATE INDEX ON oidc_links (person_id);
        ALTER TABLE oidc_begun ENABLE ROW LEVEL SECURITY;
        ALTER TABLE oidc_links ENABLE ROW LEVEL SECURITY;
        CREATE POLICY doorkeeper ON oidc_begun TO qafila_doorkeeper USING (true) WITH CHECK (true);
        CREATE POLICY doorkeeper ON oidc_links TO qafila_doorkeeper USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, DELETE ON oidc_begun TO qafila_doorkeeper;
        GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON oidc_links TO qafila_doorkeeper;
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE oidc_links, oidc_begun")
