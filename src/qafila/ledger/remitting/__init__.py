"""Remittance runs: what was collected for merchants goes to their banks, with a statement of each."""
