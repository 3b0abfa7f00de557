"""What we want resting: levels, filters, selection, size."""
