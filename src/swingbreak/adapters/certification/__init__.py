"""Probes that find out what a gateway does, and the profile that comes of them."""
