"""A merchant takes everything of its own along: one folder in open formats, taken in elsewhere without loss."""
