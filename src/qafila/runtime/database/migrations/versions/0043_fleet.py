"""The air fleet: tails, what is out of use, what flies otherwise than planned, allotments; and what the ledger holds back.

`capacity.held_*` is room that is neither taken nor reserved and yet not for sale: allotments, a tail smaller than the
planned one, a sector that does not fly. It may pass what is free; then nothing is free.

Revision ID: 0043
"""

from alembic import op

from qafila.runtime.database.rights import everybody

revision = "0043"
down_revision = "0042"

_TABLES = """
ALTER TABLE capacity
    ADD COLUMN held_g   bigint NOT NULL DEFAULT 0 CHECK (held_g >= 0),
    ADD COLUMN held_cm3 bigint NOT NULL DEFAULT 0 CHECK (held_cm3 >= 0);
CREATE TABLE fleet_tails (
    registration text PRIMARY KEY,
    type         text NOT NULL,
    base         text NOT NULL DEFAULT '',
    since        date,
    until        date,
    by           text NOT NULL,
    at           timestamptz NOT NULL
);
CREATE TABLE fleet_outages (
    outage  text PRIMARY KEY,
    kind    text NOT NULL CHECK (kind IN ('tail', 'facility')),
    subject text NOT NULL,  -- registration, or facility
    begins  timestamptz NOT NULL,
    ends    timestamptz NOT NULL CHECK (ends > begins),
    because text NOT NULL DEFAULT '',
    by      text NOT NULL,
    at      timestamptz NOT NULL,
    lifted  timestamptz
);
CREATE INDEX ON fleet_outages (ends) WHERE lifted IS NULL;
CREATE TABLE fleet_changes (
    service_id  text NOT NULL,
    service_day integer NOT NULL,
    call        smallint NOT NULL,
    tail        text NOT NULL DEFAULT '',  -- empty: as planned
    delay       integer NOT NULL DEFAULT 0 CHECK (delay >= 0),
    cancelled   boolean NOT NULL DEFAULT false,
    because     text NOT NULL DEFAULT '',
    number      integer NOT NULL DEFAULT 1,  -- how often it was changed
    by          text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (service_id, service_day, call)
);
CREATE INDEX ON fleet_changes (service_day);
CREATE TABLE fleet_allotments (
    allotment   text PRIMARY KEY,
    holder      text NOT NULL REFERENCES tenants,
    service_id  text NOT NULL,
    service_day integer NOT NULL,
    call        smallint NOT NULL,
    grams       bigint NOT NULL CHECK (grams >= 0),
    cm3         bigint NOT NULL CHECK (cm3 >= 0),
    drawn_g     bigint NOT NULL DEFAULT 0,
    drawn_cm3   bigint NOT NULL DEFAULT 0,
    release_at  timestamptz NOT NULL,  -- what is not drawn by then goes back
    by          text NOT NULL,
    at          timestamptz NOT NULL,
    CHECK (drawn_g BETWEEN 0 AND grams AND drawn_cm3 BETWEEN 0 AND cm3)
);
CREATE INDEX ON fleet_allotments (service_id, service_day, call);
CREATE INDEX ON fleet_allotments (release_at);
CREATE TABLE fleet_draws (
    allotment text NOT NULL REFERENCES fleet_allotments,
    key       text NOT NULL,
    waybill   text NOT NULL DEFAULT '',
    grams     bigint NOT NULL CHECK (grams >= 0),
    cm3       bigint NOT NULL CHECK (cm3 >= 0),
    at        timestamptz NOT NULL,
    PRIMARY KEY (allotment, key)
);
"""
_SEEN = ("fleet_tails", "fleet_outages", "fleet_changes")


def upgrade() -> None:
    op.execute(_TABLES)
    for table in _SEEN:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for said in everybody(
            table, operator="SELECT, INSERT, UPDATE, DELETE", regulator="SELECT", partner="SELECT"
        ):
            op.execute(said)
    for table in ("fleet_allotments", "fleet_draws"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for said in everybody(table, operator="SELECT, INSERT, UPDATE", regulator="SELECT"):
            op.execute(said)


def downgrade() -> None:
    op.execute("DROP TABLE fleet_draws, fleet_allotments, fleet_changes, fleet_outages, fleet_tails")
    op.execute("ALTER TABLE capacity DROP COLUMN held_g, DROP COLUMN held_cm3")
