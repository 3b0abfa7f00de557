"""Days of market data in Parquet files: written by imports, read by backtests."""
