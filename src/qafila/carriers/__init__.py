"""Carriers that join: their feeds in the network, and adapters that take parcels to their systems and bring back labels and events."""
