"""`qafila ledger`."""
