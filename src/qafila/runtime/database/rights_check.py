"""What binds each role to its rows, told from the database itself: compared after a restore and at every start.

A plain dump that is restored where the roles are missing loses every policy in silence; this says so.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, text

_FACTS = """
    SELECT 'rls ' || c.relname || ' ' || c.relrowsecurity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
    UNION ALL
    SELECT 'policy ' || tablename || ' ' || policyname || ' ' || permissive || ' ' || roles::text || ' ' || cmd || ' '
        || coalesce(qual, '') || ' ' || coalesce(with_check, '')
    FROM pg_policies WHERE schemaname = 'public'
    UNION ALL
    SELECT 'grant ' || table_name || ' ' || grantee || ' ' || privilege_type
    FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee LIKE 'qafila\\_%'
    UNION ALL
    SELECT 'column ' || table_name || '.' || column_name || ' ' || grantee || ' ' || privilege_type
    FROM information_schema.column_privileges WHERE table_schema = 'public' AND grantee LIKE 'qafila\\_%'
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 'qafila\\_%'
"""

_UNBOUND = """
    SELECT c.relname FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
      AND (NOT c.relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
    ORDER BY c.relname
"""


def facts(connection: Connection) -> list[str]:
    """Every table's row-level security, policies, grants and triggers, and the roles, one line each, in order."""
    return sorted(connection.execute(text(_FACTS)).scalars())


def fingerprint(connection: Connection) -> str:
    """A hash of `facts`: equal where the same roles may do the same."""
    return hashlib.sha256("\n".join(facts(connection)).encode()).hexdigest()


def unbound(connection: Connection) -> list[str]:
    """Tables with rows of merchants that no policy binds. Empty in a sound database."""
    return list(connection.execute(text(_UNBOUND)).scalars())


def roles(connection: Connection) -> list[str]:
    """The roles of qafila in this server."""
    return list(
        connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'qafila\\_%' ORDER BY rolname")
        ).scalars()
    )
