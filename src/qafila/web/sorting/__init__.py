"""Pages of sorting."""
