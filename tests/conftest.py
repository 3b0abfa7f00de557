"""Every run of the tests is the same run: properties draw from a fixed seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

try:
    import fcntl
except ImportError:  # Windows: two workers compile it at once, no more than that
    fcntl = None  # type: ignore[assignment]

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.load_profile("same")

# These judge for many tests: what they found where something is wrong is shown.
pytest.register_assert_rewrite("tests.e2e.books_audit", "tests.engine_referee")


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """What a command sets for its whole process is not there for the next test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks for files in the current folder finds the test's, or none."""
    monkeypatch.chdir(tmp_path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one worker in at a time; the others wait."""
    with path.open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The kernel of sweeps, compiled by one worker for all: it takes half a minute of a core."""
    pytest.importorskip("numba")
    from swingbreak.bootstrap.sweep.scoring import run_by_kernel  # noqa: PLC0415 - heavy
    from tests.oracle.compare import random_case  # noqa: PLC0415 - as above

    case = random_case(1)
    with _alone(tmp_path_factory.getbasetemp().parent / "kernel.lock"):
        run_by_kernel(case.prepared, {7: case.parameters})
