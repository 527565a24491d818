"""Commands about the network."""
