"""The transparency log (entries as they came, what opens them, signed checkpoints) and the terms that a hub published.

An entry is written in the transaction of the decision that it tells, and gets its place in the tree afterwards. From
then on nothing of it changes but the openings, which their owner may have erased.

Revision ID: 0011
"""

from alembic import op

from qafila.runtime.database.rights import bound

revision = "0011"
down_revision = "0010"

_TABLES = """
CREATE TABLE log_entries (
    entry_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    leaf_index  bigint UNIQUE CHECK (leaf_index >= 0),  -- its place in the tree; none yet
    kind        text NOT NULL,
    subject     text NOT NULL,  -- what it is about: the id of an order, a booking, a merchant
    tenant_id   text,           -- the tenant whose values it hides; none: the hub itself
    entry       bytea NOT NULL,
    leaf_hash   bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
    decided_at  timestamptz NOT NULL,
    promised_by timestamptz NOT NULL
);
CREATE INDEX log_entries_waiting ON log_entries (entry_id) WHERE leaf_index IS NULL;
CREATE INDEX ON log_entries (subject);
CREATE INDEX ON log_entries (kind, decided_at);

CREATE TABLE log_openings (
    entry_id  bigint NOT NULL REFERENCES log_entries,
    field     text NOT NULL,
    tenant_id text,
    personal  boolean NOT NULL,  -- about a person, who may have it erased
    salt      bytea,
    value     text,              -- canonical JSON; none, as the salt, once it is erased
    erased_at timestamptz,
    PRIMARY KEY (entry_id, field),
    CHECK ((salt IS NULL) = (erased_at IS NOT NULL) AND (value IS NULL) = (erased_at IS NOT NULL))
);

CREATE TABLE log_checkpoints (
    size      bigint NOT NULL,
    root      bytea NOT NULL,
    note      text NOT NULL,
    signed_at timestamptz NOT NULL,
    witnesses integer NOT NULL,  -- how many of those that were asked have signed
    PRIMARY KEY (size, root)
);

-- terms that this hub published after those that come with the program
CREATE TABLE published_terms (
    version   text PRIMARY KEY,
    announced date NOT NULL,
    in_force  date NOT NULL CHECK (in_force >= announced),
    terms     json NOT NULL
);

CREATE FUNCTION refuse_change_of_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the transparency log is append-only; record a correcting decision instead'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION only_a_place_is_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.leaf_index IS NOT NULL OR NEW.leaf_index IS NULL
        OR (NEW.entry_id, NEW.kind, NEW.subject, NEW.entry, NEW.leaf_hash, NEW.decided_at, NEW.promised_by)
            IS DISTINCT FROM
            (OLD.entry_id, OLD.kind, OLD.subject, OLD.entry, OLD.leaf_hash, OLD.decided_at, OLD.promised_by)
        OR NEW.tenant_id IS DISTINCT FROM OLD.tenant_id THEN
        RAISE EXCEPTION 'the transparency log is append-only; record a correcting decision instead'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON log_entries FOR EACH ROW EXECUTE FUNCTION only_a_place_is_added();
CREATE TRIGGER never_deleted BEFORE DELETE ON log_entries FOR EACH ROW EXECUTE FUNCTION refuse_change_of_the_log();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON log_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_the_log();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON published_terms
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_the_log();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_the_log();
"""


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("log_entries", "log_openings"):
        for said in bound(table, merchant="SELECT, INSERT", operator="SELECT, INSERT", column="tenant_id"):
            op.execute(said)
    op.execute(
        "GRANT SELECT ON log_checkpoints, published_terms TO qafila_merchant, qafila_operator, qafila_regulator"
    )
    op.execute("GRANT INSERT ON published_terms TO qafila_operator")


def downgrade() -> None:
    op.execute("DROP TABLE published_terms, log_checkpoints, log_openings, log_entries")
    op.execute("DROP FUNCTION only_a_place_is_added, refuse_change_of_the_log")
