"""Bookings that a merchant brought from another installation, which carries and invoices them; rows that are brought may
be longer than an index holds.

Revision ID: 0045
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0045"
down_revision = "0044"
BREAKS = "builds an index on brought_rows under a lock: only merchants who arrived have rows there, and no request writes them"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE brought_bookings (
            tenant_id    text NOT NULL REFERENCES tenants,
            booking_id   text NOT NULL,
            installation text NOT NULL,  -- the name of its log
            PRIMARY KEY (tenant_id, booking_id)
        );
        ALTER TABLE brought_rows DROP CONSTRAINT brought_rows_pkey;
        CREATE UNIQUE INDEX brought_rows_once ON brought_rows (tenant_id, table_name, md5(row));
        """
    )
    for said in bound("brought_bookings", merchant="SELECT", column="tenant_id"):
        op.execute(said)


def downgrade() -> None:
    op.execute(
        """
        DROP INDEX brought_rows_once;
        ALTER TABLE brought_rows ADD PRIMARY KEY (tenant_id, table_name, row);
        DROP TABLE brought_bookings;
        """
    )
