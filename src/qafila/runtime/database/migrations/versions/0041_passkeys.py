"""Passkeys: public keys with which people sign in, and the challenges that they answer, each once.

Revision ID: 0041
"""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE passkeys (
            credential_id bytea PRIMARY KEY,
            person_id     text NOT NULL REFERENCES people,
            public_key    bytea NOT NULL,
            sign_count    bigint NOT NULL,
            name          text NOT NULL,
            made_at       timestamptz NOT NULL,
            used_at       timestamptz
        );
        CREATE INDEX ON passkeys (person_id);
        CREATE TABLE passkey_challenges (
            challenge  bytea PRIMARY KEY,
            person_id  text REFERENCES people,  -- who makes a passkey; none: somebody signs in
            expires_at timestamptz NOT NULL
        );
        ALTER TABLE passkeys ENABLE ROW LEVEL SECURITY;
        ALTER TABLE passkey_challenges ENABLE ROW LEVEL SECURITY;
        CREATE POLICY doorkeeper ON passkeys TO qafila_doorkeeper USING (true) WITH CHECK (true);
        CREATE POLICY doorkeeper ON passkey_challenges TO qafila_doorkeeper USING (true) WITH CHECK (true);
        GRANT SELECT, INSERT, DELETE, UPDATE (sign_count, used_at) ON passkeys TO qafila_doorkeeper;
        GRANT SELECT, INSERT, DELETE ON passkey_challenges TO qafila_doorkeeper;
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE passkey_challenges, passkeys")
