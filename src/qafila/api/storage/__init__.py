"""The storage wing: products, what comes in, stock, what goes out, acts of scanners."""
