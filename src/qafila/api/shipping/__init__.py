"""Offers and bookings over HTTP."""
