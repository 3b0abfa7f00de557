"""The loops that carry events to the core and commands away from it."""
