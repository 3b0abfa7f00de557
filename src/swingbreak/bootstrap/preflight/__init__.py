"""Whether today can be traded: what is checked, how, and what the answers mean."""
