"""Whole days of the whole program under a virtual clock, with faults drawn from a seed."""
