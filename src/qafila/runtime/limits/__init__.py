"""How much one address or key may ask for: counted by all processes together."""
