"""Pages of the broker's desk and of duties."""
