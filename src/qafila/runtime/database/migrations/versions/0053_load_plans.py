"""Load plans are kept, with who built, changed and closed each, and why.

Revision ID: 0053
"""

from alembic import op

from qafila.runtime.database.rights import everybody

revision = "0053"
down_revision = "0052"

_TABLES = """
CREATE TABLE load_plans (
    plan       text PRIMARY KEY,
    tenant     text NOT NULL REFERENCES tenants,  -- whose planners see it
    flight     text NOT NULL,
    state      text NOT NULL CHECK (state IN ('built', 'changed', 'closed')),
    revision   integer NOT NULL,
    asked      text NOT NULL,  -- the flight file, packed
    document   text NOT NULL,  -- ULDs with their pieces and positions, packed
    cost       numeric NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX ON load_plans (tenant, changed_at);
CREATE TABLE load_plan_acts (
    plan     text NOT NULL REFERENCES load_plans,
    revision integer NOT NULL,
    act      text NOT NULL CHECK (act IN ('built', 'changed', 'closed')),
    by       text NOT NULL,
    why      text NOT NULL DEFAULT '',
    moved    jsonb NOT NULL DEFAULT '{}',  -- the new position of each ULD that was moved
    cost     numeric NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (plan, revision)
);
"""


def upgrade() -> None:
    op.execute(_TABLES)
    for table, rights in (("load_plans", "SELECT, INSERT, UPDATE"), ("load_plan_acts", "SELECT, INSERT")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for said in everybody(table, operator=rights, regulator="SELECT"):
            op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE load_plan_acts, load_plans")
