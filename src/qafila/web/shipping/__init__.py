"""Pages of who ships: offers, files, shipments."""
