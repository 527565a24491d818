"""Which departures run, and with how many vehicles: what each costs, lines added and cancelled, load evened out."""
