"""Endpoints of carriers that join."""
