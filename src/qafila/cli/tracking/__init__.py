"""Commands that track."""
