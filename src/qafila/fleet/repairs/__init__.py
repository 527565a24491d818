"""The cheapest repair of a disrupted schedule."""
