"""Numbers that the trade uses, with their check digits: one file for each."""
