"""What a running day publishes: the engine's own numbers, and nothing that harms the day."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from swingbreak.adapters.board import Board, FeedNow, board_in, read_board, write_board
from swingbreak.adapters.course import CourseLine, CourseReader, course_in
from swingbreak.bootstrap.board_drawing import Drawing
from swingbreak.bootstrap.board_keeping import BoardKeeper
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import HistoryLoaded
from swingbreak.domain.market import Tick
from swingbreak.domain.money import Paise
from swingbreak.market.lead import Lead, Source
from tests.boards import board, busy, drawing
from tests.builders import CE, DAY, OPEN, PE, bar
from tests.engine_bench import Bench, armed, morning, protected, resting, short
from tests.runtime_fakes import settle
from tests.unit.test_following import Day, opened

WRITTEN = datetime(2026, 11, 29, tzinfo=UTC)


def drawn(bench: Bench, after: float = 0) -> Board:
    return drawing(bench).board(WRITTEN, bench.now + timedelta(seconds=after), ended=False)


def test_the_result_is_the_engines() -> None:
    bench = protected()
    bench.tick(170_00, ask=170_10)
    account, shown = bench.engine.account(), drawn(bench).account
    assert (shown.net, shown.realised, shown.open) == (account.net, 0, account.open)
    assert shown.net == 650 * (174_95 - 170_10)
    assert shown.r == account.net / bench.parameters.r_value
    assert (shown.target, shown.stop) == (5 * 6_500_00, -5 * 6_500_00)


def test_a_position_has_its_r_its_stop_and_no_time_without_one() -> None:
    bench = protected()
    bench.tick(170_00, ask=170_10)
    (held,) = drawn(bench).positions
    assert (held.symbol, held.units, held.sold_at, held.mark) == (CE.symbol, 650, 174_95, 170_10)
    assert (held.unprotected, held.unprotected_s) == (0, 0.0)
    assert held.stop == 185_00
    assert held.net == held.gross == 650 * 4_85
    assert held.r == pytest.approx(4_85 / held.points)


def test_seconds_without_a_stop_are_counted_while_they_last() -> None:
    (held,) = drawn(short(), after=4.5).positions
    assert (held.unprotected, held.unprotected_s) == (650, 4.5)


def test_places_count_positions_and_live_entries() -> None:
    taken = {each.of: (each.taken, each.most) for each in drawn(busy()).places}
    assert taken == {"all": (3, 5), "CE": (2, 3), "PE": (1, 3)}


def test_why_not_and_the_rank_are_the_engines() -> None:
    bench = busy()
    shown = drawn(bench)
    found = {each.symbol: each for each in shown.candidates}
    engine = bench.engine
    why = {each.symbol: each.reason for each in engine.view.strategy.why(engine.view.barred())}
    assert {symbol: each.reason for symbol, each in found.items()} == why
    assert found[PE.symbol].reason == "" == found[PE.symbol].why
    assert found[CE.symbol].why == "the level has been entered on already"
    puts = next(each for each in shown.funnels if each.right == "PE")
    assert puts.best == PE.symbol
    assert puts.symbols >= puts.armed >= puts.qualified >= 1
    places = sorted(each.place for each in shown.candidates if each.right == "PE" and each.place)
    assert places == list(range(1, puts.qualified + 1))


def test_the_feed_has_an_age_for_each_symbol() -> None:
    shown = drawn(armed(CE, PE), after=7).feed
    assert shown.age_s == 7
    assert [(each.symbol, each.age_s) for each in shown.symbols] == [
        (CE.symbol, 7.0),
        (PE.symbol, None),
    ]


def test_the_feed_says_who_leads_where_there_are_two() -> None:
    bench = armed(CE, PE)
    parts = drawing(bench)
    alone = parts.board(WRITTEN, bench.now, ended=False).feed
    assert (alone.leads, alone.turns) == ("", 0)
    lead = Lead("NIFTY", OPEN, silent_after_s=5, back_after_s=60)
    for second in range(7):
        at = OPEN + timedelta(seconds=second)
        lead.hear(Source.STANDBY, at, Tick(CE.symbol, at, 150_00))
    feed = replace(parts, lead=lead).board(WRITTEN, bench.now, ended=False).feed
    assert (feed.leads, feed.turns) == ("standby", 1)


def test_the_feed_says_which_strikes_may_be_entered_and_where_their_window_goes() -> None:
    def feed(day: Day) -> FeedNow:
        parts = replace(drawing(armed(CE, PE)), engine=day.engine, desk=day.desk)
        return parts.board(WRITTEN, OPEN, ended=False).feed

    day = opened()
    stays = feed(day)
    assert (stays.centre, stays.lowest, stays.highest) == (24500_00, 24450_00, 24550_00)
    assert stays.coming == 0
    day.go(24600_00, first=3)
    goes = feed(day)
    assert (goes.centre, goes.coming, goes.highest) == (24500_00, 24600_00, 24550_00)
    day.go(24600_00, 24600_00, first=4)
    gone = feed(day)
    assert (gone.centre, gone.lowest, gone.highest) == (24600_00, 24550_00, 24650_00)
    assert gone.coming == 0


def test_strikes_that_stay_all_day_have_no_centre() -> None:
    shown = drawn(armed(CE, PE)).feed
    assert (shown.centre, shown.coming) == (0, 0)
    assert (shown.lowest, shown.highest) == tuple(sorted((CE.strike, PE.strike)))


def test_what_is_spent_of_the_rates_is_told() -> None:
    bench = resting()
    parts = drawing(bench)
    waiting = parts.live._waiting
    for order_id in "abc":
        waiting.put(next(iter(bench.records)), closes=order_id == "a")  # type: ignore[arg-type]
    assert parts.board(WRITTEN, bench.now, ended=False).waiting == 3
    assert len(list(waiting.admitted(bench.now))) == 3
    shown = parts.board(WRITTEN, bench.now, ended=False)
    assert shown.waiting == 0
    assert [(each.seconds, each.sent, each.most) for each in shown.rates] == [
        (1, 3, 8),
        (60, 3, 100),
        (86_400, 3, 1500),
    ]
    assert [each.sent for each in waiting.spent(bench.now + timedelta(seconds=1))] == [0, 3, 3]


def test_live_orders_are_all_there_and_ended_ones_the_newest() -> None:
    bench = resting()
    for _ in range(40):
        (order,) = bench.engine.state.book.live.values()
        bench.reject(order.order_id, sent=False)
        bench.wait(6)
    shown = drawn(bench).orders
    ended = [each for each in shown if not each.live]
    assert len(ended) == 30
    assert [each.order_id for each in shown if each.live] == ["o41"]
    assert ended[-1].order_id == "o40"


@pytest.mark.parametrize("bench", [busy, protected, short, Bench])
def test_drawing_changes_nothing(bench: object) -> None:
    one, other = bench(), bench()  # type: ignore[operator]
    parts = drawing(one)
    for _ in range(3):
        parts.board(WRITTEN, one.now, ended=False)
    assert one.closing(*LATER_BARS) == other.closing(*LATER_BARS)


LATER_BARS = tuple(bar(n, 183_00, 184_00 + n, 178_00, 183_50) for n in range(7, 12))


def test_the_file_is_whole_and_says_the_same(tmp_path: Path) -> None:
    shown = board(busy())
    write_board(board_in(tmp_path), shown)
    assert read_board(board_in(tmp_path)) == shown
    assert [path.name for path in tmp_path.iterdir()] == ["board.json"]


def test_no_file_is_no_board_and_another_schema_is_named(tmp_path: Path) -> None:
    path = board_in(tmp_path)
    assert read_board(path) is None
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(board(), schema=99)))
    with pytest.raises(DataError, match="schema 99"):
        read_board(path)
    path.write_text('{"schema": 1')
    with pytest.raises(DataError, match="cannot be read"):
        read_board(path)


def keeper_of(folder: Path, parts: Drawing, curve: list[tuple[datetime, Paise]]) -> BoardKeeper:
    return BoardKeeper(folder, parts, curve, lambda: OPEN)


async def published(keeper: BoardKeeper) -> None:
    async with keeper.beside():
        await settle()


async def test_what_is_new_is_added_to_the_course_and_the_end_is_told(tmp_path: Path) -> None:
    bench = busy()
    parts, curve = drawing(bench), [(OPEN, 0)]
    parts.desk.bars[CE.symbol].extend(morning()[:3])
    keeper = keeper_of(tmp_path, parts, curve)
    await published(keeper)
    first = read_board(board_in(tmp_path))
    assert first is not None
    assert not first.standing.ended
    reader = CourseReader(course_in(tmp_path, DAY))
    assert reader.read().bars_of(CE.symbol) == morning()[:3]
    # history knows the second minute better
    better = (*morning()[:1], bar(1, 1_00, 2_00, 1_00, 1_50), *morning()[2:])
    parts.desk.bars[CE.symbol] = list(better)
    curve.append((OPEN + timedelta(minutes=1), 5_00))
    bench.do(HistoryLoaded(bench.now, {PE.symbol: morning(160_00)}))
    await keeper.finish()
    course = reader.read()
    assert course.bars_of(CE.symbol) == better
    assert course.curve == curve
    newest = bench.engine.view.strategy.newest(PE.symbol)
    assert newest in course.levels[PE.symbol].values()
    last = read_board(board_in(tmp_path))
    assert last is not None
    assert last.standing.ended


async def test_a_disk_that_is_full_does_not_end_the_day(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    keeper = keeper_of(nowhere, drawing(busy()), [])
    await keeper.finish()
    await keeper.finish()
    assert nowhere.read_text() == ""


async def test_a_board_that_cannot_be_drawn_does_not_end_the_day_either(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> tuple[datetime, datetime]:
        raise KeyError("o1")

    parts = replace(drawing(resting()), times=broken)
    keeper = keeper_of(tmp_path, parts, [])
    async with keeper.beside():
        await settle()
    await keeper.finish()
    assert read_board(board_in(tmp_path)) is None
    assert caplog.records == []  # it is our own log that tells


def test_a_piece_of_a_line_is_left_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "course.jsonl"
    reader = CourseReader(path)
    assert reader.read().curve == []
    path.write_bytes(b'{"curve":[["2026-11-20T03:45:00Z",5]]}\n{"curve":[["2026-11')
    assert len(reader.read().curve) == 1
    with path.open("ab") as file:
        file.write(b'-20T03:46:00Z",6]]}\n')
    assert [value for _, value in reader.read().curve] == [5, 6]
    path.write_bytes(b"")
    assert reader.read().curve == []
    path.write_bytes(b"no\n")
    with pytest.raises(DataError):
        reader.read()


def names_in(kind: object) -> set[str]:
    """The field names of a type and of all that it is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return {each.name for each in fields}.union(*(names_in(each.type) for each in fields))
    return set().union(*(names_in(part) for part in get_args(kind)))


def test_every_field_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "board.md"
    documented = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
    assert names_in(Board) | names_in(CourseLine) <= documented
