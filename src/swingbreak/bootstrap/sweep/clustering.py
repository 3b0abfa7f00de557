"""The work of a sweep on a Dask cluster: one that is given, or one of this machine.

Rules of this file:

1. What is done is kept by the process that started the sweep; a worker writes nothing. So a worker
   may die at any moment: its unit is run again, and nothing else is.
2. A worker needs this program, and the same data in the same place. Where its fingerprint is
   another the sweep ends, for what it found is of something else.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from swingbreak.adapters.data_layer import LazyModule
from swingbreak.bootstrap.sweep.keeping import Scored, UnitKeeper
from swingbreak.bootstrap.sweep.units import Unit, Workers, fingerprint, found, score_unit
from swingbreak.domain.errors import ConfigError, DataError, SwingbreakError

__all__ = ["LOCAL", "cluster_workers"]

LOCAL: Final = "local"
_PATIENCE_S: Final = 10
_DEATHS: Final = 3  # of workers, that one unit may be running on

_distributed: Any = LazyModule("distributed", "cluster", "--cluster")


@contextmanager
def cluster_workers(address: str, jobs: int) -> Iterator[Workers]:
    """Yield the workers of the cluster at *address*; for ``local``, *jobs* processes of our own.

    Raises:
        NeedsExtra: Dask is not installed.
        ConfigError: Nothing answers there.
    """
    with ExitStack() as stack:
        if address == LOCAL:
            address = stack.enter_context(
                _distributed.LocalCluster(
                    n_workers=jobs, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
                )
            )
        try:
            client = stack.enter_context(_distributed.Client(address, timeout=_PATIENCE_S))
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"--cluster {address}: nothing answers there ({error}): start `dask scheduler` "
                f"and, where the data are, `dask worker` with its address; or give {LOCAL}"
            ) from error
        yield lambda units: _run(client, units)


def _run(client: Any, units: Sequence[Unit]) -> Iterator[tuple[Scored, bool]]:
    waiting = []
    for unit in units:
        if there := found(unit):
            yield there, True
        else:
            waiting.append(unit._replace(root=unit.root.resolve()))
    futures = dict(
        zip(client.map(score_unit, waiting, pure=False, retries=_DEATHS), waiting, strict=True)
    )
    for future in _distributed.as_completed(futures):
        unit = futures.pop(future)
        try:
            scored: Scored = future.result()
        except _distributed.KilledWorker as error:
            raise SwingbreakError(
                f"{unit.place.day}: every worker that ran it died (out of memory?): {error}: start "
                "the same command again, what is done is kept"
            ) from error
        _keep(unit, scored)
        yield scored, False


def _keep(unit: Unit, scored: Scored) -> None:
    if scored.refused:
        return
    if scored.fingerprint != fingerprint(unit):
        raise DataError(
            f"{unit.place.day}: a worker has other data in {unit.root}, or another version of this "
            "program: make them the same"
        )
    UnitKeeper(unit.out).keep(unit.sets[0][0], scored)
