"""The role that acts for a merchant, bound by row-level security.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE qafila_merchant NOLOGIN;
        EXCEPTION WHEN duplicate_object THEN NULL; END $$
        """
    )
    op.execute("DO $$ BEGIN EXECUTE format('GRANT qafila_merchant TO %I', current_user); END $$")
    op.execute("GRANT USAGE ON SCHEMA public TO qafila_merchant")


def downgrade() -> None:
    op.execute("REVOKE USAGE ON SCHEMA public FROM qafila_merchant")
