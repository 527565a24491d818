"""Pages of what comes back: the merchant, the warehouse, the buyer."""
