"""The network over HTTP."""
