"""A run of many days as reports show it: values only, whether a backtest, paper or live made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade

__all__ = ["RunDay", "RunTrade", "RunView"]


@dataclass(frozen=True, slots=True)
class RunTrade:
    """One round trip, and what a reader must know to believe it.

    Attributes:
        trade: The round trip.
        contract: What was traded.
        ambiguous: Whether its outcome depends on the order of prices within a bar, which bars do
            not tell.
        stake: What hangs on that: the best outcome less the worst one, paise; 0 where nothing does.
        slippage: What the fills cost against the triggers of the orders that made them, paise; a
            fill on the trigger costs nothing, a better one is negative.
    """

    trade: Trade
    contract: OptionContract
    ambiguous: bool = False
    stake: Paise = 0
    slippage: Paise = 0


@dataclass(frozen=True, slots=True)
class RunDay:
    """One day of a run.

    Attributes:
        day: Trading day in India.
        synthetic: Whether its market data was made up.
        grade: Of its market data, A to D; empty where nobody graded it.
        trades: In the order they closed.
        halted_reason: Why the day ended; empty where it did not begin.
        curve: Net P&L in paise, realised and open, at moments of the day, oldest first.
        decisions: Hash of everything decided; equal for equal days.
        option_bars: One-minute bars of options that the day has.
        notes: What a reader must know.
    """

    day: date
    synthetic: bool
    grade: str
    trades: tuple[RunTrade, ...]
    halted_reason: str
    curve: tuple[tuple[datetime, Paise], ...]
    decisions: str
    option_bars: int
    notes: tuple[str, ...] = ()

    @property
    def net(self) -> Paise:
        """Net P&L of its closed trades, paise."""
        return sum(each.trade.net for each in self.trades)


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything that a report of a run needs.

    Attributes:
        label: What ran, and where its market data came from.
        kind: ``backtest``, ``paper``, ``live``, or ``live and paper`` of a folder that has both.
        r_value: One R of the account, paise.
        days: The run under the headline's fill model, oldest first.
        others: The same days under the other fill models, by the model's name.
        fills: Name of the headline's fill model; empty where fills were the gateway's.
        settings: What was set, by name, as text with its unit.
        notes: What a reader must know.
    """

    label: str
    kind: str
    r_value: Paise
    days: tuple[RunDay, ...]
    others: Mapping[str, tuple[RunDay, ...]]
    fills: str
    settings: Mapping[str, str]
    notes: tuple[str, ...] = ()
