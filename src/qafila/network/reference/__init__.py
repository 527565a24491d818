"""The reference network: generated from real places by stated rules, always the same."""

from qafila.network.reference.build import build

__all__ = ["build"]
