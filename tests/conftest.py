"""Every run of the tests is the same run: properties draw from a fixed seed."""

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

# These judge for many tests: what they found where something is wrong is shown.
pytest.register_assert_rewrite("tests.e2e.books_audit", "tests.engine_referee")
