"""Pages of the open hub."""
