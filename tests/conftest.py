"""Every run of the tests is the same run: properties draw from a fixed seed."""

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")
