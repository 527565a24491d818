"""/returns: labels, what comes back, refunds."""
