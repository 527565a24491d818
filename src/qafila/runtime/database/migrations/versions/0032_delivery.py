"""The last mile: fleets, rounds, deliveries with their proofs, compartments of pick-up points, and what buyers are told.

Revision ID: 0032
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE fleet (
            facility     text NOT NULL,
            vehicle      text NOT NULL,
            kind         text NOT NULL,
            driver       text NOT NULL DEFAULT '',
            max_g        bigint NOT NULL,
            max_cm3      bigint NOT NULL,
            max_pieces   integer NOT NULL,
            from_minute  integer NOT NULL,
            until_minute integer NOT NULL,
            skills       text[] NOT NULL DEFAULT '{}',
            trips        integer NOT NULL DEFAULT 1,
            active       boolean NOT NULL DEFAULT true,
            PRIMARY KEY (facility, vehicle)
        );
        CREATE TABLE rounds (
            round_id   text PRIMARY KEY,
            facility   text NOT NULL,
            day        date NOT NULL,
            vehicle    text NOT NULL,
            driver     text NOT NULL DEFAULT '',
            state      text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'out', 'ended', 'fallen_out')),
            plan       jsonb NOT NULL,  -- points with their times, metres, seconds
            revision   integer NOT NULL DEFAULT 0,
            work_s     integer NOT NULL DEFAULT 0,
            made_at    timestamptz NOT NULL,
            started_at timestamptz,
            ended_at   timestamptz
        );
        CREATE INDEX ON rounds (facility, day);
        CREATE TABLE deliveries (
            merchant_id  text NOT NULL,
            parcel       text NOT NULL,
            facility     text NOT NULL,
            token        text NOT NULL UNIQUE,  -- the buyer's link
            code         text NOT NULL,
            state        text NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'planned', 'out', 'failed', 'at_point', 'delivered', 'returning')),
            day          date,  -- no earlier than this
            attempts     integer NOT NULL DEFAULT 0,
            slot_from    timestamptz,
            slot_until   timestamptz,
            told_from    timestamptz,
            told_until   timestamptz,
            lat          double precision,
            lon          double precision,
            landmark     text NOT NULL DEFAULT '',
            confirmed_at timestamptz,
            wish         text NOT NULL DEFAULT '',
            wish_detail  text NOT NULL DEFAULT '',
            point        text NOT NULL DEFAULT '',
            language     text NOT NULL DEFAULT '',
            round_id     text REFERENCES rounds,
            place        integer NOT NULL DEFAULT 0,  -- in its round, from 1
            made_at      timestamptz NOT NULL,
            PRIMARY KEY (merchant_id, parcel),
            UNIQUE (parcel),
            FOREIGN KEY (merchant_id, parcel) REFERENCES parcels (merchant_id, number)
        );
        CREATE INDEX ON deliveries (round_id, place);
        CREATE INDEX ON deliveries (facility, state);
        CREATE TABLE delivery_proofs (
            merchant_id text NOT NULL,
            parcel      text NOT NULL,
            attempt     integer NOT NULL,
            outcome     text NOT NULL,  -- delivered, left, or failed
            reason      text NOT NULL DEFAULT '',
            left_at     text NOT NULL DEFAULT '',
            name        text NOT NULL DEFAULT '',
            signature   text NOT NULL DEFAULT '',
            photo       bytea,
            by_code     boolean NOT NULL DEFAULT false,
            collected   numeric,
            currency    text NOT NULL DEFAULT '',
            lat         double precision,
            lon         double precision,
            by          text NOT NULL,
            at          timestamptz NOT NULL,
            PRIMARY KEY (merchant_id, parcel, attempt),
            FOREIGN KEY (merchant_id, parcel) REFERENCES deliveries
        );
        CREATE TABLE compartments (
            facility    text NOT NULL,
            compartment text NOT NULL,
            length_mm   integer NOT NULL,
            width_mm    integer NOT NULL,
            height_mm   integer NOT NULL,
            adapter     text NOT NULL DEFAULT 'counter',
            broken      boolean NOT NULL DEFAULT false,
            PRIMARY KEY (facility, compartment)
        );
        CREATE TABLE compartment_stays (
            merchant_id    text NOT NULL,
            stay_id        text PRIMARY KEY,
            facility       text NOT NULL,
            compartment    text NOT NULL,
            parcel         text NOT NULL,
            code           text NOT NULL,
            state          text NOT NULL CHECK (state IN ('reserved', 'held', 'collected', 'expired', 'cancelled', 'taken_back')),
            reserved_until timestamptz NOT NULL,
            put_at         timestamptz,
            expires_at     timestamptz,
            reminded       integer NOT NULL DEFAULT 0,
            wrong_codes    integer NOT NULL DEFAULT 0,
            ended_at       timestamptz,
            FOREIGN KEY (facility, compartment) REFERENCES compartments,
            FOREIGN KEY (merchant_id, parcel) REFERENCES deliveries
        );
        -- one parcel in a compartment, one compartment for a parcel, whatever the code above does
        CREATE UNIQUE INDEX one_in_a_compartment ON compartment_stays (facility, compartment)
            WHERE state IN ('reserved', 'held', 'expired');
        CREATE UNIQUE INDEX one_for_a_parcel ON compartment_stays (parcel) WHERE state IN ('reserved', 'held', 'expired');
        CREATE TABLE notices (
            merchant_id text NOT NULL,
            notice_id   text PRIMARY KEY,
            parcel      text NOT NULL,
            kind        text NOT NULL,
            channel     text NOT NULL,
            address     text NOT NULL,
            language    text NOT NULL,
            subject     text NOT NULL,
            body        text NOT NULL,
            state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed', 'stopped')),
            tries       integer NOT NULL DEFAULT 0,
            error       text NOT NULL DEFAULT '',
            due_at      timestamptz NOT NULL,
            made_at     timestamptz NOT NULL,
            sent_at     timestamptz,
            FOREIGN KEY (merchant_id, parcel) REFERENCES deliveries,
            UNIQUE (merchant_id, parcel, kind, channel, due_at)
        );
        CREATE INDEX notices_waiting ON notices (due_at) WHERE state = 'waiting';
        CREATE TABLE notice_stops (
            address    text PRIMARY KEY,  -- a hash: nobody is to be found by it
            stopped_at timestamptz NOT NULL
        );
        """
    )
    for table in ("deliveries", "delivery_proofs", "compartment_stays", "notices"):
        for said in bound(table, merchant="SELECT", operator="SELECT, INSERT, UPDATE", regulator=""):
            op.execute(said)
    for table in ("fleet", "rounds", "compartments", "notice_stops"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO qafila_operator")


def downgrade() -> None:
    op.execute(
        "DROP TABLE notices, notice_stops, compartment_stays, compartments, delivery_proofs, deliveries, rounds, fleet"
    )
