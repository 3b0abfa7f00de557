"""Work under way at the gateway."""

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["Outbox"]


class Outbox:
    """Carries work out, each piece in a task of its own.

    Commands of one slot never overtake each other here: the engine leaves a slot in flight alone.

    Args:
        tasks: Where the tasks live; one that fails ends the day's loop.
        settled: Called each time a task is done.

    Attributes:
        in_flight: Tasks not done.
    """

    def __init__(self, tasks: asyncio.TaskGroup, settled: Callable[[], None]) -> None:
        self.in_flight = 0
        self._tasks = tasks
        self._started: set[asyncio.Task[None]] = set()
        self._settled = settled

    def start(self, work: Awaitable[None]) -> None:
        """Do *work* at the gateway; until it is done we are not idle."""
        self.in_flight += 1
        task = self._tasks.create_task(self._do(work))
        self._started.add(task)
        task.add_done_callback(self._started.discard)

    async def drop(self) -> None:
        """Wait for no answer any more."""
        await asyncio.sleep(0)  # let everything begin: what never does cannot be cancelled quietly
        for task in self._started:
            task.cancel()

    async def _do(self, work: Awaitable[None]) -> None:
        try:
            await work
        finally:
            self.in_flight -= 1
            self._settled()
