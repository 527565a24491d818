"""What was told of bags' moves in parcels' histories says of which act, by whom and of when.

Revision ID: 0026
"""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE unit_told
            ADD COLUMN act text NOT NULL,  -- nothing was told before: no unit could be acted on
            ADD COLUMN step text NOT NULL,
            ADD COLUMN reporter text NOT NULL,
            ADD COLUMN tenant text NOT NULL,
            ADD COLUMN device text NOT NULL DEFAULT '',
            ADD COLUMN told_at timestamptz NOT NULL;
        """
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE unit_told DROP COLUMN act, DROP COLUMN step, DROP COLUMN reporter, DROP COLUMN tenant, "
        "DROP COLUMN device, DROP COLUMN told_at"
    )
