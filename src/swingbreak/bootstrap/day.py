"""Builds one paper or live day out of the parts and runs it against a gateway."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TextIO

import aiohttp
import structlog

from swingbreak import __version__
from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.controls import Controls
from swingbreak.adapters.dayfolder import DayFolder, database_in
from swingbreak.adapters.openalgo.broker import OpenAlgoBroker
from swingbreak.adapters.openalgo.capabilities import load_profile
from swingbreak.adapters.openalgo.history import OpenAlgoHistory
from swingbreak.adapters.openalgo.market_time import gateway_time
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.adapters.pulse import Stage
from swingbreak.adapters.runlock import account_lock, locks_folder
from swingbreak.adapters.sqlite.binding import bind
from swingbreak.adapters.sqlite.database import Database, open_writer
from swingbreak.adapters.sqlite.ledger import SqliteLedger
from swingbreak.adapters.sqlite.views import order_times, peak_margin
from swingbreak.adapters.summary import DaySummary
from swingbreak.bootstrap.abandoning import entries_withdrawn
from swingbreak.bootstrap.accord import clock_of, gateway_mode, wrong_mode, wrong_size
from swingbreak.bootstrap.board_drawing import Drawing, process_of
from swingbreak.bootstrap.board_keeping import BoardKeeper
from swingbreak.bootstrap.charging import charge_rates, contract_note
from swingbreak.bootstrap.comparing import Ground, ground_of, keep
from swingbreak.bootstrap.feeds import feed_of, lead_of
from swingbreak.bootstrap.giving_up import given_up, hush
from swingbreak.bootstrap.known import doubts, facts_of, session_at
from swingbreak.bootstrap.leaving import Departure
from swingbreak.bootstrap.margins import account_behind
from swingbreak.bootstrap.obeying import go_on_killed, obey
from swingbreak.bootstrap.onlookers import LogWriter, Onlookers, Publisher
from swingbreak.bootstrap.presence import Presence
from swingbreak.bootstrap.resumed import traded_on, with_traded
from swingbreak.bootstrap.taping import begin_tape, end_tape, event_tape
from swingbreak.bootstrap.wiring import (
    beat,
    desk_of,
    hand_over,
    heard_by,
    instruments,
    pulsate,
    run_beside,
)
from swingbreak.domain.errors import DataError, DayOver
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms, ProcessBegan
from swingbreak.logs import open_log
from swingbreak.reporting.day_view import DayView, LevelMark
from swingbreak.risk.margin import MarginModel
from swingbreak.runtime.day_record import DayRecord
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.entry_margin import EntryMargin
from swingbreak.runtime.inbox import Leave
from swingbreak.runtime.live import LiveDay, RunningClock
from swingbreak.runtime.margin_check import CheckedBroker
from swingbreak.runtime.recovery import recover
from swingbreak.runtime.trader import Onlooker, Trader
from swingbreak.settings import Settings, require_api_key, secrets_of

__all__ = ["DayOutcome", "DayPlan", "run_day"]

_BEAT_S = 0.2


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What to run.

    Attributes:
        settings: Everything that can be set.
        label: Where the market data comes from; empty to ask the gateway.
        synthetic: Whether it is made up.
        console: Where the readable log goes; ``None`` for nowhere.
        progress: Told of every step, for a person.
        warn: Told what a person should know before trading.
        presence: The folder's lock and signs of life where the process has them already.
    """

    settings: Settings
    label: str = ""
    synthetic: bool = False
    console: TextIO | None = None
    progress: Callable[[Engine], Onlooker] | None = None
    warn: Callable[[str], None] = lambda _: None
    presence: Presence | None = None


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """How a day ended.

    Attributes:
        view: For reports.
        held: What the gateway's own book held of our symbols at the end; empty is proof of flat,
            ``None`` says that the day was not over.
        recovered: Records of an earlier process that the day began with.
        folder: Where its files are.
    """

    view: DayView
    held: Mapping[str, int] | None
    recovered: int
    folder: DayFolder


