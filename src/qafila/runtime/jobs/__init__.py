"""What outlives a request: one queue in PostgreSQL, any number of workers, progress and results that survive them."""
