"""Boards drawn of a real engine on a bench, and state folders that look like a day's."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swingbreak.adapters.board import Board, board_in, write_board
from swingbreak.adapters.clock import FeedClock
from swingbreak.adapters.course import CourseLine, append_course, course_in
from swingbreak.adapters.dayfolder import database_in
from swingbreak.adapters.sqlite.database import open_writer
from swingbreak.bootstrap.board_drawing import Drawing, process_of
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Tick
from swingbreak.reporting.page import render
from swingbreak.runtime.desk import Desk
from swingbreak.runtime.live import LiveDay
from swingbreak.runtime.trader import Trader
from tests.builders import CE, DAY, OPEN, PE, SESSION, contract
from tests.day_views import day_view
from tests.engine_bench import Bench, armed, morning
from tests.recorded import publish_day
from tests.runtime_fakes import MemoryLedger, Watching

LOG = "logs/swingbreak_20261120.log"
STRIKES = range(24300, 24750, 50)
CONTRACTS = tuple(contract(strike, right) for strike in STRIKES for right in Right)


def drawing(bench: Bench, *, mode: str = "paper", synthetic: bool = True) -> Drawing:
    """Return what a board of *bench* is drawn of; every symbol but the last has ticked."""
    desk = Desk(SESSION, [each.symbol for each in bench.contracts], bench.parameters, bench.engine)
    desk.started(OPEN)
    for each in bench.contracts[:-1]:
        for _ in desk.tick(bench.now, Tick(each.symbol, bench.now, 175_00)):
            pass
    trader = Trader(bench.engine, MemoryLedger(), Watching())
    label = "NIFTY, seed 7"
    return Drawing(
        session=SESSION,
        process=process_of(OPEN, mode=mode, label=label, synthetic=synthetic, log=LOG),
        parameters=bench.parameters,
        engine=bench.engine,
        desk=desk,
        live=LiveDay(SESSION, trader, desk, FeedClock(bench.now)),
        times=lambda _: (OPEN, OPEN + timedelta(minutes=7)),
        peak_margin=lambda: 1_20_000_00,
    )


def busy() -> Bench:
    """A bench with a protected short call, a resting entry on a put, and many candidates."""
    others = [each for each in CONTRACTS if each.symbol not in {CE.symbol, PE.symbol}]
    bench = Bench(CE, PE, *others)
    bench.hold()
    lows = {each.symbol: 130_00 + 10_00 * n for n, each in enumerate(others)}
    bench.load(
        {symbol: morning(low, low + 9_00 + low // 40) for symbol, low in lows.items()}
        | {CE.symbol: morning(), PE.symbol: morning()}
    )
    for order_id in ("o1", "o2"):
        bench.accept(order_id)
    bench.tick(174_90, ask=175_00)
    bench.fill("o1", 650, 174_95)
    bench.accept("o3")
    return bench


def board(bench: Bench | None = None, *, ended: bool = False, mode: str = "paper") -> Board:
    """Return the board of *bench*, written a moment ago."""
    bench = bench or armed(CE, PE)
    return drawing(bench, mode=mode).board(
        datetime(2026, 11, 29, tzinfo=UTC), bench.now, ended=ended
    )


def lay_out(
    folder: Path,
    written_at: datetime,
    *,
    bench: Bench | None = None,
    ended: bool = False,
    change: Callable[[Board], Board] = lambda shown: shown,
) -> Board:
    """Make *folder* look like one in which *bench* runs; return its board."""
    bench = bench or busy()
    parts = drawing(bench)
    shown = change(parts.board(written_at, bench.now, ended=ended))
    folder.mkdir(parents=True, exist_ok=True)
    write_board(board_in(folder), shown)
    strategy = bench.engine.view.strategy
    rows = morning()
    line = CourseLine(
        bars={each.symbol: rows for each in bench.contracts},
        levels=tuple(level for each in bench.contracts for level in strategy.levels(each.symbol)),
        curve=tuple((OPEN + timedelta(minutes=n), n % 7 * 900_00 - 2_000_00) for n in range(1, 30)),
    )
    append_course(course_in(folder, DAY), line)
    _log(folder / LOG)
    with open_writer(database_in(folder)) as database:
        publish_day(database, DAY - timedelta(days=1))
        publish_day(database)
    page = render(replace(day_view(), label="the page of the day"))
    (folder / f"day_{DAY - timedelta(days=1):%Y%m%d}.html").write_text(page, encoding="utf-8")
    return shown


def _log(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {"event": "entry.filled", "level": "info", "subject": CE.symbol, "detail": "650 at 174.95"},
        {"event": "feed.lost", "level": "warning", "reason": "the socket <closed>"},
        {"event": "order.accepted", "level": "debug", "order_id": "o3"},
    ]
    stamped = [{"at": f"2026-11-20T09:22:0{n}+05:30", **line} for n, line in enumerate(lines)]
    path.write_text("".join(json.dumps(line) + "\n" for line in stamped), encoding="utf-8")
