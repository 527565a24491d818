"""The map of the network."""
