"""Commands of what comes back."""
