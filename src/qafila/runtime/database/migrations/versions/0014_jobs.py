"""The job queue (procrastinate's own tables, as of its 3.4 schema) and what people see of jobs: progress and results.

A later schema of procrastinate is a later migration that runs the files of its package between the two versions.

Revision ID: 0014
"""

from importlib.resources import files

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0014"
down_revision = "0013"

_SCHEMA = "03.04.00"
"""The newest file of procrastinate's migrations that belongs to this revision."""


def upgrade() -> None:
    scripts = files("procrastinate") / "sql" / "migrations"
    names = sorted(f.name for f in scripts.iterdir() if f.name.endswith(".sql"))
    connection = op.get_bind()
    for name in names:
        if name.split("_")[0] <= _SCHEMA:
            connection.exec_driver_sql((scripts / name).read_text("utf-8").replace("%", "%%"))
    op.execute(
        """
        CREATE TABLE jobs (
            job_id      text PRIMARY KEY,
            merchant_id text,  -- for whom it runs; the hub's own where there is none
            name        text NOT NULL,
            key         text UNIQUE,  -- what is asked for again under the same key is the same job
            arguments   json NOT NULL,
            state       text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'running', 'done', 'failed')),
            attempts    integer NOT NULL DEFAULT 0,
            stage       text NOT NULL DEFAULT '',
            done        bigint NOT NULL DEFAULT 0,
            of          bigint NOT NULL DEFAULT 0,
            result      json,
            fault       json,
            stop_asked  boolean NOT NULL DEFAULT false,
            asked_at    timestamptz NOT NULL DEFAULT now(),
            started_at  timestamptz,
            ended_at    timestamptz
        );
        CREATE INDEX ON jobs (merchant_id, job_id);
        CREATE INDEX ON jobs (ended_at);
        """
    )
    for said in bound(
        "jobs", merchant="SELECT", regulator="SELECT (job_id, merchant_id, name, state, asked_at)"
    ):
        op.execute(said)


def downgrade() -> None:
    op.execute(
        """
        DROP TABLE jobs;
        DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
        DO $$ DECLARE f record; BEGIN
            FOR f IN SELECT oid::regprocedure AS signature FROM pg_proc
                WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = 'public'::regnamespace LOOP
                EXECUTE format('DROP FUNCTION %s CASCADE', f.signature);
            END LOOP;
            FOR f IN SELECT oid::regtype AS name FROM pg_type
                WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') AND typnamespace = 'public'::regnamespace LOOP
                EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', f.name);
            END LOOP;
        END $$;
        """
    )
