"""A flight has one load plan that stands, and a parcel leaves an airport on one of them; a plan can be withdrawn.

Plans of before have no departure: they stay readable and changeable, and nothing is compared with them.

Revision ID: 0056
"""

from alembic import op

from qafila.runtime.database.rights import everybody

revision = "0056"
down_revision = "0055"
BREAKS = (
    "checks and indexes load plans and their acts under a lock: an installation has some hundreds of them"
)

_STATES = "('built', 'changed', 'closed', 'withdrawn')"
_TABLES = f"""
ALTER TABLE load_plans DROP CONSTRAINT load_plans_state_check;
ALTER TABLE load_plans ADD CONSTRAINT load_plans_state_check CHECK (state IN {_STATES});
ALTER TABLE load_plan_acts DROP CONSTRAINT load_plan_acts_act_check;
ALTER TABLE load_plan_acts ADD CONSTRAINT load_plan_acts_act_check CHECK (act IN {_STATES});
ALTER TABLE load_plans ADD COLUMN departs timestamptz;
CREATE UNIQUE INDEX one_load_plan ON load_plans (tenant, flight, departs) WHERE state <> 'withdrawn';
CREATE TABLE load_plan_parcels (
    tenant text NOT NULL REFERENCES tenants,
    parcel text NOT NULL,
    origin text NOT NULL,  -- where the flight takes it on: a parcel that changes aircraft is on a plan at each airport
    plan   text NOT NULL REFERENCES load_plans,
    PRIMARY KEY (tenant, parcel, origin)
);
CREATE INDEX ON load_plan_parcels (plan);
"""


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute("ALTER TABLE load_plan_parcels ENABLE ROW LEVEL SECURITY")
    for said in everybody("load_plan_parcels", operator="SELECT, INSERT, DELETE", regulator="SELECT"):
        op.execute(said)


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE load_plan_parcels;
        DROP INDEX one_load_plan;
        ALTER TABLE load_plans DROP COLUMN departs;
        DELETE FROM load_plan_acts WHERE plan IN (SELECT plan FROM load_plans WHERE state = 'withdrawn');
        DELETE FROM load_plans WHERE state = 'withdrawn';
        ALTER TABLE load_plans DROP CONSTRAINT load_plans_state_check;
        ALTER TABLE load_plans ADD CONSTRAINT load_plans_state_check CHECK (state IN ('built', 'changed', 'closed'));
        ALTER TABLE load_plan_acts DROP CONSTRAINT load_plan_acts_act_check;
        ALTER TABLE load_plan_acts ADD CONSTRAINT load_plan_acts_act_check CHECK (act IN ('built', 'changed', 'closed'));
        """
    )
