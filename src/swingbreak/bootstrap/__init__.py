"""The only place that knows everything: builds programs out of the parts."""

from swingbreak.bootstrap.reading import read_signals

__all__ = ["read_signals"]
