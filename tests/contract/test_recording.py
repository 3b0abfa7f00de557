"""A recording follows the window of strikes over the wire, whatever moment a process dies at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import pytest

from swingbreak.adapters.dayfiles import load_day
from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.files import read_about
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.adapters.store.recording import Recording, TickLog, recorded_portions
from swingbreak.adapters.store.tapes import load_tape
from swingbreak.bootstrap import recording
from swingbreak.bootstrap.known import facts_of
from swingbreak.bootstrap.leaving import Departure
from swingbreak.domain.errors import DataError
from swingbreak.domain.market import Tick
from swingbreak.domain.session import Session
from swingbreak.facts.calendar import Calendar
from swingbreak.gateway.options import DEMO_KEY, GatewayOptions
from swingbreak.gateway.server import Gateway
from swingbreak.market.day_bars import Origin
from swingbreak.settings import GatewayAddress, Settings, load
from swingbreak.simulation.tape import ArrayTape
from tests.own_facts import last_minutes

DAY = date(2026, 11, 20)
MINUTES, MOVED = 15, 6  # of the session; the minute that closes two strikes above the middle
SESSION = Session.on(DAY, time(15, 15), time(15, 30))
FACTS = load_facts()
PLACE = Place("NIFTY", DAY, Kind.TICKS)
INDEX = "NIFTY"
RISING: Final = {"strikes_each_side": 1, "recentre_after_strikes": 1}
FIRST, CAME = (24150, 24200, 24250), (24300, 24350)


def a_rising_day(folder: Path) -> Path:
    """Write SESSION's bars; the index is at 24200, from 15:18 at 24250, from 15:21 at 24300."""
    rows = ["ts,symbol,open,high,low,close,volume"]
    for minute in range(MINUTES):
        index = 24_200 + 50 * min(minute // 3, 2)
        at = f"{DAY}T15:{15 + minute}:00+05:30"
        for strike in range(24_100, 24_450, 50):
            for right, worth in (("CE", index - strike), ("PE", strike - index)):
                price = max(worth, 0) + 40 + minute % 3
                prices = f"{price},{price + 1},{price - 1},{price}"
                rows.append(f"{at},NIFTY01DEC26{strike}{right},{prices},650")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rises.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def short_session(folder: Path) -> Path:
    """Write facts by which SESSION is the day's."""
    return last_minutes(folder, DAY, time(15, 15))


def options(*strikes: int) -> set[str]:
    return {f"NIFTY01DEC26{strike}{right}" for strike in strikes for right in ("CE", "PE")}


class Died(Exception):
    """Stands for the end of a process."""


class MortalLog(TickLog):
    """A log whose process dies at the first thing of some second, and leaves what it had."""

    dies_at = SESSION.closes

    def _write(self, at: datetime, *fields: object) -> None:
        if at >= self.dies_at:
            self.close()
            raise Died
        super()._write(at, *fields)

    def close(self) -> None:
        if not self._file.closed:
            super().close()


async def recorded(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    dies_at: Sequence[datetime] = (),
    **more: int,
) -> list[str]:
    """Record the rising day by processes that die; return what was said meanwhile."""
    files = [str(short_session(folder))]
    settings = load(environment={}, overrides={**RISING, "facts_files": files, **more})
    tape = load_day(a_rising_day(folder), facts_of(settings))
    gateway = Gateway(tape, GatewayOptions(port=0, ws_port=0, speed=None))
    where = await gateway.start()
    settings = replace(settings, gateway=GatewayAddress(where.host, where.ws_url, DEMO_KEY))
    monkeypatch.setenv("OPENALGO_API_KEY", DEMO_KEY)
    said: list[str] = []
    try:
        for moment in (*dies_at, SESSION.closes):
            monkeypatch.setattr(recording, "TickLog", type("_", (MortalLog,), {"dies_at": moment}))
            await _process(folder, settings, said)
    finally:
        await gateway.stop()
    return said


async def _process(folder: Path, settings: Settings, said: list[str]) -> None:
    try:
        await recording._record(Store(folder), settings, Departure(), said.append)
    except* Died:
        pass


def kept(folder: Path) -> ArrayTape:
    return load_tape(Store(folder), FACTS, PLACE)


def at(minute: int, second: float = 0) -> datetime:
    return SESSION.start_of(minute) + timedelta(seconds=second)


@pytest.mark.parametrize(
    "dies_at",
    [
        (),
        # the index is above the middle, but not so far that the window moves: from where it is, and
        # not from where the next process finds the index, it moves later
        (at(5),),
        # before the minute is closed; what comes not written down; it has not ticked; it has moved
        (at(MOVED + 1, 0.5), at(MOVED + 1, 1.5), at(MOVED + 1, 3), at(MOVED + 3)),
    ],
)
async def test_a_recording_follows_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_at: Sequence[datetime]
) -> None:
    said = await recorded(tmp_path, monkeypatch, dies_at=dies_at)
    tape = kept(tmp_path)
    assert {contract.symbol for contract in tape.contracts} == options(*FIRST, *CAME)
    ticks = list(tape.ticks())
    for contract in tape.contracts:
        times = [tick.at for tick in ticks if tick.symbol == contract.symbol]
        began = SESSION.opens if contract.symbol in options(*FIRST) else at(MOVED + 1, 1.5)
        assert began <= times[0] < began + timedelta(minutes=1)
        assert times[-1] >= at(MINUTES - 1)
    moves = [line for line in said if "options" in line]
    assert set(moves) <= {"4 more options are recorded: the window moves to 24300"}
    assert moves or len(dies_at) > 1  # there one begins with them

    store = Store(tmp_path)
    since = read_about(store.path(PLACE)).since
    assert set(since) == options(*CAME)
    assert all(at(MOVED + 1, 1.5) <= each <= at(MOVED + 1, 3) for each in since.values())
    assert read_about(store.path(replace(PLACE, kind=Kind.BARS))).since == since
    assert read_about(store.path(replace(PLACE, kind=Kind.SPOT))).since == {}
    bars = DayReader(store, FACTS).day("NIFTY", DAY)
    assert bars.notes == tape.notes
    assert tape.notes == ("4 contracts recorded only since they came, from 15:22:02",)
    assert not list(store.root.glob("incoming/ticks/*"))


