"""Practice: a hub of one's own to learn in, lessons that check what was done in it, and certificates that the log proves."""
