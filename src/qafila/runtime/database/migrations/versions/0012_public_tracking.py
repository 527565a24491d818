"""A role for whoever has a parcel's number and nothing else: it reads that there is such a parcel, and its history.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"

_RIGHTS = {"parcels": "SELECT (number, merchant_id, shipment_id)", "events": "SELECT"}


def upgrade() -> None:
    op.execute(
        "DO $$ BEGIN CREATE ROLE qafila_public NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    op.execute("DO $$ BEGIN EXECUTE format('GRANT qafila_public TO %I', current_user); END $$")
    op.execute("GRANT USAGE ON SCHEMA public TO qafila_public")
    for table, rights in _RIGHTS.items():
        op.execute(f"CREATE POLICY by_number ON {table} FOR SELECT TO qafila_public USING (true)")
        op.execute(f"GRANT {rights} ON {table} TO qafila_public")


def downgrade() -> None:
    for table in _RIGHTS:
        op.execute(f"DROP POLICY by_number ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM qafila_public")
    op.execute("REVOKE USAGE ON SCHEMA public FROM qafila_public")
