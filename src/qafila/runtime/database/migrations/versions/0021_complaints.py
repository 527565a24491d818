"""Complaints and their steps, suspensions with their statements of reasons; events of merchants themselves.

Revision ID: 0021
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0021"
down_revision = "0020"

_KINDS = "'parcel', 'handling_unit', 'stock', 'vehicle', 'facility', 'cash'"


def upgrade() -> None:
    op.execute(
        f"""
        ALTER TABLE events DROP CONSTRAINT events_subject_kind_check;
        ALTER TABLE events ADD CONSTRAINT events_subject_kind_check CHECK (subject_kind IN ({_KINDS}, 'merchant'));

        CREATE TABLE complaints (
            merchant_id    text NOT NULL REFERENCES tenants,  -- who filed it
            complaint_id   text PRIMARY KEY,
            topic          text NOT NULL,
            subject        text NOT NULL DEFAULT '',
            words          text NOT NULL,
            filed_at       timestamptz NOT NULL,
            filed_by       text NOT NULL,
            acknowledge_by timestamptz NOT NULL,
            answer_by      timestamptz NOT NULL,
            UNIQUE (merchant_id, complaint_id)
        );
        CREATE INDEX ON complaints (answer_by);

        CREATE TABLE complaint_steps (
            merchant_id  text NOT NULL,
            complaint_id text NOT NULL,
            seq          bigint GENERATED ALWAYS AS IDENTITY,
            step         text NOT NULL CHECK (step IN ('acknowledged', 'asked', 'told', 'answered', 'withdrawn', 'taken_further')),
            at           timestamptz NOT NULL,
            by           text NOT NULL,
            outcome      text NOT NULL DEFAULT '',
            words        text NOT NULL DEFAULT '',
            PRIMARY KEY (merchant_id, complaint_id, seq),
            FOREIGN KEY (merchant_id, complaint_id) REFERENCES complaints (merchant_id, complaint_id),
            CHECK ((step = 'answered') = (outcome <> '')),
            CHECK (step NOT IN ('answered', 'asked', 'told', 'taken_further') OR words <> '')
        );
        CREATE INDEX ON complaint_steps (complaint_id);

        CREATE TABLE suspensions (
            tenant_id     text NOT NULL REFERENCES tenants,
            suspension_id text PRIMARY KEY,
            ground        text NOT NULL,
            because       text NOT NULL,
            by            text NOT NULL,
            announced_at  timestamptz NOT NULL,
            holds_from    timestamptz NOT NULL,
            begun_at      timestamptz,
            ended_at      timestamptz,
            secret_hash   bytea NOT NULL UNIQUE  -- of the address at which its statement is read
        );
        CREATE INDEX ON suspensions (tenant_id, announced_at);
        CREATE INDEX ON suspensions (holds_from) WHERE begun_at IS NULL AND ended_at IS NULL;
        """
    )
    for table in ("complaints", "complaint_steps"):
        for said in bound(table, merchant="SELECT, INSERT", operator="SELECT, INSERT"):
            op.execute(said)
    shown = "tenant_id, suspension_id, ground, because, by, announced_at, holds_from, begun_at, ended_at"
    for said in bound(
        "suspensions",
        merchant=f"SELECT ({shown})",
        operator="SELECT, INSERT, UPDATE (begun_at, ended_at)",
        regulator=f"SELECT ({shown})",
        column="tenant_id",
    ):
        op.execute(said)


def downgrade() -> None:
    op.execute(
        f"""
        DROP TABLE suspensions, complaint_steps, complaints;
        ALTER TABLE events DISABLE TRIGGER append_only;
        DELETE FROM events WHERE subject_kind = 'merchant';  -- there is no place for them
        ALTER TABLE events ENABLE TRIGGER append_only;
        ALTER TABLE events DROP CONSTRAINT events_subject_kind_check;
        ALTER TABLE events ADD CONSTRAINT events_subject_kind_check CHECK (subject_kind IN ({_KINDS}));
        """
    )
