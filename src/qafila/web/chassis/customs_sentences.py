"""The sentences of the customs engine and of the desk, as templates; see phrases.py.

A value whose key begins with `name` is a sentence itself.
"""

from __future__ import annotations

from qafila.runtime.language.terms import N_

CUSTOMS = (
    N_("%(name)s: no rate is known for HS %(hs)s on that day; it is not in the total"),
    N_(
        'HS %(hs)s: the schedule says "%(text)s", which cannot be computed: the rate is not known and is not in the total'
    ),
    N_("%(source)s gives HS %(hs)s no rate under %(name)s"),
    # a consignment that cannot be read
    N_("missing"),
    N_("give the value of the line, or unit_value of a piece"),
    N_("has no currency"),
    N_("%(value)s is not a number"),
    N_("%(value)s is not above zero"),
    N_("write e.g. 12.50"),
    N_("%(value)s is more than %(most)s"),
    N_("check the figure and its unit"),
    N_("%(value)s is not a day"),
    N_("%(value)s is no day of import"),
    N_("write e.g. 2026-11-23"),
    N_("%(value)s is not a country"),
    N_("write two letters (ISO 3166), e.g. MA"),
    N_("%(value)s is not an HS code"),
    N_("write 6 to 10 digits, e.g. 610910"),
    N_("%(field)s is %(value)s: %(name)s"),
    N_("HS 2022 has no heading %(hs)s"),
    N_("HS 2022 has no subheading %(hs)s"),
    N_("Chapters 98 and 99 are a country's own: they say not what the goods are"),
    N_("near it are %(codes)s"),
    N_("it is of %(edition)s, what it became in HS 2022: %(codes)s"),
    # goods that are prohibited or restricted
    N_("Prohibited: %(name)s. %(law)s; source: %(source)s (%(name2)s)."),
    N_("%(name)s (HS %(hs)s falls under %(prefix)s)"),
    N_("%(name)s (the description says %(word)s)"),
    N_("%(name)s (the goods' nature)"),
    N_("do not send it"),
    N_("attach: %(name)s"),
    N_("amend the field and send it again"),
    N_("The declaration has no such line."),
    N_("It is not a number of pieces."),
    N_("say how many pieces of which line leave the warehouse"),
    N_("line %(line)s: %(asked)s asked, %(left)s under bond"),
    N_("Take these goods out of the order."),
    N_("If the HS code is wrong, give the right one."),
    N_("If they are something else, give their HS code."),
    N_("HS %(hs)s was %(name)s: if they are something else, give their HS code."),
    # duty: what would change it, and what to know before trusting the figures
    N_("with %(name)s your buyer pays %(m)s less"),
    N_("with %(name)s, declared in full (H1 instead of H7), your buyer pays %(m)s less"),
    N_("%(name)s: goods %(n)s of origin %(c)s"),
    N_("%(name)s: the limit of %(l)s is exceeded by %(m)s"),
    N_("within it the same goods would pay %(m)s less"),
    N_("from %(d)s the law changes: %(m)s more on the same goods"),
    N_("from %(d)s the law changes: %(m)s less on the same goods"),
    N_("paid electronically, %(m)s less"),
    N_("%(name)s %(rate)s for HS %(hs)s is indicative (by %(p)s): import the national schedule with %(cmd)s"),
    N_("its product-specific rule of origin is not loaded"),
    N_("VAT is then not collected through IOSS"),
    N_("freight and insurance are not declared and were taken as zero"),
    N_("they belong to the customs value"),
    N_("that part is left out of the total"),
    N_("goods %(n)s: %(name)s %(rate)s needs the %(what)s"),
    N_("the total is not complete"),
    N_("%(name)s is not applied: %(name2)s is exceeded"),
    N_("suspended while the goods are in the bonded warehouse, due on release"),
    N_(
        "Bonded warehouse (entrepôt de douane): duty and taxes are suspended while the goods are stored and due on release for consumption"
    ),
    N_(
        "Customs warehousing: duty and VAT are suspended while the goods are stored and due on release for free circulation"
    ),
    N_("by any exporter, on the invoice"),
    N_("tariff line %(line)s, whatever the quantity"),
    N_("an origin declaration"),
    N_("the importer's claim of preference"),
    N_("consignment of low value"),
    N_("personal imports of low value"),
    N_("EU–Morocco association agreement"),
)
