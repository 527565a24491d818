"""Counts of who asked how often: of no lasting worth, so not logged by PostgreSQL.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
        CREATE UNLOGGED TABLE asked_counts (
            name text NOT NULL,
            who  text NOT NULL,
            win  bigint NOT NULL,
            hits integer NOT NULL,
            at   timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (name, who, win)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE asked_counts")