async def run_day(plan: DayPlan, departure: Departure | None = None) -> DayOutcome:
    """Run one day to its end, or until *departure* wants it to end sooner.

    Raises:
        ConfigError: Something has to be set or started differently.
        DayOver: The day has ended in the state folder already.
        BrokerError: The gateway cannot be reached, refuses us or trades in another mode.
        LedgerError: The state database cannot be used.
        SessionLocked: Another process uses the state folder.
        KillEngaged: A person has locked trading in the state folder.
    """
    settings = plan.settings
    hush()
    key = require_api_key(settings)
    facts = facts_of(settings)
    async with aiohttp.ClientSession() as http:
        profile = load_profile(settings.gateway.profile)
        rest = OpenAlgoRest(settings.gateway.host, key, http, gateway=profile)
        if error := wrong_mode(await rest.analyzer(), settings.mode):
            raise error
        now = await gateway_time(http, settings.gateway.ws_url)
        clock = clock_of(now, settings.mode)
        session = session_at(facts, now)
        is_today = isinstance(clock, WallClock)  # and not a day that is served again
        for doubt in doubts(facts, session.day) if is_today else ():
            plan.warn(doubt)
        ground = await ground_of(rest, settings, facts, session, now=now, lists_all=is_today)
        traded = traded_on(database_in(settings.state_dir), session.day)
        chain = await with_traded(rest, ground.chain, ground.listing, traded)
        ground = replace(ground, chain=chain)
        for finding in ground.findings:
            plan.warn(finding.line)
        if too_large := wrong_size(ground.chain.contracts[0].lot, settings.parameters):
            raise too_large
        with ExitStack() as stack:
            day = _Day(plan, rest, http, clock, ground, stack)
            try:
                return await day.run(departure or Departure())
            except ExceptionGroup as group:
                raise given_up(group) from None


