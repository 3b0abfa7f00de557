"""A day as reports show it: values only, whatever ran it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Position, Trade
from swingbreak.domain.session import Session
from swingbreak.facts.charges import ContractNote

__all__ = ["DayView", "LevelMark"]


@dataclass(frozen=True, slots=True)
class LevelMark:
    """The swing low an entry rested on.

    Attributes:
        price: Paise.
        minute: Minutes since the open of the bar it sits on.
        confirmed_minute: Of the bar that confirmed it.
    """

    price: Paise
    minute: int
    confirmed_minute: int


@dataclass(frozen=True, slots=True)
class DayView:
    """Everything a report of one day needs.

    Attributes:
        label: Where the market data came from.
        synthetic: Whether it was made up.
        mode: ``paper`` or ``live``.
        session: The day.
        r_value: One R of the account, paise.
        trades: Closed round trips, in the order they closed.
        contract_note: Charges of every order that traded, by component.
        open_positions: What was still open at the end; empty on a proper day.
        halted_reason: Why the day ended: ``daily_target``, ``daily_stop``, ``force_exit``.
        curve: Net P&L in paise, realised and open, at moments of the day, oldest first.
        bars: One-minute bars of the traded symbols, oldest first.
        levels: Swing lows by level id.
        decisions: Hash of everything decided; equal for equal days.
        orders_sent: Places, modifies and cancels.
        peak_margin: Most that was blocked at once, by the broker's own count, as far as entries
            tell; paise.
        unprotected: Time that positions were open without a stop at the exchange, all together.
        longest_unprotected: The longest such stretch of one position.
        notes: What a reader must know.
    """

    label: str
    synthetic: bool
    mode: str
    session: Session
    r_value: Paise
    trades: tuple[Trade, ...]
    contract_note: ContractNote
    open_positions: tuple[Position, ...]
    halted_reason: str
    curve: tuple[tuple[datetime, Paise], ...]
    bars: Mapping[str, tuple[Bar, ...]]
    levels: Mapping[str, LevelMark]
    decisions: str
    orders_sent: int
    peak_margin: Paise = 0
    unprotected: timedelta = timedelta()
    longest_unprotected: timedelta = timedelta()
    notes: tuple[str, ...] = ()

    @property
    def gross(self) -> Paise:
        """P&L of the closed trades before costs, paise."""
        return sum(trade.gross for trade in self.trades)

    @property
    def charges(self) -> Paise:
        """Costs of the closed trades, paise."""
        return sum(trade.charges for trade in self.trades)

    @property
    def net(self) -> Paise:
        """Net P&L of the closed trades, paise."""
        return sum(trade.net for trade in self.trades)

    @property
    def r(self) -> float:
        """Net P&L in R of the account: a statistic, never booked."""
        return self.net / self.r_value
