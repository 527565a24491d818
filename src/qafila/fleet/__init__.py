"""The air fleet: aircraft by tail, rotations, crews' duty, disruptions and their cheapest repair."""
