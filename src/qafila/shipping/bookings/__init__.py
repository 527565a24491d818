"""Room taken on departures, and what that makes: bookings, shipments, parcels and their numbers."""
