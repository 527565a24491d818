"""Row-level security of a table, said once: whose rows each role sees, and what it may do with them.

Migrations call it. The roles are those of docs/accounts.md; whoever acts never has more than one of them.
"""

from __future__ import annotations

OWN = "current_setting('qafila.merchant')"
"""The tenant of a transaction (`connection.acting_as`)."""


def bound(
    table: str,
    *,
    merchant: str = "",
    operator: str = "SELECT",
    regulator: str = "SELECT",
    partner: str = "",
    column: str = "merchant_id",
) -> list[str]:
    """The statements that bind a table with a tenant's id.

    Args:
        table: its name.
        merchant: what `qafila_merchant` may do with its own rows, as GRANT says it (`SELECT, INSERT`).
        operator: what `qafila_operator` may do with all rows.
        regulator: what `qafila_regulator` may do with all rows: nothing, or SELECT of some or all columns.
        partner: what `qafila_partner` (carriers, stations, authorities) may do with all rows.
        column: the column that holds the tenant's id.
    """
    said = [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"]
    if merchant:
        said += [
            f"CREATE POLICY own_rows ON {table} TO qafila_merchant USING ({column} = {OWN}) "
            f"WITH CHECK ({column} = {OWN})",
            f"GRANT {merchant} ON {table} TO qafila_merchant",
        ]
    return said + everybody(table, operator=operator, regulator=regulator, partner=partner)


def everybody(table: str, *, operator: str = "", regulator: str = "", partner: str = "") -> list[str]:
    """The statements that let roles which look after everybody at all rows of a table under row-level security."""
    said = []
    for role, rights in (("operator", operator), ("regulator", regulator), ("partner", partner)):
        if rights:
            said += [
                f"CREATE POLICY {role}_sees_all ON {table} TO qafila_{role} USING (true) WITH CHECK (true)",
                f"GRANT {rights} ON {table} TO qafila_{role}",
            ]
    return said
