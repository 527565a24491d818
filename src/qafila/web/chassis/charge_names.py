"""Names of charges, procedures and reliefs in the customs rules (qafila/customs/rules), as templates; see phrases.py.

What stands in brackets behind a name is its name there, a rate, or a word that is listed too.
"""

from __future__ import annotations

from qafila.runtime.language.terms import N_

CHARGES = (
    N_("%(name)s (%(name2)s) (%(rate)s)"),
    N_("%(name)s (%(name2)s)"),
    N_("%(name)s, 70 %%"),
    N_("Additional customs duty"),
    N_("Bonded zone"),
    N_("Community solidarity levy of UEMOA"),
    N_("Comprehensive import supervision scheme"),
    N_("Consumption tax"),
    N_("Cross-border e-commerce retail import"),
    N_("Customs duty, €3 per item"),
    N_("Customs warehousing"),
    N_("ECOWAS community levy"),
    N_("ECOWAS trade liberalisation scheme levy"),
    N_("Flat rate for parcels of low value"),
    N_("French tax on small parcels"),
    N_("Import One-Stop Shop"),
    N_("Import VAT"),
    N_("Italian handling fee"),
    N_("Merchandise processing fee, formal entry"),
    N_("Merchandise processing fee, informal entry"),
    N_("Port development surcharge"),
    N_("Romanian logistics tax"),
    N_("Single fixed tax"),
    N_("Special consumption tax"),
    N_("Statistical levy"),
    N_("Surcharge for not paying electronically"),
    N_("Tax on articles by post"),
    N_("VAT at the point of sale"),
    N_("VAT relief for consignments of negligible value"),
    N_("VAT, collected at sale through IOSS"),
    N_("courier parcels of low value"),
    N_("cross-border e-commerce: limit of a person's year"),
    N_("cross-border e-commerce: limit of an order"),
    N_("de minimis entry"),
    N_("gifts between private persons"),
    N_("informal entry"),
    N_("low-value relief"),
    N_("postal and express parcels under the single fixed tax"),
    N_("postal articles for own use: limit of a parcel"),
    N_("relief for parcels between private persons"),
    N_("relief for parcels without commercial character"),
    N_("GCC common tariff"),
    N_("general rate"),
    N_("EAC common external tariff"),
    N_("section 321"),
)
