"""qafila: the open smart-logistics network."""

__version__ = "0.1.0"
