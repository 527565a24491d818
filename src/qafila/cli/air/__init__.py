"""Commands of the air floor."""
