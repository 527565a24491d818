"""Histories of whatever moves: an event's key is the kind and id of its subject; it knows its reporter and offset.

What was told before stays: its subject is a parcel, its offset is not known. Who told it is known where qafila itself
did, where customs spoke through the desk, and where a merchant gave no other source than himself; else it is nobody
known, and only the operator may retract it.

Readers follow `seq` alone. A transaction takes, before its first event, a shared lock that names the last number drawn
then, so that `events_settled()` knows the number up to which nothing can come in any more: no reader misses an event
that is committed late, and none waits for transactions that write no events. (`tx`, by which readers went before,
held them up behind any transaction of the server, and told events of one parcel in another order than they came in.)

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"

_KINDS = "'parcel', 'handling_unit', 'stock', 'vehicle', 'facility', 'cash'"


def upgrade() -> None:
    op.execute(
        f"""
        ALTER TABLE events DISABLE TRIGGER append_only;
        ALTER TABLE events RENAME COLUMN parcel TO subject_id;
        ALTER TABLE events
            ALTER merchant_id DROP NOT NULL,  -- what is the hub's own: a flight, a facility
            ADD COLUMN subject_kind text NOT NULL DEFAULT 'parcel' CHECK (subject_kind IN ({_KINDS})),
            ADD COLUMN reporter text NOT NULL DEFAULT 'network',
            ADD COLUMN tenant text,
            ADD COLUMN offset_minutes smallint CHECK (offset_minutes BETWEEN -840 AND 840),
            ADD CHECK (subject_kind <> 'parcel' OR merchant_id IS NOT NULL),
            DROP CONSTRAINT events_pkey,
            ADD PRIMARY KEY (subject_kind, subject_id, event_id);
        UPDATE events
            SET reporter = CASE
                    WHEN source = merchant_id THEN 'merchant'
                    WHEN type LIKE 'customs_%' AND details->>'declaration' IS NOT NULL THEN 'authority'
                    ELSE '' END,
                tenant = CASE WHEN source = merchant_id THEN merchant_id END
            WHERE source <> 'qafila' OR time_kind <> 'planned' AND type NOT IN ('booked', 'cancelled');
        ALTER TABLE events ENABLE TRIGGER append_only;

        DROP INDEX events_merchant_id_tx_seq_idx;
        ALTER TABLE events DROP COLUMN tx;
        CREATE UNIQUE INDEX events_seq ON events (seq);
        CREATE INDEX events_of_a_merchant ON events (merchant_id, seq);
        GRANT SELECT ON SEQUENCE events_seq_seq TO qafila_merchant, qafila_operator, qafila_regulator, qafila_partner;

        CREATE OR REPLACE FUNCTION events_have_a_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stray text;
        BEGIN
            SELECT f.subject_id INTO stray
                FROM (SELECT DISTINCT merchant_id, subject_id FROM fresh WHERE subject_kind = 'parcel') f
                LEFT JOIN parcels p ON p.number = f.subject_id AND p.merchant_id = f.merchant_id
                WHERE p.number IS NULL LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'event of parcel %, which is no parcel of this merchant', stray
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        END $$;

        -- 0x7146: "qF"; the lower 48 bits are the number
        CREATE FUNCTION events_begin() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF coalesce(current_setting('qafila.events_begun', true), '') = '' THEN
                PERFORM pg_advisory_xact_lock_shared(28998 * 281474976710656 + last_value) FROM events_seq_seq;
                PERFORM set_config('qafila.events_begun', 'yes', true);
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER begins BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION events_begin();

        CREATE FUNCTION events_settled() RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE
            newest bigint;
            begun  bigint;
        BEGIN
            -- in this order: who begins in between draws numbers behind the newest
            SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO newest FROM events_seq_seq;
            SELECT min((classid::bigint % 65536) * 4294967296 + objid::bigint) INTO begun FROM pg_locks
                WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint / 65536 = 28998
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
            RETURN least(newest, begun);
        END $$;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TRIGGER begins ON events;
        DROP FUNCTION events_begin, events_settled;
        REVOKE SELECT ON SEQUENCE events_seq_seq FROM qafila_merchant, qafila_operator, qafila_regulator, qafila_partner;
        ALTER TABLE events DISABLE TRIGGER append_only;
        DELETE FROM events WHERE subject_kind <> 'parcel';  -- there is no place for them
        ALTER TABLE events ENABLE TRIGGER append_only;
        DROP INDEX events_seq;
        DROP INDEX events_of_a_merchant;
        ALTER TABLE events
            DROP CONSTRAINT events_pkey,
            DROP COLUMN subject_kind, DROP COLUMN reporter, DROP COLUMN tenant, DROP COLUMN offset_minutes,
            ALTER merchant_id SET NOT NULL,
            ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
        ALTER TABLE events RENAME COLUMN subject_id TO parcel;
        ALTER TABLE events ADD PRIMARY KEY (parcel, event_id);
        CREATE INDEX ON events (merchant_id, tx, seq);

        CREATE OR REPLACE FUNCTION events_have_a_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            stray text;
        BEGIN
            SELECT f.parcel INTO stray
                FROM (SELECT DISTINCT merchant_id, parcel FROM fresh) f
                LEFT JOIN parcels p ON p.number = f.parcel AND p.merchant_id = f.merchant_id
                WHERE p.number IS NULL LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'event of parcel %, which is no parcel of this merchant', stray
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        END $$;
        """
    )
