"""Aircraft and their loads: build-up of ULDs, their positions, balance."""
