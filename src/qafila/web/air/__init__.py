"""The air floor's pages."""
