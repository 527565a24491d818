"""Invoices and credit notes to merchants: numbered without gaps, as page, PDF and UBL 2.1."""
