"""Load plans of aircraft over HTTP."""
