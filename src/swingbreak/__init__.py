"""One deterministic core for intraday option selling: backtest, paper and live decide alike."""

__version__ = "0.1.0"
