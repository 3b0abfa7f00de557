"""What makes research quick: one day of bars under many settings, compiled. Never loaded live."""
