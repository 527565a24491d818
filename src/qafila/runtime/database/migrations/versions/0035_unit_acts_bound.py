"""Acts on bags and ULDs are under row-level security, as every table that says whose a row is.

Revision ID: 0035
"""

from alembic import op

from qafila.runtime.database.rights import everybody

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.execute("ALTER TABLE unit_acts ENABLE ROW LEVEL SECURITY")
    rights = "SELECT, INSERT"
    for said in everybody("unit_acts", operator=rights, regulator="SELECT", partner=rights):
        op.execute(said)


def downgrade() -> None:
    op.execute("DROP POLICY operator_sees_all ON unit_acts")
    op.execute("DROP POLICY regulator_sees_all ON unit_acts")
    op.execute("DROP POLICY partner_sees_all ON unit_acts")
    op.execute("ALTER TABLE unit_acts DISABLE ROW LEVEL SECURITY")
