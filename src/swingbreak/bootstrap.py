"""The only place that knows everything: builds programs out of the parts."""
