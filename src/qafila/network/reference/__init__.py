"""The reference network: generated from real places by stated rules, always the same."""

from qafila.network.reference.assembling import build

__all__ = ["build"]
