"""Readout: what leaders agreed, promised and said at a summit, with the words that prove it."""

__version__ = "0.2.0"
