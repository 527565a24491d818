"""Commands of customs and of the desk."""
