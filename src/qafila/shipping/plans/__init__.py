"""Plans that a home keeps: their reservations on departures, and the hourly re-plan."""
