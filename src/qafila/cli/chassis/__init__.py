"""Serving, the demonstration, and what commands share."""
