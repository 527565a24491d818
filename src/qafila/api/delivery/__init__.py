"""/delivery: fleets, rounds, acts at the door, pick-up points."""
