"""Duties, codes and declarations over HTTP."""
