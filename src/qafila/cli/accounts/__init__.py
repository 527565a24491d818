"""Commands about merchants and keys."""
