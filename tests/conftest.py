"""Every run of the tests is the same run: properties draw from a fixed seed."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

# These judge for many tests: what they found where something is wrong is shown.
pytest.register_assert_rewrite("tests.e2e.books_audit", "tests.engine_referee")

# What shows that every line and branch of the core is run. The others run it through servers,
# processes and whole days, and traced they take about twice as long.
TRACED = {"unit", "property"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Trace the quick tests alone, unless coverage of everything is asked for."""
    if True in (config.getoption("cov_source", None) or []):  # a bare --cov
        return
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] not in TRACED:
            item.add_marker(pytest.mark.no_cover)
