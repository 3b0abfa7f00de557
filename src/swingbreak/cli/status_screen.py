"""The day on a terminal, in 80 columns and ASCII.

Rules of this file:

1. Every number is the board's; nothing is reckoned here.
2. A line is a text and what colour says again: ``good``, ``bad``, ``alarm``, ``head`` or nothing.
3. What is said of the day as a whole goes on in the next line; a row of a list is cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from swingbreak.adapters.board import Board, CandidateNow, Funnel, OrderNow, PositionNow
from swingbreak.bootstrap.viewing import Life, View, age_text
from swingbreak.cli.output import amount
from swingbreak.domain.instrument import strike_text
from swingbreak.domain.money import Paise, rupees
from swingbreak.domain.session import ist_clock
from swingbreak.market.lead import Source

__all__ = ["WIDTH", "Row", "screen"]

WIDTH = 80
_LEAST_ROWS = 1  # of candidates and of events, where there is no room for more
_FIXED = 14  # lines of the lists that are there in any case
_LABEL = 10  # characters that a figure begins with
_SCALE = 25  # characters of the R scale
_SPANS = {1: "a second", 60: "a minute", 86_400: "a day"}
_ALARMS = frozenset({Life.SILENT, Life.GONE})


class Row(NamedTuple):
    """One line of the screen."""

    text: str
    kind: str = ""


def screen(view: View, sign: str, height: int) -> list[Row]:
    """Return the lines of *view*.

    Args:
        view: What is seen.
        sign: Of the currency.
        height: Lines of the terminal; lists are cut to it.
    """
    rows = list(_head(view))
    board = view.board
    if board is None:
        return _cut(rows)
    rows += (line for row in _figures(board, sign) for line in _wrapped(row))
    free = height - len(rows) - _FIXED
    rows += _positions(board)
    live = [order for order in board.orders if order.live]
    rows += _orders(live)
    free = max(2 * _LEAST_ROWS, free - len(board.positions) - len(live))
    rows += _candidates(board, free // 2)
    rows += _events(view, free - free // 2)
    return _cut(rows)


def _head(view: View) -> Iterator[Row]:
    board = view.board
    if board is None:
        yield Row("swingbreak", "head")
    else:
        day = f"{board.day:%d %b %Y} {ist_clock(board.at)} IST"
        synthetic = "  SYNTHETIC" if board.process.synthetic else ""
        yield Row(f"swingbreak  {board.process.mode.upper()}  {day}{synthetic}", "head")
        yield from map(Row, _folded(board.process.label))
    kind = "alarm" if view.life in _ALARMS or view.trouble else ""
    age = f", written {age_text(view.age_s)} ago" if view.life is Life.RUNNING else ""
    yield from (Row(line, kind) for line in _folded(view.headline + age))
    yield from (Row(line, "alarm") for line in _folded(view.lock_text))


def _figures(board: Board, sign: str) -> Iterator[Row]:
    account, standing = board.account, board.standing
    yield Row("")
    yield _signed(
        f"result    {account.r:+.2f} R  {_scale(board)}  net {sign} {rupees(account.net)}",
        account.net,
    )
    yield Row(
        f"          realised {sign} {rupees(account.realised)}, open {sign} "
        f"{rupees(account.open)}; {account.trades} trades, {account.wins} won"
    )
    until = f"allowed until {ist_clock(standing.last_entry)[:5]}"
    barred = f"NONE: {standing.barred.replace('_', ' ')}" if standing.barred else until
    places = ", ".join(f"{each.of} {each.taken}/{each.most}" for each in board.places)
    yield Row(f"entries   {barred}; places {places}", "alarm" if standing.barred else "")
    yield _feed(board)
    yield _protection(board)
    rates = ", ".join(
        f"{r.sent}/{r.most} {_SPANS.get(r.seconds, f'in {r.seconds} s')}" for r in board.rates
    )
    yield Row(f"messages  {rates}; {board.waiting} waiting")


def _scale(board: Board) -> str:
    low, high = board.account.stop_r, board.account.target_r
    place = round((board.account.r - low) / (high - low) * (_SCALE - 1)) if high > low else 0
    marks = ["."] * _SCALE
    marks[min(max(place, 0), _SCALE - 1)] = "#"
    return f"{low:+d} [{''.join(marks)}] {high:+d}"


def _feed(board: Board) -> Row:
    feed = board.feed
    held: dict[str, int] = {}
    for each in feed.symbols:
        if each.held:
            held[each.held] = held.get(each.held, 0) + 1
    told = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in held.items())
    silent = feed.age_s is None or feed.age_s >= feed.stale_after_s
    oldest = max((s.age_s for s in feed.symbols if s.age_s is not None), default=None)
    around = f" around {strike_text(feed.centre)}" if feed.centre else ""
    ago = "" if feed.age_s is None else " ago"
    ages = f"last tick {_age(feed.age_s)}{ago}, quietest symbol {_age(oldest)}"
    stands_in = feed.leads == Source.STANDBY
    who = "STANDBY" if stands_in else "feed"
    text = f"{who:<10}{ages}; {len(feed.symbols)} symbols{around}, {told or 'all in order'}"
    return Row(text, "alarm" if silent or held or stands_in else "")


def _protection(board: Board) -> Row:
    unprotected = [each for each in board.positions if each.unprotected]
    day = f"{board.protection.total_s:.1f} s without today, {board.protection.longest_s:.1f} s most"
    if unprotected:
        told = ", ".join(f"{each.symbol} {each.unprotected_s:.1f} s" for each in unprotected)
        return Row(f"stops     NO STOP: {told}; {day}", "alarm")
    return Row(f"stops     {'every position has one' if board.positions else 'none open'}; {day}")


def _positions(board: Board) -> Iterator[Row]:
    yield Row("")
    names = ("sold", "mark", "stop", "net", "R")
    yield Row(f"{'POSITIONS':<21}{'units':>6}" + "".join(f"{n:>9}" for n in names), "head")
    if not board.positions:
        yield Row("  none open")
    yield from map(_position, board.positions)


def _position(each: PositionNow) -> Row:
    r = "-" if each.r is None else f"{each.r:+.2f}"
    prices = (each.sold_at, each.mark, each.stop)
    cells = (*map(amount, prices), amount(each.net), r)
    note = " NO STOP" if each.unprotected else ""  # since when, the line of all stops says
    row = f"{each.symbol:<21}{each.units:>6}" + "".join(f"{cell:>9}" for cell in cells)
    return Row(row + note, "alarm") if each.unprotected else _signed(row, each.net or 0)


def _orders(live: Sequence[OrderNow]) -> Iterator[Row]:
    names = ("filled", "trigger", "limit")
    head = f"{'ORDERS':<21}{'side':<5}" + "".join(f"{name:>9}" for name in names)
    yield Row("")
    yield Row(f"{head}  status (reason)", "head")
    if not live:
        yield Row("  none live")
    for each in live:
        filled = f"{each.filled}/{each.quantity}"
        cells = f"{filled:>9}{amount(each.trigger):>9}{rupees(each.limit):>9}"
        why = f"{each.status} ({each.reason})"
        yield Row(f"{each.symbol:<21}{each.side:<5}{cells}  {why}")


def _candidates(board: Board, most: int) -> Iterator[Row]:
    yield Row("")
    yield from map(_funnel, board.funnels)
    names = ("last", "low", "points", "lots")
    yield Row(f"{'CANDIDATES':<21}" + "".join(f"{name:>8}" for name in names) + "  why not", "head")
    chosen = sorted(board.candidates, key=_nearness)
    for each in chosen[:most]:
        figures = (each.last, each.price, each.points if each.state == "armed" else 0)
        cells = "".join(f"{rupees(v) if v else '-':>8}" for v in figures)
        why = each.reason.replace("_", " ") or "BEST: is sold under"
        lots = str(each.lots or "-")
        row = f"{each.symbol:<21}{cells}{lots:>8}  {why}"
        yield Row(row, "" if each.reason else "good")
    if len(chosen) > most:
        yield Row(f"  and {len(chosen) - most} more; `status --json` has them all")


def _funnel(each: Funnel) -> Row:
    return Row(
        f"{each.right}  {each.swings} swing lows > {each.passed} pass price and VWAP > "
        f"{each.armed} armed > {each.qualified} qualify > {each.best or 'no best'}"
    )


def _nearness(each: CandidateNow) -> tuple[bool, int, bool, str]:
    return not each.place, each.place, each.state != "armed", each.symbol


def _events(view: View, most: int) -> Iterator[Row]:
    trouble = [line for line in view.events if line.is_trouble]
    last = f"; last trouble: {trouble[-1].clock} {trouble[-1].event}" if trouble else ""
    yield Row("")
    yield Row(f"EVENTS{last}", "head")
    for line in view.events[-most:]:
        kind = "alarm" if line.is_trouble else ""
        yield Row(f"{line.clock}  {line.event:<16} {line.text}", kind)
    if not view.events:
        yield Row("  none logged")


def _signed(text: str, value: Paise) -> Row:
    return Row(text, "good" if value > 0 else "bad" if value < 0 else "")


def _age(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


def _wrapped(row: Row) -> Iterator[Row]:
    if len(row.text) <= WIDTH:
        yield row
        return
    label = row.text[:_LABEL]
    for text in _folded(row.text[_LABEL:], WIDTH - _LABEL):
        yield Row(label + text, row.kind)
        label = " " * _LABEL


def _folded(text: str, width: int = WIDTH) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            yield line
            line = ""
        *pieces, rest = _pieces(word, width)
        yield from pieces
        line = f"{line} {rest}" if line else rest
    if line:
        yield line


def _pieces(word: str, width: int) -> Iterator[str]:
    while len(word) > width:  # a path: after one of its folders, if that fills half the line
        folder = max(word.rfind(slash, 0, width) for slash in "/\\") + 1
        end = folder if folder > width // 2 else width
        yield word[:end]
        word = word[end:]
    yield word


def _cut(rows: Iterable[Row]) -> list[Row]:
    return [
        Row(row.text if len(row.text) <= WIDTH else f"{row.text[: WIDTH - 1]}~", row.kind)
        for row in rows
    ]
