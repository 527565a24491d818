"""Public tracking."""
