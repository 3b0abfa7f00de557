"""Pure stream transforms: ticks to bars, bars to swings."""
