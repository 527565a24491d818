"""Money that is owed, held and remitted: a double-entry ledger, and what is booked in it."""
