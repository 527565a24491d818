"""The delivery floor: fleets, rounds of a day, what happens at the door, pick-up points, and what buyers are told."""
