"""What a key is and opens, over HTTP."""
