"""Money acts on server processes that are killed in the middle."""
