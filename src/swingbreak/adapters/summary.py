"""The day in one row, as every store of it writes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade

__all__ = ["DaySummary"]


@dataclass(frozen=True, slots=True)
class DaySummary:
    """What the closed trades of a day came to; open positions are not in it.

    Attributes:
        mode: ``paper`` or ``live``.
        label: Where the market data came from: ``synthetic NIFTY seed 7``.
        trades: Closed round trips.
        wins: Those with a net profit.
        gross_paise: Their P&L before costs.
        charges_paise: Their costs.
        r_value_paise: One R of the account.
        peak_margin_paise: Most that was blocked at once, by the broker's own count, as far as
            entries tell.
        halted_reason: Why the day was ended early or closed; empty while it goes on.
        updated_at: When this was true.
    """

    mode: str
    label: str
    trades: int
    wins: int
    gross_paise: Paise
    charges_paise: Paise
    r_value_paise: Paise
    peak_margin_paise: Paise
    halted_reason: str
    updated_at: datetime

    @classmethod
    def of(  # noqa: PLR0913 - one argument a column, all by name
        cls,
        trades: Iterable[Trade],
        *,
        mode: str,
        label: str,
        r_value: Paise,
        peak_margin: Paise = 0,
        halted_reason: str,
        at: datetime,
    ) -> "DaySummary":
        """Return the summary of *trades* as of *at*."""
        closed = tuple(trades)
        return cls(
            mode=mode,
            label=label,
            trades=len(closed),
            wins=sum(trade.net > 0 for trade in closed),
            gross_paise=sum(trade.gross for trade in closed),
            charges_paise=sum(trade.charges for trade in closed),
            r_value_paise=r_value,
            peak_margin_paise=peak_margin,
            halted_reason=halted_reason,
            updated_at=at,
        )

    @property
    def net_paise(self) -> Paise:
        """P&L after costs."""
        return self.gross_paise - self.charges_paise

    @property
    def r(self) -> float:
        """Net P&L in R of the account: a statistic, never booked."""
        return self.net_paise / self.r_value_paise
