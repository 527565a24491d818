"""Commands of the last mile."""
