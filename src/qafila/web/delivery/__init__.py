"""Pages of the last mile: the dispatcher, the driver, the buyer, the counter of a pick-up point."""
