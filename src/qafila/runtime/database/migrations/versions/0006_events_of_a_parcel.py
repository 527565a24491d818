"""The events of one statement are checked against the parcels once, not one by one.

A booking writes some twenty events, and looking each one's parcel up took longer than writing it. What held before
holds: an event belongs to a parcel of its merchant, and a parcel that has a history stays.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE events DROP CONSTRAINT events_merchant_id_parcel_fkey;

        -- parcels neither go nor change hands (below): there is no need to lock them
        CREATE FUNCTION events_have_a_parcel() RETURNS trigger LANGUAGE plpgsql AS $$
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
        CREATE TRIGGER has_a_parcel AFTER INSERT ON events
            REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION events_have_a_parcel();

        CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'parcels stay as they were made: their history refers to them'
                USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER stays BEFORE DELETE OR UPDATE OF number, merchant_id ON parcels
            FOR EACH ROW EXECUTE FUNCTION refuse_to_forget();
        CREATE TRIGGER never_truncated BEFORE TRUNCATE ON parcels
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TRIGGER has_a_parcel ON events;
        DROP TRIGGER stays ON parcels;
        DROP TRIGGER never_truncated ON parcels;
        DROP FUNCTION events_have_a_parcel;
        DROP FUNCTION refuse_to_forget;
        ALTER TABLE events ADD FOREIGN KEY (merchant_id, parcel) REFERENCES parcels (merchant_id, number);
        """
    )
