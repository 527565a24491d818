"""Practice at the pages: the lessons, the guide that stands on every page of a place, certificates."""
