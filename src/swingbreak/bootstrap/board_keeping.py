"""Keeps the board and the course of a running day up to date, beside it and never in its way.

Rules of this file:

1. They are drawn between two turns of the loop, for only there is the day whole, and written by a
   thread: a slow disk holds up nobody.
2. What cannot be written, or drawn, is told once; the day goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from swingbreak.adapters.board import Board, board_in, write_board
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.course import CourseLine, append_course, course_in
from swingbreak.bootstrap.board_drawing import Drawing
from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.strategy.levels import Level

__all__ = ["BoardKeeper"]

_EVERY_S: Final = 1.0


class BoardKeeper:
    """Publishes a day once a second, and a last time when it is over.

    Args:
        state_dir: Where the files go.
        drawing: Draws the board.
        curve: The day's net P&L, which grows.
        now: Market time.
    """

    def __init__(
        self,
        state_dir: Path,
        drawing: Drawing,
        curve: Sequence[tuple[datetime, Paise]],
        now: Callable[[], datetime],
    ) -> None:
        self._board = board_in(state_dir)
        self._course = course_in(state_dir, drawing.session.day)
        self._drawing = drawing
        self._now = now
        self._news = _News(drawing, curve)
        self._writing: asyncio.Task[None] | None = None
        self._failed = False

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Publish while the block runs."""
        # no child of the day's: what goes wrong here must not end it
        task = asyncio.create_task(self._keep())
        task.add_done_callback(_tell)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            if self._writing is not None:
                await asyncio.wait([self._writing])

    async def finish(self) -> None:
        """Say that nothing more will come."""
        task = asyncio.create_task(self._publish(ended=True))
        task.add_done_callback(_tell)
        await asyncio.wait([task])

    async def _keep(self) -> None:
        while True:
            await self._publish(ended=False)
            await asyncio.sleep(_EVERY_S)

    async def _publish(self, *, ended: bool) -> None:
        board = self._drawing.board(WallClock().now(), self._now(), ended=ended)
        work = asyncio.to_thread(self._write, board, self._news.line())
        self._writing = asyncio.create_task(work)
        await asyncio.shield(self._writing)

    def _write(self, board: Board, line: CourseLine) -> None:
        try:
            if line != CourseLine():
                append_course(self._course, line)
            write_board(self._board, board)
        except OSError as error:
            if not self._failed:
                self._failed = True
                structlog.get_logger().error("board.not_written", reason=str(error))


def _tell(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        structlog.get_logger().error("board.not_drawn", reason=repr(error))


class _News:
    """What was not in the course yet."""

    def __init__(self, drawing: Drawing, curve: Sequence[tuple[datetime, Paise]]) -> None:
        self._drawing = drawing
        self._curve = curve
        self._points = 0
        self._bars: dict[str, tuple[list[Bar], int]] = {}
        self._levels: dict[str, Level] = {}

    def line(self) -> CourseLine:
        """Return what is new, and remember that it was told."""
        points = tuple(self._curve[self._points :])
        self._points += len(points)
        return CourseLine(self._new_bars(), self._new_levels(), points)

    def _new_bars(self) -> dict[str, tuple[Bar, ...]]:
        found: dict[str, tuple[Bar, ...]] = {}
        for symbol, bars in self._drawing.desk.bars.items():
            told, count = self._bars.get(symbol, (bars, 0))
            # another list: history has been read, and may know earlier bars better
            fresh = tuple(bars[count:]) if told is bars else tuple(bars)
            self._bars[symbol] = (bars, len(bars))
            if fresh:
                found[symbol] = fresh
        return found

    def _new_levels(self) -> tuple[Level, ...]:
        strategy = self._drawing.engine.view.strategy
        fresh = tuple(
            level
            for symbol in self._drawing.engine.contracts
            for level in strategy.levels(symbol)
            if self._levels.get(level.level_id) is not level
        )
        self._levels.update((level.level_id, level) for level in fresh)
        return fresh
