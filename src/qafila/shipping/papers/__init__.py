"""Labels, invoices and customs forms as PDF."""
