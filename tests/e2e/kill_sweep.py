"""Kill -9 at every durable write of many days, with real processes and files.

    python -m tests.e2e.kill_sweep [--jobs 1] [--scenario NAME [--only 18:after]]
                                  [--every 1] [--list]

Each scenario is a few made-up minutes behind a real ``swingbreak serve``, in lock-step, so that a
day has the same durable writes every time. For each of them, and both right before and right after
it becomes durable, the day is begun afresh, the process is killed there with SIGKILL, and the same
command is given again. It has to come to its end, and then ledger, tables and the gateway's own
books have to agree: no order twice, none that nobody knows, nothing working, nothing held.
"""

import argparse
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeAlias

from swingbreak.adapters.controls import Controls, KillLock
from swingbreak.domain.control import Control
from swingbreak.domain.session import IST
from tests.e2e.books_audit import DAY, Books, agree, audited, ledger_of
from tests.e2e.lively_tape import LOWEST, lively_tape
from tests.e2e.processes import (
    Ended,
    Server,
    ended,
    order_by_hand,
    price_of,
    serving,
    settings_file,
)
from tests.e2e.reaper import PHASES, TABLES
from tests.own_facts import last_minutes

__all__ = ["SCENARIOS", "Kill", "Scenario", "day_of", "kill", "kills_of"]

_OVER: Final = 3
_FIRST_FILL: Final = "OrderFilled"
_LOT: Final = 65
_LISTED: Final = tuple(
    f"NIFTY01DEC26{strike}{right}" for strike in (24500, 24550) for right in ("CE", "PE")
)

Meddle: TypeAlias = Callable[[Server, Path], tuple[str, ...]]


@dataclass(frozen=True)
class Scenario:
    """A day to be killed in.

    Attributes:
        seed: Of the made-up day.
        settings: Beside the usual ones.
        flags: Of ``serve``.
        opens: When the day begins in India, hours and minutes.
        meddle: What happens from outside while the first process lies dead, shortly after its
            first fill, and the gateway's ids of orders of theirs; the kills are those of the
            second process then.
        codes: How the day may end.
    """

    name: str
    seed: int
    settings: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    opens: tuple[int, int] = (9, 15)
    meddle: Meddle | None = None
    codes: tuple[int, ...] = (0,)


_USUAL: Final[Mapping[str, object]] = {
    "price_min_rupees": LOWEST,
    "price_max_rupees": 400,
    "vwap_premium_min_percent": 0,
    "stop_min_percent": 0.1,
    "stop_max_percent": 25,
    "entry_fill_s": 20,
    "daily_target_r": 50,
    "daily_stop_r": -50,
}


def _word(control: Control, _server: Server, state: Path) -> tuple[str, ...]:
    now = datetime(DAY.year, DAY.month, DAY.day, tzinfo=IST)
    if control is Control.KILL:
        Controls(state).lock(KillLock(now, "drill", "test"))
    Controls(state).give(control, "drill", by="test", at=now)
    return ()


def _by_hand(action: str, share: float, server: Server, _state: Path) -> tuple[str, ...]:
    held = Books.of(server).held
    symbol = next(one for one in _LISTED if (one in held) == (action == "BUY"))
    units = -held[symbol] if action == "BUY" else _LOT
    price = price_of(server, symbol) * share
    return (order_by_hand(server, symbol, action, units, price),)


def _said(control: Control) -> Meddle:
    return partial(_word, control)


_SELLS: Final = partial(_by_hand, "SELL", 0.85)
_RESTS: Final = partial(_by_hand, "SELL", 1.3)
_BUYS_BACK: Final = partial(_by_hand, "BUY", 1.2)
_FLATTENS_OTHERS: Final = {"foreign": "flatten"}
_SMALL_R: Final = {"r_value_rupees": 2500, "daily_target_r": 1, "daily_stop_r": -1}
_LARGE: Final = {"r_value_rupees": 90_000, "max_lots_per_position": 45}
_RICH: Final = ("--capital", "500000000")

