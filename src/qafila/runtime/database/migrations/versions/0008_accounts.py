"""Tenants of several kinds with people, roles, invitations and sessions; a database role for each kind of actor.

Merchants become tenants of the kind `merchant`, this machine's own (`local`) the hub. What was theirs stays theirs:
their rows refer to the same table by the same ids, and keys keep their scopes.

Revision ID: 0008
"""

from alembic import op

from qafila.runtime.database.rights import OWN, everybody

revision = "0008"
down_revision = "0007"

_ROLES = ("operator", "regulator", "partner", "accounts", "doorkeeper")

_TABLES = """
ALTER TABLE merchants RENAME TO tenants;
ALTER TABLE tenants RENAME COLUMN merchant_id TO tenant_id;
ALTER TABLE tenants ADD COLUMN kind text NOT NULL DEFAULT 'merchant'
    CHECK (kind IN ('hub', 'merchant', 'carrier', 'station', 'broker', 'authority', 'regulator'));
UPDATE tenants SET kind = 'hub' WHERE tenant_id = 'local';
ALTER TABLE api_keys RENAME COLUMN merchant_id TO tenant_id;
ALTER TABLE api_keys ADD COLUMN issued_by text;

CREATE TABLE people (
    person_id     text PRIMARY KEY,
    name          text NOT NULL CHECK (name <> ''),
    email         text UNIQUE CHECK (email = lower(email)),
    password_hash text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz
);

CREATE TABLE memberships (
    tenant_id text NOT NULL REFERENCES tenants,
    person_id text NOT NULL REFERENCES people,
    roles     text[] NOT NULL CHECK (cardinality(roles) > 0),
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX ON memberships (person_id);

-- only the hashes of links' and sessions' secrets are kept
CREATE TABLE invitations (
    tenant_id     text NOT NULL REFERENCES tenants,
    invitation_id text NOT NULL,
    secret_hash   bytea NOT NULL UNIQUE,
    email         text NOT NULL CHECK (email = lower(email)),
    roles         text[] NOT NULL CHECK (cardinality(roles) > 0),
    invited_by    text NOT NULL,
    invited_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    accepted_at   timestamptz,
    withdrawn_at  timestamptz,
    PRIMARY KEY (tenant_id, invitation_id)
);

-- links that sign a person in once
CREATE TABLE sign_in_links (
    secret_hash bytea PRIMARY KEY,
    person_id   text NOT NULL REFERENCES people,
    made_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX ON sign_in_links (person_id);

-- a person or a key at the pages, for one tenant at a time
CREATE TABLE sessions (
    secret_hash bytea PRIMARY KEY,
    person_id   text REFERENCES people,
    key_id      text REFERENCES api_keys,
    tenant_id   text NOT NULL REFERENCES tenants,
    begun_at    timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    CHECK (num_nonnulls(person_id, key_id) = 1)
);
CREATE INDEX ON sessions (person_id);
CREATE INDEX ON sessions (expires_at);

-- failed attempts, by what was tried and from where, to bar guessing
CREATE TABLE sign_in_failures (
    subject text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON sign_in_failures (subject, at);

-- who changed what about people, roles and keys; append-only
CREATE TABLE account_log (
    seq       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text REFERENCES tenants,
    at        timestamptz NOT NULL DEFAULT now(),
    by        text NOT NULL,
    act       text NOT NULL,
    subject   text NOT NULL DEFAULT '',
    details   jsonb
);
CREATE INDEX ON account_log (tenant_id, seq);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON account_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

_OPERATOR = {
    "orders": "SELECT",
    "offers": "SELECT",
    "bookings": "SELECT",
    "booking_legs": "SELECT",
    "shipments": "SELECT",
    "parcels": "SELECT, UPDATE (declared_at)",
    "events": "SELECT, INSERT",
    "idempotency_keys": "",
    "declarations": "SELECT, INSERT, UPDATE (state, document, changed_at)",
    "declaration_steps": "SELECT, INSERT",
    "declaration_papers": "SELECT, INSERT",
    "screening_hits": "SELECT, INSERT, UPDATE (verdict, decided_by, decided_at, why)",
    "classification_decisions": "SELECT, INSERT",
    "bonded_moves": "SELECT, INSERT",
}
"""What the hub's people may do with everybody's rows."""

_COMMON = {
    "screening_lists": "SELECT, INSERT, UPDATE",
    "plan_in_place": "SELECT, INSERT, UPDATE, DELETE",
    "reservations": "SELECT, INSERT, UPDATE, DELETE",
    "capacity": "SELECT, INSERT, UPDATE",
}
"""Tables that belong to no tenant."""

_TENANT_BOUND = {
    "tenants": "SELECT",
    "memberships": "SELECT, INSERT, UPDATE (roles), DELETE",
    "invitations": "SELECT (tenant_id, invitation_id, email, roles, invited_by, invited_at, expires_at, accepted_at, "
    "withdrawn_at), INSERT, UPDATE (withdrawn_at)",
    "api_keys": "SELECT (key_id, tenant_id, name, scopes, created_at, expires_at, revoked_at, issued_by), INSERT, "
    "UPDATE (revoked_at)",
    "sessions": "SELECT (tenant_id, person_id, key_id, ended_at), UPDATE (ended_at)",
    "account_log": "SELECT, INSERT",
}
"""What whoever looks after a tenant's people and keys may do with his own tenant's rows."""

_DOORKEEPER = {
    "tenants": "SELECT",
    "people": "SELECT, INSERT, UPDATE",
    "memberships": "SELECT, INSERT, UPDATE (roles)",
    "invitations": "SELECT, UPDATE (accepted_at)",
    "sign_in_links": "SELECT, INSERT, UPDATE, DELETE",
    "sessions": "SELECT, INSERT, UPDATE, DELETE",
    "sign_in_failures": "SELECT, INSERT, DELETE",
    "api_keys": "SELECT",
    "account_log": "INSERT",
}
"""What is needed to find out who asks, before anything else is known of him."""


def upgrade() -> None:
    for role in _ROLES:
        op.execute(
            f"DO $$ BEGIN CREATE ROLE qafila_{role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        op.execute(f"DO $$ BEGIN EXECUTE format('GRANT qafila_{role} TO %I', current_user); END $$")
        op.execute(f"GRANT USAGE ON SCHEMA public TO qafila_{role}")
    op.execute(_TABLES)
    for table in (
        "people",
        "memberships",
        "invitations",
        "sign_in_links",
        "sessions",
        "sign_in_failures",
        "account_log",
    ):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, rights in _OPERATOR.items():
        regulator = "SELECT" if rights else ""
        partner = {"parcels": "SELECT (number, merchant_id)", "events": "SELECT, INSERT"}.get(table, "")
        for said in everybody(table, operator=rights, regulator=regulator, partner=partner):
            op.execute(said)
    for table, rights in _COMMON.items():
        op.execute(f"GRANT {rights} ON {table} TO qafila_operator")
    op.execute("GRANT SELECT ON plan_in_place, reservations, capacity TO qafila_regulator")
    for said in everybody(
        "tenants",
        operator="SELECT, INSERT, UPDATE (name, suspended_at)",
        regulator="SELECT",
        partner="SELECT",
    ):
        op.execute(said)
    op.execute("CREATE POLICY operator_writes ON account_log FOR INSERT TO qafila_operator WITH CHECK (true)")
    op.execute("GRANT INSERT ON account_log TO qafila_operator")
    # to screen its parties, a merchant's transaction reads the lists and files what it finds; it never decides
    op.execute("GRANT SELECT ON screening_lists TO qafila_merchant")
    op.execute("GRANT INSERT ON screening_hits TO qafila_merchant")
    op.execute("GRANT UPDATE (declared_at) ON parcels TO qafila_merchant")
    for table, rights in _TENANT_BOUND.items():
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO qafila_accounts USING (tenant_id = {OWN}) WITH CHECK (tenant_id = {OWN})"
        )
        op.execute(f"GRANT {rights} ON {table} TO qafila_accounts")
    op.execute(
        "CREATE POLICY own_people ON people FOR SELECT TO qafila_accounts USING (EXISTS "
        f"(SELECT FROM memberships m WHERE m.person_id = people.person_id AND m.tenant_id = {OWN}))"
    )
    op.execute("GRANT SELECT (person_id, name, email, created_at, disabled_at) ON people TO qafila_accounts")
    for table, rights in _DOORKEEPER.items():
        op.execute(f"CREATE POLICY doorkeeper ON {table} TO qafila_doorkeeper USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {rights} ON {table} TO qafila_doorkeeper")


def downgrade() -> None:
    for role in _ROLES:
        op.execute(
            f"""
            DO $$ DECLARE p record; BEGIN
                FOR p IN SELECT policyname, tablename FROM pg_policies
                    WHERE schemaname = 'public' AND 'qafila_{role}' = ANY(roles) LOOP
                    EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename);
                END LOOP;
            END $$
            """
        )
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM qafila_{role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM qafila_{role}")
    op.execute("REVOKE SELECT ON screening_lists FROM qafila_merchant")
    op.execute("REVOKE INSERT ON screening_hits FROM qafila_merchant")
    op.execute("REVOKE UPDATE (declared_at) ON parcels FROM qafila_merchant")
    op.execute(
        "DROP TABLE account_log, sign_in_failures, sessions, sign_in_links, invitations, memberships, people"
    )
    op.execute("ALTER TABLE api_keys DROP COLUMN issued_by")
    op.execute("ALTER TABLE api_keys RENAME COLUMN tenant_id TO merchant_id")
    op.execute("ALTER TABLE tenants DROP COLUMN kind")
    op.execute("ALTER TABLE tenants RENAME COLUMN tenant_id TO merchant_id")
    op.execute("ALTER TABLE tenants RENAME TO merchants")
