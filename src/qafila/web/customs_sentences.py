"""The sentences of the customs engine and of the desk, as templates; see phrases.py.

A value whose key begins with `name` is a sentence itself.
"""

from __future__ import annotations

from qafila.web.terms import N_

CUSTOMS = (
    # goods that are prohibited or restricted
    N_("Prohibited: %(name)s. %(law)s; source: %(source)s (%(name2)s)."),
    N_("%(name)s (HS %(hs)s falls under %(prefix)s)"),
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
    N_("HS %(hs)s was %(name)s: if they are something else, give their HS code."),
)
