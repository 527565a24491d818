"""Pages of carriers that join."""