SCENARIOS: Final = (
    Scenario("one trade", 14),
    Scenario("partial fills", 4),
    Scenario("stops hit, a switch", 16),
    Scenario("entries unfilled", 26),
    Scenario("exit at 15:15", 4, opens=(15, 0)),
    Scenario("slices", 14, _LARGE, _RICH),
    Scenario("daily target", 22, _SMALL_R),
    Scenario("daily stop", 26, _SMALL_R, codes=(0, 8)),
    Scenario("sandbox", 14, flags=("--personality", "sandbox")),
    Scenario("changes ignored", 14, flags=("--quirks", "modify-ignored")),
    Scenario("changes refused", 14, flags=("--quirks", "modify-refused,foreign-status")),
    Scenario("a broker's own books", 1, flags=("--quirks", "zerodha")),
    Scenario("told to flatten", 16, meddle=_said(Control.FLATTEN)),
    Scenario("told to kill", 16, meddle=_said(Control.KILL), codes=(9,)),
    Scenario("told to pause", 16, meddle=_said(Control.PAUSE)),
    Scenario("sold by hand", 14, _FLATTENS_OTHERS, meddle=_SELLS),
    Scenario("rested by hand", 14, _FLATTENS_OTHERS, meddle=_RESTS),
    Scenario("bought back by hand", 14, meddle=_BUYS_BACK),
    Scenario("slices and switches", 15, _LARGE, _RICH),
)


@dataclass(frozen=True)
class Kill:
    """Where a process is killed: at a durable write of it, counted from 1, and in which phase."""

    number: int
    phase: str

    def __str__(self) -> str:
        return f"{self.number}:{self.phase}"


class Day:
    """A scenario's server and the commands given there."""

    def __init__(self, scenario: Scenario, folder: Path, server: Server, ends: datetime) -> None:
        self.state = folder / "state"
        self.server = server
        self._folder = folder
        self._scenario = scenario
        self._by_hand: tuple[str, ...] = ()
        settings = {**_USUAL, "force_exit_ist": f"{ends.astimezone(IST):%H:%M}"}
        settings |= scenario.settings
        if scenario.opens != (9, 15):
            settings["facts_files"] = [str(folder / "facts.toml")]
        flags = settings_file(folder, **settings)
        self._command = ("run", *server.addresses, "--state-dir", str(self.state), *flags)

    def watched(self, number: int, phase: str, name: str) -> tuple[int, list[str]]:
        """Run until the end or the kill; return the exit code and the durable writes reached."""
        trace = self._folder / f"{name}.trace"
        trace.touch()
        reaper, env = (number, phase, str(trace)), self.server.env
        code = ended(self._folder, *self._command, name=name, env=env, reaper=reaper).code
        return code, trace.read_text(encoding="utf-8").splitlines()

    def again(self) -> Ended:
        """Give the same command again, and let it come to its end."""
        return ended(self._folder, *self._command, name="again", env=self.server.env)

    def begin(self) -> None:
        """Let a first process die, and somebody meddle, where the scenario says so."""
        if self._scenario.meddle is None:
            return
        number = _first_fill(self._scenario)
        code, _ = self.watched(number, "after", "first")
        assert code == -signal.SIGKILL, code
        self._by_hand = self._scenario.meddle(self.server, self.state)

    def audit(self) -> None:
        """Judge the end by the gateway's own books."""
        books = Books.of(self.server)
        assert (books.held, books.working) == ({}, [])
        ours = [row for row in books.orders if row["orderid"] not in self._by_hand]
        agree(audited(self.state), replace(books, orders=ours), self.state)


@contextmanager
def day_of(scenario: Scenario) -> Iterator[Day]:
    """Serve *scenario* from its beginning."""
    with (
        tempfile.TemporaryDirectory(prefix="swingbreak-") as folder,
        _served(scenario, Path(folder)) as day,
    ):
        yield day


