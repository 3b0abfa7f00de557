"""The durable memory of the day."""
