"""Commands that ship."""
