"""A line that shows how far a day is."""

import sys
from datetime import datetime, timedelta
from typing import TextIO

from swingbreak.domain.commands import Command, Tell
from swingbreak.domain.events import Event
from swingbreak.domain.money import rupees
from swingbreak.domain.session import ist_clock
from swingbreak.engine.engine import Engine

__all__ = ["Progress"]

_QUARTER = timedelta(minutes=15)
_TOLD = ("entry.filled", "exit.filled", "day.halted", "order.rejected", "order.lost", "account.")


class Progress:
    """Prints what happens, and a line every quarter of an hour of the market.

    On a terminal the running minute is shown and overwritten; elsewhere only lines are printed.
    """

    def __init__(self, engine: Engine, out: TextIO = sys.stderr) -> None:
        self._engine = engine
        self._out = out
        self._redraws = out.isatty()
        self._quarter: datetime | None = None
        self._shown = ""

    def saw(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """Show one step."""
        del event
        for command in commands:
            if isinstance(command, Tell) and command.kind.startswith(_TOLD):
                self._line(
                    f"{ist_clock(at)}  {command.kind:<14} {command.subject}  {command.detail}"
                )
        if self._quarter is None or at - self._quarter >= _QUARTER:
            self._quarter = at if self._quarter is None else self._quarter + _QUARTER
            self._line(self._state(at))
        elif self._redraws:
            self._redraw(self._state(at))

    def _state(self, at: datetime) -> str:
        state = self._engine.state
        return (
            f"{ist_clock(at)}  positions {len(state.holdings.positions)}  orders "
            f"{len(state.book.live)}  trades {len(state.holdings.trades)}  "
            f"P&L Rs {rupees(self._engine.account().net)}"
        )

    def _line(self, text: str) -> None:
        if self._redraws:
            self._out.write("\r\x1b[K")
        self._out.write(text + "\n")
        self._shown = ""
        self._out.flush()

    def _redraw(self, text: str) -> None:
        if text[:8] != self._shown[:8]:
            self._out.write(f"\r\x1b[K{text}")
            self._out.flush()
            self._shown = text
