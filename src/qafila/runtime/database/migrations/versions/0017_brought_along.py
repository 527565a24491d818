"""What a merchant brought from another installation: receipts of its log, and rows for which there is no place here yet.

Revision ID: 0017
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE brought_receipts (
            tenant_id text NOT NULL REFERENCES tenants,
            name      text NOT NULL,  -- of the file
            receipt   text NOT NULL,
            openings  text NOT NULL,
            PRIMARY KEY (tenant_id, name)
        );
        CREATE TABLE brought_rows (
            tenant_id  text NOT NULL REFERENCES tenants,
            table_name text NOT NULL,
            row        text NOT NULL,  -- as the other installation wrote it
            PRIMARY KEY (tenant_id, table_name, row)
        );
        """
    )
    for table in ("brought_receipts", "brought_rows"):
        for said in bound(table, merchant="SELECT", column="tenant_id"):
            op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE brought_receipts, brought_rows")
