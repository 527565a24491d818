"""Sort plans: which destination has which chute. Values in and out, no I/O."""
