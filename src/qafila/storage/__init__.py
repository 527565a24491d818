"""Storage: goods in warehouses. What comes in, where it lies, how it is picked, packed and handed over."""