@contextmanager
def _served(scenario: Scenario, folder: Path) -> Iterator[Day]:
    hour, minute = scenario.opens
    opens = datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=IST)
    tape = folder / "day.csv"
    ends = lively_tape(tape, scenario.seed, opens)
    flags = ["--replay", str(tape), *scenario.flags]
    if scenario.opens != (9, 15):
        flags += ["--facts", str(last_minutes(folder, DAY, opens.time()))]
    with serving(folder, *flags) as server:
        day = Day(scenario, folder, server, ends)
        yield day


_first_fills: dict[str, int] = {}


def _first_fill(scenario: Scenario) -> int:
    """Return the durable write after the first fill: the gateway has its stop."""
    if scenario.name not in _first_fills:
        with day_of(scenario) as day:
            _, writes = day.watched(0, "after", "first")
        filled = next(n for n, write in enumerate(writes, 1) if _FIRST_FILL in write)
        _first_fills[scenario.name] = filled + 1
    return _first_fills[scenario.name]


def kills_of(scenario: Scenario) -> list[Kill]:
    """Return every place of the day to be killed at, by letting it come to its end once."""
    with day_of(scenario) as day:
        day.begin()
        code, writes = day.watched(0, "after", "whole")
        assert code in scenario.codes, (scenario.name, code)
        day.audit()
    places = [Kill(n, phase) for n in range(1, len(writes) + 1) for phase in PHASES]
    if scenario is SCENARIOS[0]:
        return places
    # making the database is the same every day
    made = next(n for n, write in enumerate(writes) if write != TABLES)
    return [place for place in places if place.number >= made]


def kill(scenario: Scenario, at: Kill) -> str:
    """Kill a day at one place, go on with it, and judge it.

    Returns:
        What the second process found to do.

    Raises:
        AssertionError: It did not recover, or the books do not agree.
    """
    with day_of(scenario) as day:
        day.begin()
        kept = len(ledger_of(day.state))
        code, writes = day.watched(at.number, at.phase, "killed")
        assert code == -signal.SIGKILL, f"ended with {code} before write {at.number}"
        durable = writes if at.phase == "after" else writes[:-1]
        before = ledger_of(day.state)
        assert len(before) == kept + sum(map(_records, durable)), "durable is what was said"
        end = day.again()
        assert "Traceback" not in end.err, end.err
        over = end.code == _OVER and "is over in" in end.err
        assert over or end.code in scenario.codes, end
        assert ledger_of(day.state)[: len(before)] == before
        day.audit()
        return "over already" if over else "went on" if before else "began"


def _records(write: str) -> int:
    return 0 if write == "tables" or write.startswith("file ") else len(write.split("+"))


def main(arguments: Sequence[str]) -> int:
    """Sweep and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="days at once")
    parser.add_argument("--scenario", action="append", help="only this one; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only every so manieth place")
    parser.add_argument(
        "--only", metavar="NUMBER:PHASE", help="only this place, as a failure names it"
    )
    parser.add_argument("--list", action="store_true", help="print the scenarios and end")
    asked = parser.parse_args(arguments)
    chosen = [one for one in SCENARIOS if not asked.scenario or one.name in asked.scenario]
    if asked.list:
        _tell("\n".join(one.name for one in chosen))
        return 0
    failed = 0
    _tell(f"{'scenario':<22} {'writes':>6} {'kills':>6} {'failed':>6}  what the next process did")
    with ProcessPoolExecutor(asked.jobs, get_context("spawn")) as pool:
        for scenario in chosen:
            places = [one for one in kills_of(scenario) if asked.only in {None, str(one)}]
            places = places[:: asked.every]
            outcomes = Counter(pool.map(partial(_tried, scenario), places))
            bad = sum(n for outcome, n in outcomes.items() if outcome.startswith("FAILED"))
            failed += bad
            told = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items()))
            writes = len({place.number for place in places})
            _tell(f"{scenario.name:<22} {writes:>6} {len(places):>6} {bad:>6}  {told}")
    return min(failed, 1)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tried(scenario: Scenario, at: Kill) -> str:
    try:
        return kill(scenario, at)
    except AssertionError:
        sys.stderr.write(f"{scenario.name} {at}\n{traceback.format_exc()}\n")
        return f"FAILED {at}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
