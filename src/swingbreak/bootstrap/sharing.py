"""Shares work among processes of this machine; the number of them changes nothing but the time.

Rule of this file: what is shared leaves no cycles of objects behind, so the collector that looks
for them may rest. It took a twelfth of the time of a backtest.
"""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from swingbreak.domain.errors import SwingbreakError

__all__ = ["rest_collector", "shared"]

# New objects, less those thrown away, between two collections: more than a day has while it runs.
_RARELY = 100_000

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def shared(run: Callable[[_Task], _Result], tasks: Sequence[_Task], jobs: int) -> Iterator[_Result]:
    """Yield what *run* makes of each task, as they are done; in this process for one job.

    Args:
        run: A function of a module, so that other processes find it.
        tasks: Values that can be sent to a process.
        jobs: Processes.

    Raises:
        SwingbreakError: A process died; what it had kept is kept.
    """
    rest_collector()
    if jobs == 1 or len(tasks) <= 1:
        yield from map(run, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), context, _leave_to_parent) as pool:
        try:
            with _unheard():
                running = [pool.submit(run, task) for task in tasks]
            for done in as_completed(running):
                yield done.result()
        except BrokenProcessPool as error:
            raise SwingbreakError(
                "a process died (out of memory, or killed): start the same command again, what is "
                "done is kept"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _unheard() -> Iterator[None]:
    """Have processes that begin here deaf to Ctrl-C from their first moment.

    One that it killed while it was still importing would leave the others waiting for ever.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)  # one that came meanwhile comes now


def _leave_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C reaches every process; one reports it
    rest_collector()


def rest_collector() -> None:
    """Let this process's collector of cycles come rarely, and not go through what is there now."""
    gc.freeze()  # what a process begins with is never thrown away
    gc.set_threshold(_RARELY)
