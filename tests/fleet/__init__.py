"""The air fleet."""
