"""Reasons of customs steps and of screening hits are messages; what was text before is kept as text.

Revision ID: 0029
"""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE declaration_steps ALTER reason DROP DEFAULT, ALTER reason TYPE jsonb USING to_jsonb(reason),
            ALTER reason SET DEFAULT '""';
        ALTER TABLE screening_hits ALTER reason TYPE jsonb USING to_jsonb(reason);
        """
    )


def downgrade() -> None:
    # a message becomes its document as text: an earlier version shows it as it is
    op.execute(
        """
        ALTER TABLE declaration_steps ALTER reason DROP DEFAULT, ALTER reason TYPE text USING reason #>> '{}',
            ALTER reason SET DEFAULT '';
        ALTER TABLE screening_hits ALTER reason TYPE text USING reason #>> '{}';
        """
    )
