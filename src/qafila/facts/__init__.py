"""Facts of the world as data files, each with source, validity and confidence."""
