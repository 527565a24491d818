"""Which tables belong to a merchant's own data, read from the schema: a floor that adds a table adds it here, too."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

LEFT: dict[str, str] = {
    "tenants": "the manifest says who it is",
    "account_log": "who changed people and keys at this installation",
    "api_keys": "secrets end with the installation; their names are in keys.json",
    "memberships": "people sign in at each installation for themselves",
    "invitations": "people are invited at each installation anew",
    "sessions": "sessions end with the installation",
    "jobs": "work under way at this installation",
    "webhook_endpoints": "they have secrets and are told of this installation; set them up anew",
    "shop_links": "they have the keys of shops; link the shops anew",
    "webhook_messages": "they belong to the endpoints",
    "person_keys": "they open what lies sealed at this installation; the history travels opened",
    "locked_values": "the hub keeps them by law, and not for the merchant",
    "carrier_feeds": "what a carrier brought into this network; it has the files",
    "carrier_lines": "they have secrets and begin at this installation; connect the system anew",
    "mandates": "given at this installation, to firms that are here",
    "tenant_places": "at which facilities of this installation a station works",
    "storage_acts": "acts of scanners at this installation; stock_movements has what came of them",
    "unit_acts": "acts of scanners at this installation; events.jsonld has what came of them",
    "load_plans": "how aircraft of this installation are loaded; a merchant's parcels say their flight in events.jsonld",
    "load_plan_parcels": "which load plan of this installation carries which parcel; see load_plans",
    "cargo_notifications": "sent by this installation's ONE Record server",
    "cargo_subscriptions": "they are told by this installation's ONE Record server; subscribe anew",
    "kept_answers": "answers that this installation gave to requests; it keeps them a short while",
    "log_entries": "receipts/ has a receipt of each, which stays good wherever it is kept",
    "log_openings": "receipts/ has what opens each",
    "ledger_accounts": "money is owed here and paid out here; ledger.csv has each line of the merchant's own",
    "ledger_lines": "half of an entry is none: the other sides are the hub's",
    "ledger_balances": "they are sums of lines",
    "cash_bags": "drivers' bags of this installation",
    "cash_counts": "drivers' bags of this installation",
    "cash_deposits": "what was collected here is banked here",
    "brought_bookings": "which bookings were made at which installation; the next one notes it anew",
    "brought_receipts": "they are among receipts/ again",
    "brought_rows": "they are among tables/ and records/ again",
}
"""Tables with a tenant's id that do not travel as rows, and why; the manifest says so too."""

RECORDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "access_records": ("who read what at this installation", ()),
    "advice_lines": ("what this installation's warehouses wait for", ()),
    "advices": ("what this installation's warehouses wait for", ()),
    "bonded_moves": ("goods in this installation's bond", ()),
    "booking_legs": ("rides on departures of this installation", ()),
    "cargo_objects": ("ONE Record objects, known by this installation's addresses", ()),
    "cargo_requests": ("requests to this installation's ONE Record server", ()),
    "carrier_consignments": ("parcels that this installation gave to carriers' systems", ()),
    "cash_collections": ("what was collected here is remitted here", ()),
    "claims": ("decided and paid by this installation", ()),
    "compartment_stays": ("compartments of this installation's points", ("code",)),
    "complaint_steps": ("answered by this installation", ()),
    "complaints": ("answered by this installation", ()),
    "counts": ("counted in this installation's warehouses", ()),
    "deliveries": ("rounds and attempts of this installation", ("token", "code")),
    "delivery_proofs": ("what proves the deliveries of this installation", ()),
    "fleet_allotments": ("room on this installation's departures", ()),
    "invoiced": ("what this installation has invoiced", ()),
    "invoices": ("numbered by this installation", ()),
    "ledger_charges": ("owed to this installation, which invoices it", ()),
    "notices": ("messages of this installation to buyers", ()),
    "outbound": ("picked in this installation's warehouses", ()),
    "outbound_boxes": ("packed in this installation's warehouses", ()),
    "outbound_lines": ("picked in this installation's warehouses", ()),
    "picks": ("picked in this installation's warehouses", ()),
    "pickups": ("this installation has ordered them", ()),
    "put_away_choices": ("places in this installation's warehouses", ()),
    "remittances": ("paid by this installation", ()),
    "sort_expected": ("what this installation's sorting centres wait for", ()),
    "sort_held": ("what this installation's sorting centres hold", ()),
    "sort_measures": ("measured by this installation's sorting centres", ()),
    "sort_scans": ("scanned by this installation's sorting centres", ()),
    "stock": ("pieces lie in this installation's warehouses; those that are moved come in by an advice", ()),
    "stock_movements": ("pieces lie in this installation's warehouses", ()),
    "suspensions": ("decided at this installation", ()),
    "unit_told": ("in which bags and pallets of this installation a parcel went", ()),
    "waybills": ("issued by this installation", ()),
}
"""Tables whose rows travel as records of the installation that wrote them: why they are no rows elsewhere, and which columns
are secrets of those rows. The other installation keeps the records, shows them and gives them along again."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of merchants' rows.

    Attributes:
        name: its name.
        owner: the column that says whose a row is.
        columns: those that travel, in their order.
        key: the primary key.
        counted: columns that each installation numbers for itself.
        fixed: whether rows never change once they are there.
    """

    name: str
    owner: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    counted: tuple[str, ...]
    fixed: bool


def recorded(connection: Connection) -> list[Table]:
    """The tables that travel as records, with the columns that may be read."""
    return [
        Table(
            row.name,
            row.owner,
            tuple(name for name in row.columns if name not in RECORDS[row.name][1]),
            tuple(row.key or ()),
            (),
            row.fixed,
        )
        for row in connection.execute(text(_TABLES))
        if row.name in RECORDS
    ]


def travelling(connection: Connection) -> list[Table]:
    """The tables that travel, each after those that it refers to."""
    found = {
        row.name: Table(
            row.name, row.owner, tuple(row.columns), tuple(row.key or ()), tuple(row.counted or ()), row.fixed
        )
        for row in connection.execute(text(_TABLES))
        if row.name not in LEFT and row.name not in RECORDS
    }
    needs: dict[str, set[str]] = {name: set() for name in found}
    for name, other in connection.execute(text(_REFERENCES)):
        if name in found and other in found and name != other:
            needs[name].add(other)
    ordered: list[Table] = []
    while needs:
        ready = (
            sorted(name for name, others in needs.items() if not others & needs.keys()) or sorted(needs)[:1]
        )
        for name in ready:
            ordered.append(found[name])
            del needs[name]
    return ordered


_TABLES = """
SELECT c.relname AS name,
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('merchant_id', 'tenant_id', 'tenant', 'holder')
        AND NOT a.attisdropped ORDER BY a.attname = 'merchant_id' DESC, a.attname DESC LIMIT 1) AS owner,
    (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype) AS columns,
    (SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute a ON a.attnum = k.attnum
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid) AS key,
    (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> '') AS counted,
    EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND p.proname LIKE 'refuse%') AS fixed
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('merchant_id', 'tenant_id', 'tenant', 'holder')
        AND NOT a.attisdropped)
"""
_REFERENCES = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'
"""