async def test_a_window_that_does_not_move_has_what_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recorded(tmp_path, monkeypatch, recentre_after_strikes=0)
    tape = kept(tmp_path)
    assert {contract.symbol for contract in tape.contracts} == options(*FIRST)
    assert tape.notes == ()


# The file.


RECORDING = Recording("NIFTY", DAY, Origin.RECORDED)
FAR = "NIFTY01DEC2624350CE"


def test_what_is_followed_is_known_to_the_next_process_though_it_never_ticked(
    tmp_path: Path,
) -> None:
    log = TickLog(Store(tmp_path), RECORDING)
    log.follow({INDEX, FAR}, at(0))
    log.follow({INDEX}, at(1))
    log.add(Tick(INDEX, at(2), 24200_00))
    log.add(Tick(FAR, at(2), 40_00, 65))
    log.close()
    assert len(log.path.read_text("utf-8").splitlines()) == 4
    again = TickLog(Store(tmp_path), RECORDING)
    assert again.symbols == {INDEX, FAR}
    assert again.prices(INDEX) == [(at(2).astimezone(UTC), 24200_00)]
    again.close()


@pytest.mark.parametrize("late", [-5, 40], ids=["before the open", "late"])
def test_what_a_recording_began_with_did_not_come(tmp_path: Path, late: int) -> None:
    whole_day = Calendar(FACTS).session(DAY)
    log = TickLog(Store(tmp_path), RECORDING)
    log.follow({INDEX}, whole_day.start_of(late))
    log.follow({FAR}, whole_day.start_of(max(late, -1)))
    log.follow({"NIFTY01DEC2624400CE"}, whole_day.start_of(50))  # and never ticks
    log.add(Tick(FAR, whole_day.start_of(60), 40_00, 65))
    log.close()
    for portion in recorded_portions(Store(tmp_path), FACTS, RECORDING, 1500):
        assert portion.about.since == {}


def test_a_recording_without_a_tick_is_refused(tmp_path: Path) -> None:
    log = TickLog(Store(tmp_path), RECORDING)
    log.follow({INDEX}, at(0))
    log.close()
    with pytest.raises(DataError, match="no tick was recorded; remove it"):
        recorded_portions(Store(tmp_path), FACTS, RECORDING, 1500)