class _Day:
    """One day's parts, put together."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts that take asking to get
        self,
        plan: DayPlan,
        rest: OpenAlgoRest,
        http: aiohttp.ClientSession,
        clock: RunningClock,
        ground: Ground,
        stack: ExitStack,
    ) -> None:
        settings, session = ground.settings, ground.session
        listing, chain = ground.listing, ground.chain
        self._plan = plan
        self._settings = settings
        self._rest = rest
        self._http = http
        self._clock = clock
        self._session = session
        self._listing = listing
        self._chain = chain
        self._stack = stack
        self.folder = DayFolder(settings.state_dir, session.day, settings.log_name)
        self._controls = Controls(settings.state_dir)
        self._lead = lead_of(settings, session, clock.now(), listing.spot_symbol)
        self._presence = plan.presence or stack.enter_context(Presence(settings.state_dir))
        self._database = self._take_possession(stack)
        keep(ground.findings)
        self._rates = charge_rates(settings, listing.exchange, session.day)
        contracts, parameters = chain.contracts, settings.parameters
        self._terms = DayTerms(session, contracts, parameters, self._rates, ground.window)
        self.engine = self._terms.engine()
        self.record = DayRecord(self.engine)
        self._margins = EntryMargin.of(self.engine, settings.margin_headroom_bp)
        self._margins.peak = peak_margin(self._database, session.day)

    def _take_possession(self, stack: ExitStack) -> Database:
        """Lock the account, open the log, and return the state database, open to write."""
        settings, day, address = self._settings, self._session.day, self._settings.gateway
        stack.enter_context(account_lock(locks_folder(), address.host, address.api_key, day))
        self._presence.begins()
        secrets = (*secrets_of(), address.api_key)
        console = self._plan.console
        stack.enter_context(
            open_log(self.folder.log, now=self._clock.now, secrets=secrets, console=console)
        )
        database = stack.enter_context(open_writer(self.folder.database))
        bind(database, day, mode=settings.mode.value, api_key=address.api_key)
        return database

    async def run(self, departure: Departure) -> DayOutcome:
        """Run to the end, or until *departure* asks."""
        engine, session, clock = self.engine, self._session, self._clock
        ledger = SqliteLedger(self._database)
        publisher = Publisher(self._database, self.folder, engine, self._summary)
        onlookers: list[Onlooker] = [self.record, LogWriter(), publisher]
        if self._plan.progress is not None:
            onlookers.append(self._plan.progress(engine))
        desk = desk_of(self._terms, engine, self._listing.spot_symbol)
        kept = list(ledger.records(session.day))
        tape = self._stack.enter_context(event_tape(self.folder.events, ledger))
        trader = Trader(engine, ledger, Onlookers(onlookers), tape)
        live = LiveDay(session, trader, desk, clock)
        broker = self._broker(live)
        recovered = recover(engine, broker, kept)
        self.record.recall(kept)
        publisher.note(order_times(kept).items())
        last_at = kept[-1][0] if kept else clock.now()
        await self._refuse_ended(live, broker, publisher, last_at)
        put, has_news = live.inbox.put_nowait, not live.inbox.empty()
        go_on_killed(self._controls, engine.state, put, has_news=has_news)
        publisher.publish(clock.now())  # what cannot be written is known before the first order
        desk.started(clock.now())
        exchanges = {symbol: c.exchange for symbol, c in engine.contracts.items()}
        history = OpenAlgoHistory(self._rest, session, exchanges)
        departure.tell = lambda at_once: live.inbox.put_nowait(Leave(at_once))
        begin_tape(tape, ledger, self._began(recovered))
        keeper = self._keeper(live, desk, publisher)
        entries = entries_withdrawn(self._rest, engine.state.book.live, self._settings.log_name)
        async with keeper.beside(), entries:
            await self._carry_on(live, broker, history, desk, departure.tell)
        end_tape(tape, ledger, clock.now())
        self._presence.ends(Stage.LEFT if live.held is None else Stage.OVER)
        await self._publish_end(publisher, keeper)
        view = self._view(desk, "stopped" if live.held is None else "")
        return DayOutcome(view, self._ours(live.held), recovered, self.folder)

    async def _publish_end(self, publisher: Publisher, keeper: BoardKeeper) -> None:
        publisher.publish(self._clock.now())
        await keeper.finish()
        self._write_trades(self._clock.now())
        with _tolerated():
            self.folder.write_decisions(self.record.decisions)

    def _ours(self, held: Mapping[str, int] | None) -> Mapping[str, int] | None:
        return held and {s: q for s, q in held.items() if s in self.engine.scope}

    def _began(self, recovered: int) -> ProcessBegan:
        return ProcessBegan(self._clock.now(), __version__, self._label(), self._terms, recovered)

    def _keeper(self, live: LiveDay, desk: Desk, publisher: Publisher) -> BoardKeeper:
        settings, root = self._settings, self.folder.root
        process = process_of(
            self._clock.now(),
            mode=settings.mode.value,
            label=self._label(),
            synthetic=self._plan.synthetic,
            log=self.folder.log.relative_to(root).as_posix(),
        )
        drawing = Drawing(
            session=self._session,
            process=process,
            parameters=settings.parameters,
            engine=self.engine,
            desk=desk,
            live=live,
            times=publisher.times,
            peak_margin=lambda: self._margins.peak,
            lead=self._lead,
        )
        return BoardKeeper(root, drawing, self.record.curve, self._clock.now)

    def _broker(self, live: LiveDay) -> OpenAlgoBroker:
        return OpenAlgoBroker(
            self._rest,
            self._clock,
            heard_by(self._margins, live),
            self._chain.contracts,
            strategy=self._settings.log_name,
            expected_mode=gateway_mode(self._settings.mode),
            too_late=self._margins.too_late,
        )

    def _checked(self, broker: OpenAlgoBroker, live: LiveDay) -> CheckedBroker:
        model = MarginModel.of(facts_of(self._settings), self._session.day)
        account = account_behind(self._rest, self._chain, model, gateway_mode(self._settings.mode))
        return CheckedBroker(broker, account, self._margins, self._clock, live.learn)

    async def _carry_on(
        self,
        live: LiveDay,
        broker: OpenAlgoBroker,
        history: OpenAlgoHistory,
        desk: Desk,
        leave: Callable[[bool], None],
    ) -> None:
        listing = self._listing
        spot, exchange = listing.spot_symbol, listing.spot_exchange
        index, *options = instruments(self._chain.contracts, spot, exchange)
        feed = feed_of(
            self._settings,
            self._lead,
            self._http,
            lambda item: hand_over(item, live, broker),
            [index, *(each for each in options if each.symbol in desk.followed)],
            options,
            self._clock if isinstance(self._clock, WallClock) else None,
            self._rest.gateway,
        )
        await run_beside(
            live.run(self._checked(broker, live), history, feed),
            feed.run(),
            beat(live, _BEAT_S),
            pulsate(live, self._presence.turns, _BEAT_S),
            obey(self._controls, live.inbox.put_nowait, leave),
        )

    def _write_trades(self, at: datetime) -> None:
        trades, mode = self.engine.state.holdings.trades.values(), self._settings.mode.value
        # the day is over and in the ledger: a CSV open in a spreadsheet must not make it fail
        with _tolerated():
            self.folder.write_trades(trades, mode=mode, label=self._label())
            self.folder.write_summary(self._summary(at))

    async def _refuse_ended(
        self, live: LiveDay, broker: OpenAlgoBroker, publisher: Publisher, ended_at: datetime
    ) -> None:
        state = self.engine.state
        if not state.halted or state.holdings.positions or state.book.live:
            return
        await broker.poll()  # the process may have died before it was told the last exact price
        if live.inbox.empty():
            publisher.publish(ended_at)  # nor may it have come to show the end
            self._write_trades(ended_at)
            self._presence.ends(Stage.OVER)
            raise DayOver(
                f"{self._session.day} is over in {self._settings.state_dir}: {state.halted}. Its "
                "record is kept; trade on the next day, or choose another --state-dir to begin "
                "this day afresh"
            )

    def _label(self) -> str:
        return self._plan.label or f"{self._settings.underlying} via {self._settings.gateway.host}"

    def _summary(self, at: datetime) -> DaySummary:
        state = self.engine.state
        return DaySummary.of(
            state.holdings.trades.values(),
            mode=self._settings.mode.value,
            label=self._label(),
            r_value=self._settings.parameters.r_value,
            peak_margin=self._margins.peak,
            halted_reason=state.halted,
            at=at,
        )

    def _view(self, desk: Desk, stopped: str) -> DayView:
        holdings, strategy = self.engine.state.holdings, self.engine.view.strategy
        cover = self.engine.cover.unprotected
        trades = tuple(holdings.trades.values())
        levels = {t.level: strategy.level(t.level) for t in trades}
        return DayView(
            label=self._label(),
            synthetic=self._plan.synthetic,
            mode=self._settings.mode.value,
            session=self._session,
            r_value=self._settings.parameters.r_value,
            trades=trades,
            contract_note=contract_note(self._rates, holdings),
            open_positions=tuple(holdings.positions.values()),
            halted_reason=self.engine.state.halted or stopped,
            curve=tuple(self.record.curve),
            bars={t.symbol: tuple(desk.bars[t.symbol]) for t in trades},
            levels={
                level_id: LevelMark(level.price, level.minute, level.confirmed_minute)
                for level_id, level in levels.items()
                if level is not None
            },
            decisions=self.record.digest(),
            orders_sent=self.record.orders_sent,
            peak_margin=self._margins.peak,
            unprotected=cover.total(self._clock.now()),
            longest_unprotected=cover.longest(self._clock.now()),
            notes=self._rates.assumptions,
        )


@contextmanager
def _tolerated() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        structlog.get_logger().error("files.not_written", reason=str(error))
