"""What an engine sees of one symbol at one moment, from the bar to the ranking, in plain words.

Rules of this file:

1. Nothing is judged here: numbers and reasons are the engine's own, thresholds are the settings'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.orders import Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.session import ist_clock
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms
from swingbreak.strategy.baseline import WhyNot
from swingbreak.strategy.levels import Level, LevelState

__all__ = ["Line", "Sight", "reason_in_words"]

_SHOWN: Final = 4  # rivals
_REASONS: Final = {
    "no_swing": "no swing low has been confirmed yet",
    "no_data": "no volume was known, so there is no VWAP to judge by",
    "price_low": "the swing low is below the cheapest that qualifies",
    "price_high": "the swing low is above the dearest that qualifies",
    "vwap_premium_low": "the swing low is not far enough above VWAP",
    "stop_too_near": "the stop would be too near",
    "stop_too_far": "the stop would be too far",
    "below_one_lot": "one lot would risk more than one R",
    "broken": "the level was broken, and a broken level is not sold under any more",
    "superseded": "a newer swing low has taken the level's place",
    "filled": "the level has been entered on already",
    "expired": "the day is over",
    "outranked": "another level of its right ranks better",
    "position": "there is a position in it",
    "no_history": "the day so far had not been read",
    "incomplete": "the day so far was not known whole",
    "stale": "it had not ticked for long",
    "feed_stale": "the feed had gone silent",
    "no_tick": "no tick had come since the feed began",
    "leaving": "the process was leaving",
    "outside": "its strike was outside the window around the index",
    "entry_refused": "an entry on this level was refused or taken away",
    "account_unread": "the account had not been read",
    "paused": "a person had paused entries",
    "last_entry": "it was too late for an entry",
    "unprotected": "a position had been without a stop for too long",
    "daily_target": "the daily target had been reached",
    "daily_stop": "the daily stop had been reached",
    "force_exit": "the force-exit time had come",
}


def reason_in_words(reason: str) -> str:
    """Return an engine's *reason* as a sentence's end; one that is not known stays as it is."""
    return _REASONS.get(reason, reason.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Line:
    """One link of the chain from the market to an order, or to none.

    Attributes:
        at: Market time.
        topic: ``bar``, ``swing``, ``level``, ``filter``, ``ranking``, ``risk`` and so on.
        text: In words.
        values: The numbers in it, prices in rupees.
    """

    at: datetime
    topic: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)


class Sight:
    """One symbol as the engine sees it now.

    Args:
        engine: As it was at that moment.
        terms: What it decides by.
        symbol: Which option.
        bars: Its closed bars so far, oldest first.
        at: The moment.
    """

    def __init__(
        self, engine: Engine, terms: DayTerms, symbol: str, bars: Sequence[Bar], at: datetime
    ) -> None:
        self._engine = engine
        self._terms = terms
        self._symbol = symbol
        self._bars = {bar.minute: bar for bar in bars}
        self._at = at
        self.standing = {
            each.symbol: each for each in engine.view.strategy.why(engine.view.barred())
        }

    def lines(self) -> list[Line]:
        """Return what is seen, from the bar to the ranking."""
        level = self._engine.view.strategy.newest(self._symbol)
        price = self._engine.view.strategy.last(self._symbol)
        seen = f"last traded at {rupees(price)}" if price else "has not traded"
        text = f"{self._symbol} {seen}; {len(self._bars)} bars are closed"
        last = self._line("tick", text, last=price / 100)
        if level is None:
            return [last, self._line("swing", reason_in_words("no_swing"))]
        return [last, self._bar(level), self._swing(level), self._static(level), *self._rest(level)]

    def _rest(self, level: Level) -> list[Line]:
        if level.state is LevelState.REJECTED:
            return []
        state = self._line("level", f"level {level.level_id} is {level.state}", state=level.state)
        if level.state is not LevelState.ARMED:
            return [state]
        return [state, self._dynamic(level), self._ranking()]

    def risk(self, but: str = "") -> Line:
        """Return how the limits stand, without the live entries of order *but*."""
        engine, p = self._engine, self._terms.parameters
        entries = {
            order.intent.symbol
            for slot, order in engine.state.book.live.items()
            if slot.purpose is Purpose.ENTRY and order.order_id != but
        }
        taken = (entries | engine.state.holdings.positions.keys()) - {self._symbol}
        right = engine.contracts[self._symbol].right
        same = sum(engine.contracts[symbol].right is right for symbol in taken)
        return self._line(
            "risk",
            f"{len(taken)} of {p.max_positions} places are taken by positions and other entries, "
            f"{same} of {p.max_per_right} of {right}",
            taken=len(taken),
            most=p.max_positions,
            of_right=same,
            most_of_right=p.max_per_right,
        )

    def _bar(self, level: Level) -> Line:
        bar = self._bars.get(level.minute)
        clock = self._clock(level.minute)
        if bar is None:
            return self._line("bar", f"the bar of {clock} is not on the tape")
        shape = ", ".join(
            f"{name} {rupees(price)}"
            for name, price in zip(("open", "high", "low", "close"), bar[1:5], strict=True)
        )
        return self._line("bar", f"the bar of {clock}: {shape}", minute=clock)

    def _swing(self, level: Level) -> Line:
        confirmed = self._clock(level.confirmed_minute)
        votes = [
            self._clock(minute)
            for minute, bar in sorted(self._bars.items())
            if level.minute < minute <= level.confirmed_minute
            and (base := self._bars.get(level.minute))
            and bar.high > base.high
            and bar.close > base.close
        ]
        after = f"; the bars of {' and '.join(votes)} closed above it" if len(votes) > 1 else ""
        return self._line(
            "swing",
            f"its low {rupees(level.price)} is a swing low, confirmed by the bar of {confirmed}"
            + after,
            price=level.price / 100,
            confirmed=confirmed,
        )

    def _static(self, level: Level) -> Line:
        p = self._terms.parameters
        worth, units = level.vwap
        premium = 100 * (level.price * units - worth) / worth if worth else 0.0
        vwap = worth / units / 100 if units else 0.0
        text = (
            f"price {rupees(level.price)} of {rupees(p.price_min)} to {rupees(p.price_max)}; "
            f"{abs(premium):.2f} % {'above' if premium >= 0 else 'below'} VWAP {vwap:.2f}, at "
            f"least {p.vwap_premium_min_bp / 100:g} % above is needed"
        )
        verdict = f"rejected, {reason_in_words(level.reason)}" if level.reason else "passed"
        return self._line(
            "filter",
            f"{text}: {verdict}",
            premium_percent=round(premium, 4),
            reason=level.reason,
        )

    def _dynamic(self, level: Level) -> Line:
        p, mine = self._terms.parameters, self.standing[self._symbol]
        lot = self._engine.contracts[self._symbol].lot
        stop = level.price + mine.points
        size = _lots(mine, lot, p)
        verdict = self._engine.view.strategy.choice(self._symbol)
        found = reason_in_words(verdict) if isinstance(verdict, str) else size
        return self._line(
            "filter",
            f"highest high since is {rupees(mine.highest)}, so the stop is {rupees(stop)}, "
            f"{rupees(mine.points)} points away: {100 * mine.points / level.price:.2f} % of "
            f"{p.stop_min_bp / 100:g} to {p.stop_max_bp / 100:g} %: {found}",
            highest=mine.highest / 100,
            stop=stop / 100,
            points=mine.points / 100,
            lots=mine.lots,
        )

    def _ranking(self) -> Line:
        mine, target = self.standing[self._symbol], self._terms.parameters.target_points
        rivals = sorted(
            (each for each in self.standing.values() if each.right is mine.right and each.lots),
            key=lambda each: (each.reason != "", abs(each.points - target), -each.price),
        )
        listed = "; ".join(_rival(each, target) for each in rivals[:_SHOWN]) or "nobody qualifies"
        more = f"; and {len(rivals) - _SHOWN} more" if len(rivals) > _SHOWN else ""
        return self._line(
            "ranking",
            f"{len(rivals)} of {mine.right} qualify, stop points nearest {rupees(target)} first: "
            f"{listed}{more}",
            candidates=[
                {"symbol": each.symbol, "points": each.points / 100, "reason": each.reason}
                for each in rivals
            ],
        )

    def _clock(self, minute: int) -> str:
        return ist_clock(self._terms.session.start_of(minute))[:5]

    def _line(self, topic: str, text: str, **values: object) -> Line:
        return Line(self._at, topic, text, values)


def _lots(mine: WhyNot, lot: int, p: Parameters) -> str:
    if not mine.lots:
        return "no size fits"
    return (
        f"{rupees(p.r_value)} of risk buys {mine.lots} lots of {lot} (at most {p.max_lots}), "
        f"{mine.lots * lot} units"
    )


def _rival(each: WhyNot, target: Paise) -> str:
    away = f"{rupees(each.points)} points, {rupees(abs(each.points - target))} off"
    why = f", but {reason_in_words(each.reason)}" if each.reason not in {"", "outranked"} else ""
    return f"{each.symbol} {away}{why}"
