"""A plan's reservations on departures, by service class; a booking knows its class and the plan that saw it.

`capacity.reserved_*` is what all classes together still hold open on a departure. With what is taken it never
exceeds the total, so that room promised to a class is sold to nobody else. Only the operator writes these tables.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE capacity
            ADD COLUMN reserved_g   bigint NOT NULL DEFAULT 0 CHECK (reserved_g >= 0),
            ADD COLUMN reserved_cm3 bigint NOT NULL DEFAULT 0 CHECK (reserved_cm3 >= 0),
            ADD CONSTRAINT never_promised_twice
                CHECK (taken_g + reserved_g <= total_g AND taken_cm3 + reserved_cm3 <= total_cm3);

        CREATE TABLE plan_in_place (
            one       boolean PRIMARY KEY DEFAULT true CHECK (one),
            plan      text NOT NULL,
            placed_at timestamptz NOT NULL
        );

        CREATE TABLE reservations (
            service_id    text NOT NULL,
            service_day   integer NOT NULL,
            call          smallint NOT NULL,
            service_class text NOT NULL,
            departs_at    timestamptz NOT NULL,
            reserved_g    bigint NOT NULL,
            reserved_cm3  bigint NOT NULL,
            drawn_g       bigint NOT NULL DEFAULT 0,
            drawn_cm3     bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (service_id, service_day, call, service_class),
            FOREIGN KEY (service_id, service_day, call) REFERENCES capacity,
            CHECK (drawn_g BETWEEN 0 AND reserved_g AND drawn_cm3 BETWEEN 0 AND reserved_cm3)
        );
        CREATE INDEX ON reservations (departs_at);

        -- `seen_by`: the plan from whose capacities the booking's load is subtracted
        ALTER TABLE bookings
            ADD COLUMN service_class text NOT NULL DEFAULT 'standard',
            ADD COLUMN seen_by text;
        CREATE INDEX bookings_unseen ON bookings (booked_at) WHERE seen_by IS NULL AND cancelled_at IS NULL;
        CREATE INDEX bookings_returned ON bookings (cancelled_at) WHERE seen_by IS NOT NULL AND cancelled_at IS NOT NULL;
        """
    )


def downgrade() -> None:
    op.execute("ALTER TABLE bookings DROP COLUMN service_class, DROP COLUMN seen_by")
    op.execute("DROP TABLE reservations, plan_in_place")
    op.execute(
        "ALTER TABLE capacity DROP CONSTRAINT never_promised_twice, DROP COLUMN reserved_g, DROP COLUMN reserved_cm3"
    )
