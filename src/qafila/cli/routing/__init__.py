"""Commands that route."""
