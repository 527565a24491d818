"""Commands of the open hub."""
