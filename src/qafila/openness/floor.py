"""What the open hub declares to the house."""

from __future__ import annotations

from qafila.core.message import template
from qafila.openness.kinds import kind
from qafila.openness.regulation.asking import REPORT
from qafila.runtime.accounts.tenants import TenantKind
from qafila.runtime.floor import Floor, Scope

_CONCERNED = frozenset({TenantKind.HUB, TenantKind.MERCHANT, TenantKind.REGULATOR})
_WATCHING = frozenset({TenantKind.HUB, TenantKind.REGULATOR})

DECISIONS = (
    kind("openness.terms", template("openness.decision.terms", "A change of the published terms")),
    kind("openness.suspension", template("openness.decision.suspension", "A suspension")),
    kind("openness.let_in", template("openness.decision.let_in", "The end of a suspension")),
    kind("openness.tenant", template("openness.decision.tenant", "Of what kind an organisation is")),
    kind("openness.data_places", template("openness.decision.data_places", "Where data lie")),
)

FLOOR = Floor(
    name="openness",
    jobs=(REPORT,),
    scopes=(
        Scope("log:read", template("openness.scope.log_read", "read entries of the transparency log and receipts"), _CONCERNED, ("clerk", "dispatcher", "compliance", "regulator")),
        Scope("audit:read", template("openness.scope.audit_read", "audit the log and see what all merchants were offered"), _WATCHING, ("compliance", "regulator")),
        Scope("terms:write", template("openness.scope.terms_write", "publish terms"), frozenset({TenantKind.HUB}), ("compliance",)),
    ),
)  # fmt: skip
