"""What several files here begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.stores import made_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of four made-up days of five strikes; nobody writes to it."""
    return made_store(tmp_path_factory.mktemp("store") / "data", days=4, strikes=2)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A quiet browser; its loop is in the way of other files' tests that have one of their own."""
    from tests.browsing import quiet_browser  # noqa: PLC0415 - skips where there is no playwright

    with quiet_browser() as launched:
        yield launched
