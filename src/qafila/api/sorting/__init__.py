"""/sorting: centres, plans, scans, bags."""
