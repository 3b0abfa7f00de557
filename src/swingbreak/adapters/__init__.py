"""The edges: each knows one outside system, none knows another."""
