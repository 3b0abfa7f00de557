"""Draws the board: the day as the engine knows it, in numbers that are ready to be shown.

Rules of this file:

1. It only looks: nothing that decides is changed by drawing.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from swingbreak import __version__
from swingbreak.adapters.board import (
    SCHEMA,
    AccountNow,
    Board,
    CandidateNow,
    FeedNow,
    Funnel,
    OrderNow,
    Places,
    PositionNow,
    Process,
    Protection,
    Rate,
    Standing,
    SymbolNow,
    TradeNow,
)
from swingbreak.domain.instrument import Right
from swingbreak.domain.money import Paise, average
from swingbreak.domain.orders import Order, Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.domain.position import Position, Trade
from swingbreak.domain.session import Session
from swingbreak.engine.engine import Engine
from swingbreak.market.lead import Lead
from swingbreak.risk.account import charges_at
from swingbreak.risk.protection import uncovered
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.live import LiveDay
from swingbreak.runtime.sight import reason_in_words
from swingbreak.strategy.baseline import WhyNot
from swingbreak.strategy.levels import LevelState

__all__ = ["Drawing", "process_of"]

_ENDED_SHOWN = 30
_Times: TypeAlias = Callable[[str], tuple[datetime, datetime]]


def process_of(began_at: datetime, *, mode: str, label: str, synthetic: bool, log: str) -> Process:
    """Return what this process says of itself."""
    return Process(os.getpid(), __version__, began_at, mode, label, synthetic, log)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a board is drawn of.

    Attributes:
        times: When an order was placed and last heard of.
        peak_margin: Most that was blocked at once so far, paise.
        lead: Which of two feeds is listened to; ``None`` where there is one.
    """

    session: Session
    process: Process
    parameters: Parameters
    engine: Engine
    desk: Desk
    live: LiveDay
    times: _Times
    peak_margin: Callable[[], Paise]
    lead: Lead | None = None

    def board(self, written_at: datetime, at: datetime, *, ended: bool) -> Board:
        """Return the board as of *at*, market time."""
        waiting, spent = self.live.pressure()
        holdings, session = self.engine.state.holdings, self.session
        candidates = tuple(self._candidates())
        return Board(
            schema=SCHEMA,
            written_at=written_at,
            at=at,
            day=session.day,
            opens=session.opens,
            closes=session.closes,
            process=self.process,
            account=self._account(),
            standing=self._standing(at, ended=ended),
            places=tuple(self._places()),
            protection=self._protection(at),
            feed=self._feed(at),
            rates=tuple(
                Rate(int(each.window.length.total_seconds()), each.sent, *each.window[1:])
                for each in spent
            ),
            waiting=waiting,
            positions=tuple(self._positions(at)),
            orders=tuple(self._orders()),
            trades=tuple(map(_trade, holdings.trades.values())),
            candidates=candidates,
            funnels=tuple(self._funnel(right, candidates) for right in Right),
        )

    def _account(self) -> AccountNow:
        account, p = self.engine.account(), self.parameters
        trades = self.engine.state.holdings.trades.values()
        return AccountNow(
            net=account.net,
            realised=account.realised,
            open=account.open,
            r=account.net / p.r_value,
            r_value=p.r_value,
            target=p.daily_target_r * p.r_value,
            stop=p.daily_stop_r * p.r_value,
            target_r=p.daily_target_r,
            stop_r=p.daily_stop_r,
            peak_margin=self.peak_margin(),
            trades=len(trades),
            wins=sum(trade.net > 0 for trade in trades),
        )

    def _standing(self, at: datetime, *, ended: bool) -> Standing:
        state, session, p = self.engine.state, self.session, self.parameters
        force_exit, held = session.at(p.force_exit), self.live.held
        return Standing(
            halted=state.halted,
            paused=state.paused,
            barred=self.engine.entries_barred(at),
            last_entry=min(session.at(p.last_entry), force_exit),
            force_exit=force_exit,
            ended=ended,
            flat=None
            if held is None
            else not any(held[s] and s in self.engine.scope for s in held),
        )

    def _places(self) -> Iterator[Places]:
        state, p = self.engine.state, self.parameters
        entries = {
            order.intent.symbol
            for slot, order in state.book.live.items()
            if slot.purpose is Purpose.ENTRY
        }
        taken = entries | state.holdings.positions.keys()
        yield Places("all", len(taken), p.max_positions)
        for right in Right:
            ours = sum(self.engine.contracts[symbol].right is right for symbol in taken)
            yield Places(right.value, ours, p.max_per_right)

    def _protection(self, at: datetime) -> Protection:
        cover = self.engine.cover.unprotected
        limit = self.parameters.unprotected_limit_s
        return Protection(cover.total(at).total_seconds(), cover.longest(at).total_seconds(), limit)

    def _feed(self, at: datetime) -> FeedNow:
        heard, held, p = self.desk.heard(), self.desk.held, self.parameters
        symbols = tuple(
            SymbolNow(symbol, _age(at, when), held.get(symbol, ""))
            for symbol, when in heard.items()
        )
        youngest = max((when for when in heard.values() if when is not None), default=None)
        scope, following = self.engine.scope, self.desk.following
        strikes, coming = scope.strikes(), following and following.recentring.coming
        return FeedNow(
            _age(at, youngest),
            p.feed_stale_after_s,
            p.stale_after_s,
            symbols,
            centre=scope.centre,
            lowest=min(strikes),
            highest=max(strikes),
            coming=coming if coming and coming != scope.centre else 0,
            leads=self.lead.source.value if self.lead else "",
            turns=self.lead.turns if self.lead else 0,
        )

    def _positions(self, at: datetime) -> Iterator[PositionNow]:
        state, since = self.engine.state, self.engine.cover.unprotected.since
        positions = state.holdings.positions
        unprotected = uncovered(positions, state.book.live.values()) if positions else {}
        for symbol, position in positions.items():
            age = _age(at, since.get(symbol)) or 0.0
            yield self._position(position, unprotected.get(symbol, 0), age)

    def _position(self, position: Position, unprotected: int, unprotected_s: float) -> PositionNow:
        engine, symbol = self.engine, position.symbol
        mark, charge = engine.view.mark(symbol), engine.state.holdings.charge
        charges = charge(position.sold_value, position.bought_value, position.orders)
        gross: Paise | None = None
        net: Paise | None = None
        if mark:
            charges, gross = charges_at(mark, position, charge), position.pnl_at(mark)
            net = gross - charges
        risk = position.points * position.sold
        return PositionNow(
            symbol=symbol,
            trade_id=position.trade_id,
            level=position.level,
            opened_at=position.opened_at,
            units=-position.quantity,
            sold=position.sold,
            sold_at=average(position.sold_value, position.sold),
            mark=mark or None,
            stop=position.stop,
            points=position.points,
            gross=gross,
            charges=charges,
            net=net,
            r=net / risk if net is not None and risk else None,
            unprotected=unprotected,
            unprotected_s=unprotected_s if unprotected else 0.0,
            leaving=engine.state.exit_reason(symbol),
        )

    def _orders(self) -> Iterator[OrderNow]:
        # a day may have a thousand; the table of orders has them all
        book = self.engine.state.book.orders
        ended = [order for order in reversed(book.values()) if not order.status.is_live]
        shown = {order.order_id for order in ended[:_ENDED_SHOWN]}
        for order in book.values():
            if order.status.is_live or order.order_id in shown:
                yield self._order(order)

    def _order(self, order: Order) -> OrderNow:
        intent, (placed_at, updated_at) = order.intent, self.times(order.order_id)
        return OrderNow(
            order_id=order.order_id,
            broker_order_id=order.broker_order_id,
            slot=str(intent.slot),
            symbol=intent.symbol,
            side=intent.side.value,
            filled=order.filled,
            quantity=intent.quantity,
            trigger=intent.trigger,
            limit=intent.limit,
            average=average(order.value, order.filled) if order.filled else None,
            status=order.status.value,
            live=order.status.is_live,
            reason=order.latest_reason,
            level=intent.level,
            placed_at=placed_at,
            updated_at=updated_at,
        )

    def _candidates(self) -> Iterator[CandidateNow]:
        strategy = self.engine.view.strategy
        places = {
            symbol: place
            for right in Right
            for place, symbol in enumerate(strategy.ranking(right), 1)
        }
        for each in strategy.why(self.engine.view.barred()):
            if each.symbol in self.desk.followed:
                yield self._candidate(each, places.get(each.symbol, 0))

    def _candidate(self, each: WhyNot, place: int) -> CandidateNow:
        strategy, symbol = self.engine.view.strategy, each.symbol
        level = strategy.newest(symbol)
        return CandidateNow(
            symbol=symbol,
            right=each.right.value,
            strike=self.engine.contracts[symbol].strike,
            last=strategy.last(symbol),
            levels=sum(1 for _ in strategy.levels(symbol)),
            state=each.state,
            reason=each.reason,
            why=reason_in_words(each.reason) if each.reason else "",
            price=each.price,
            vwap=average(*level.vwap) if level else 0,
            highest=each.highest,
            stop=each.price + each.points,
            points=each.points,
            lots=each.lots,
            place=place,
        )

    def _funnel(self, right: Right, candidates: tuple[CandidateNow, ...]) -> Funnel:
        ours = [each for each in candidates if each.right == right.value]
        strategy = self.engine.view.strategy
        levels = [level for each in ours for level in strategy.levels(each.symbol)]
        best = (each.symbol for each in ours if each.state and not each.reason)
        return Funnel(
            right=right.value,
            symbols=len(ours),
            swings=len(levels),
            passed=sum(not level.reason for level in levels),
            armed=sum(each.state == LevelState.ARMED for each in ours),
            qualified=sum(each.place > 0 for each in ours),
            best=next(best, ""),
        )


def _trade(trade: Trade) -> TradeNow:
    fields = {name: getattr(trade, name) for name in trade.__dataclass_fields__}
    return TradeNow(**fields, net=trade.net, r=trade.r if trade.points else 0.0)


def _age(at: datetime, since: datetime | None) -> float | None:
    return None if since is None else max(0.0, (at - since).total_seconds())
