"""The day: the sample's parcels ride through every floor by an accelerated clock, by the acts of scanners."""
