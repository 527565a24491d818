"""The packing engine: boxes into ULDs with cut corners, orientation, support and load bearing. No I/O."""
