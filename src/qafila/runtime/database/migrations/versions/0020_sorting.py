"""Sorting: centres and their plans, what is expected there, what was scanned, what lies in what.

Acts on bags, pallets, ULDs and vehicles are the truth and are only ever added to, in whatever order they come in.
What holds now is read from them in the order of their own times, so that late and doubled ones change nothing that is
newer; `units` names each thing once.

Revision ID: 0020
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0020"
down_revision = "0019"

_TABLES = """
CREATE TABLE sort_centres (
    facility   text PRIMARY KEY,
    document   jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    filled_to  bigint NOT NULL DEFAULT 0 -- events up to here were read for it when it was set up
);
CREATE TABLE sort_plans (
    plan_id    text PRIMARY KEY,
    facility   text NOT NULL REFERENCES sort_centres,
    shift      text NOT NULL,
    since      timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    document   jsonb NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    made_by    text NOT NULL,
    in_place_at timestamptz,
    CHECK (since < until)
);
CREATE INDEX ON sort_plans (facility, in_place_at DESC NULLS LAST);

-- a parcel's next departure from a centre, as its newest booked plan says; what may not go on says so
CREATE TABLE sort_expected (
    parcel      text NOT NULL,
    leg         smallint NOT NULL,
    merchant_id text NOT NULL,
    facility    text NOT NULL,
    next        text NOT NULL DEFAULT '',
    service     text NOT NULL,
    day         integer NOT NULL,
    board_by    timestamptz NOT NULL,
    revision    integer NOT NULL DEFAULT 0,
    stamp       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (parcel, leg)
);
CREATE INDEX ON sort_expected (facility, board_by);
CREATE INDEX ON sort_expected (facility, stamp);
CREATE TABLE sort_held (
    parcel      text PRIMARY KEY,
    merchant_id text NOT NULL,
    held        text NOT NULL DEFAULT '', -- held, recalled, or empty again
    at          timestamptz NOT NULL,
    stamp       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON sort_held (stamp);

CREATE TABLE sort_scans (
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    facility    text NOT NULL,
    key         text NOT NULL,
    merchant_id text, -- none where the parcel is not known
    code        text NOT NULL,
    parcel      text NOT NULL DEFAULT '',
    chute       text NOT NULL,
    why         text NOT NULL,
    reason      jsonb NOT NULL,
    next        text NOT NULL DEFAULT '',
    plan_id     text NOT NULL DEFAULT '',
    station     text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (facility, key)
);
CREATE INDEX ON sort_scans (facility, at);
CREATE INDEX ON sort_scans (parcel) WHERE parcel <> '';

CREATE TABLE sort_shifts (
    facility   text NOT NULL REFERENCES sort_centres,
    shift      text NOT NULL,
    plan_id    text NOT NULL DEFAULT '',
    opened_at  timestamptz NOT NULL,
    opened_by  text NOT NULL,
    closed_at  timestamptz,
    closed_by  text NOT NULL DEFAULT '',
    handed_to  text NOT NULL DEFAULT '',
    counts     jsonb, -- by chute: what the books say and what was counted
    PRIMARY KEY (facility, shift)
);

-- what a machine weighed and measured, and what the booking said
CREATE TABLE sort_measures (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_id text NOT NULL,
    parcel      text NOT NULL,
    facility    text NOT NULL,
    key         text NOT NULL,
    at          timestamptz NOT NULL,
    document    jsonb NOT NULL,
    UNIQUE (facility, key)
);
CREATE INDEX ON sort_measures (parcel);

CREATE TABLE units (
    unit        text PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('bag', 'pallet', 'uld', 'vehicle')),
    rank        smallint NOT NULL,
    made_at     timestamptz NOT NULL,
    facility    text NOT NULL DEFAULT '', -- where it was first opened
    destination text NOT NULL DEFAULT '',
    chute       text NOT NULL DEFAULT '', -- the chute that fills it
    service     text NOT NULL DEFAULT '',
    day         integer,
    position    text NOT NULL DEFAULT ''
);
CREATE INDEX ON units (facility, chute) WHERE chute <> '';
CREATE TABLE unit_acts (
    seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text NOT NULL,
    key         text NOT NULL CHECK (key <> ''),
    fingerprint bytea NOT NULL,
    act         text NOT NULL,
    unit        text NOT NULL REFERENCES units,
    child       text NOT NULL DEFAULT '', -- a parcel's number or a smaller unit
    facility    text NOT NULL DEFAULT '',
    details     jsonb NOT NULL DEFAULT '{}',
    by          text NOT NULL,
    device      text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (tenant, key)
);
CREATE INDEX ON unit_acts (unit, at);
CREATE INDEX ON unit_acts (child, at) WHERE child <> '';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON unit_acts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON unit_acts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- what of a unit's moves was told in its parcels' histories, so that late news tells or takes back the difference
CREATE TABLE unit_told (
    parcel      text NOT NULL,
    merchant_id text NOT NULL,
    event_id    uuid NOT NULL,
    taken_back  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (parcel, event_id)
);
CREATE TABLE despatches (
    despatch    text PRIMARY KEY, -- UPU S8
    facility    text NOT NULL,
    destination text NOT NULL,
    direction   text NOT NULL CHECK (direction IN ('out', 'in')),
    document    jsonb NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE unit_numbers (
    series text PRIMARY KEY,
    last   bigint NOT NULL
);
"""
_ALL = "SELECT, INSERT, UPDATE, DELETE"
_WORK = "SELECT, INSERT, UPDATE"
_OWNED = {"sort_expected": _ALL, "sort_held": _WORK, "sort_scans": "SELECT, INSERT", "sort_measures": "SELECT, INSERT",
          "unit_told": _WORK}  # fmt: skip
_COMMON = {"sort_centres": _WORK, "sort_plans": _WORK, "sort_shifts": _WORK, "units": _WORK,
           "unit_acts": "SELECT, INSERT", "despatches": "SELECT, INSERT", "unit_numbers": _WORK}  # fmt: skip


def upgrade() -> None:
    op.execute(_TABLES)
    for table, rights in _OWNED.items():
        for said in bound(table, merchant="SELECT", operator=rights, partner=rights):
            op.execute(said)
    for table, rights in _COMMON.items():
        op.execute(f"GRANT {rights} ON {table} TO qafila_operator, qafila_partner")
        op.execute(f"GRANT SELECT ON {table} TO qafila_regulator")


def downgrade() -> None:
    op.execute(
        "DROP TABLE unit_numbers, despatches, unit_told, unit_acts, units, sort_measures, sort_shifts, sort_scans, "
        "sort_held, sort_expected, sort_plans, sort_centres"
    )
