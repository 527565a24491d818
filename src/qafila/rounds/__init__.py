"""The rounds engine: who visits which stops in which order, and when. Values and arrays in, values out; no I/O."""
