from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from swingbreak.adapters import event_tape
from swingbreak.adapters.event_tape import EventTapeFile, read_tape
from swingbreak.domain.account import (
    Discrepancy,
    ForeignOrder,
    ForeignPosition,
    HandTrades,
    OrderAltered,
    OrderLives,
    OrderMissing,
    PositionDiffers,
)
from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import (
    AccountSeen,
    ControlGiven,
    HistoryLoaded,
    MinuteClosed,
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderFilled,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
    WindowMoved,
)
from swingbreak.domain.market import Tick
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms, LookAwaited, ProcessBegan, ProcessEnded, RowsKept, Told
from swingbreak.market.window import Window
from tests.builders import CE, PE, SESSION, at, bar
from tests.charging import rates_of

NOW = at(16, 5.25)
WINDOW = Window((24450_00, 24500_00, 24550_00, 24600_00), 24500_00, 1, 2)
TERMS = DayTerms(SESSION, (CE, PE), replace(Parameters(), max_lots=3), rates_of(), WINDOW)
BEGAN = ProcessBegan(NOW, "0.1.0", "synthetic NIFTY seed 7", TERMS, 12)
DISCREPANCIES: tuple[Discrepancy, ...] = (
    OrderMissing(CE.symbol, "o1"),
    OrderAltered(CE.symbol, "o1", 65, 1, 2),
    OrderLives(CE.symbol, "o1", "b1"),
    ForeignOrder(CE.symbol, "b2", buys=True, quantity=65),
    PositionDiffers(CE.symbol, -65, 0, HandTrades(65, 1), is_explained=True, is_current=False),
    ForeignPosition("SENSEX", -20),
)
ITEMS: tuple[Told, ...] = (
    LookAwaited(NOW),
    TickReceived(NOW, Tick(CE.symbol, NOW, 174_95, 100, 174_90, 175_00, 65, 130)),
    MinuteClosed(NOW, 15, {CE.symbol: bar(15, 1, 4, 1, 2)}, {PE.symbol: bar(16, 5, 6, 5, 6)}),
    HistoryLoaded(NOW, {CE.symbol: (bar(1, 1, 4, 1, 2), bar(2, 1, 4, 1, 2)), PE.symbol: ()}),
    SymbolsHeld(NOW, {CE.symbol: "stale"}),
    TimerFired(NOW),
    OrderAccepted(NOW, "o1", "b1"),
    OrderRejected(NOW, "o1", "margin", sent=False, proof=False),
    OrderUnconfirmed(NOW, "o1"),
    OrderFilled(NOW, "o1", "f1", 65, 65 * 174_95),
    OrderPriced(NOW, "o1", 65, 65 * 174_95),
    OrderCanceled(NOW, "o1", "price protection"),
    OrderCancelRefused(NOW, "o1", "too late"),
    OrderReplaced(NOW, "o1"),
    OrderReplaceRefused(NOW, "o1", "too late", sent=False),
    ControlGiven(NOW, Control.FLATTEN, "lunch"),
    WindowMoved(NOW, 24500_00),
    AccountSeen(NOW, DISCREPANCIES),
    AccountSeen(NOW, (), "the position book cannot be read"),
)


class Tape:
    """A tape on disk with the ledger's head beside it, and what it warned of."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events" / "events_20261120.tape"
        self.head = (0, "")
        self.warnings: list[str] = []
        self.file = EventTapeFile(self.path, lambda: self.head, self.warnings.append)

    def heard(self, *told: Any, ends: bool = True) -> None:
        """One process that heard *told*."""
        with self.file as file:
            file.begin(BEGAN)
            for each in told:
                file.hear(each)
            if ends:
                file.end(ProcessEnded(NOW))


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    tape = Tape(tmp_path)
    with tape.file:
        yield tape


def read(tape: Tape) -> list[Told]:
    return [item for item in read_tape(tape.path).items if not isinstance(item, RowsKept)]


def plain(began: Told) -> tuple[Any, ...]:
    """A beginning, with rates that can be compared."""
    assert isinstance(began, ProcessBegan)
    rates = began.terms.rates
    terms = replace(began.terms, rates=())  # type: ignore[arg-type]
    return replace(began, terms=terms), rates.exchange, rates.day, rates.rates, rates.taxed


def test_what_was_heard_is_read_back(tape: Tape) -> None:
    tape.heard(*ITEMS)
    began, *heard, ended = read(tape)
    assert plain(began) == plain(BEGAN)
    assert heard == list(ITEMS)
    assert [type(one) for one in heard] == [type(one) for one in ITEMS]
    assert ended == ProcessEnded(NOW)
    assert tape.warnings == []


def test_a_tape_from_before_there_were_windows(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    with_window = event_tape._plain

    def without(began: ProcessBegan) -> dict[str, Any]:
        plain: dict[str, Any] = with_window(began)
        del plain["terms"]["window"]
        return plain

    monkeypatch.setattr(event_tape, "_plain", without)
    tape.heard()
    began, _ = read(tape)
    assert isinstance(began, ProcessBegan)
    assert began.terms.window is None


def test_every_item_and_every_discrepancy_is_among_those_tried() -> None:
    assert {*map(type, ITEMS), ProcessBegan, ProcessEnded, RowsKept} == set(get_args(Told))
    assert set(map(type, DISCREPANCIES)) == set(get_args(Discrepancy))


def test_the_engine_that_is_made_anew_charges_alike(tape: Tape) -> None:
    tape.heard()
    began = read(tape)[0]
    assert isinstance(began, ProcessBegan)
    charge = began.terms.engine().state.holdings.charge
    assert charge(100_00, 90_00, 2) == rates_of().charge(100_00, 90_00, 2)


def test_the_ledgers_head_is_noted_when_it_has_moved(tape: Tape) -> None:
    with tape.file as file:
        file.begin(BEGAN)
        for seq in (5, 5, 7):
            tape.head = (seq, f"link{seq}")
            file.hear(TimerFired(NOW))
        tape.head = (8, "link8")
        file.end(ProcessEnded(NOW))
    noted = [item.seq for item in read_tape(tape.path).items if isinstance(item, RowsKept)]
    assert noted == [5, 7, 8]


def test_what_led_to_something_durable_survives_the_process(tape: Tape) -> None:
    tape.file.begin(BEGAN)
    tape.file.hear(TimerFired(NOW))
    assert len(read(tape)) == 1
    tape.file.settle()
    assert read(tape)[1:] == [TimerFired(NOW)]


def test_a_closed_minute_is_handed_over_at_once(tape: Tape) -> None:
    tape.file.begin(BEGAN)
    tape.file.hear(MinuteClosed(NOW, 3, {}, {}))
    assert len(read(tape)) == 2


def test_a_long_wait_is_handed_over_too(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_tape, "_MOST_WAITING", 100)
    tape.file.begin(BEGAN)
    tape.file.hear(ITEMS[1])
    assert len(read(tape)) == 2
    monkeypatch.setattr(event_tape, "_MOST_WAITING", 1000)
    tape.file.hear(ITEMS[1])
    assert len(read(tape)) == 2


def test_a_second_process_goes_on_with_the_tape(tape: Tape, tmp_path: Path) -> None:
    tape.heard(TimerFired(NOW))
    Tape(tmp_path).heard(LookAwaited(NOW))
    kinds = [type(item) for item in read(tape)]
    one = [ProcessBegan, TimerFired, ProcessEnded]
    assert kinds == [*one, ProcessBegan, LookAwaited, ProcessEnded]


def test_any_torn_end_is_recognised_and_cut_off_by_who_goes_on(tape: Tape, tmp_path: Path) -> None:
    tape.heard(*ITEMS, ends=False)
    whole = tape.path.read_bytes()
    items = read_tape(tape.path).items
    for missing in range(1, 30):  # of the last frame
        shorter, lost = read_of(tape, whole[:-missing])
        assert [*map(type, shorter)] == [*map(type, items[:-1])]
        assert lost > 0
    Tape(tmp_path).heard()
    again, nothing = read_tape(tape.path)
    assert nothing == 0
    began = [item for item in again if isinstance(item, ProcessBegan)]
    assert [each.lost for each in began] == [0, lost]


def read_of(tape: Tape, content: bytes) -> tuple[list[Told], int]:
    tape.path.write_bytes(content)
    return tuple(read_tape(tape.path))  # type: ignore[return-value]


def test_a_changed_byte_ends_the_tape(tape: Tape) -> None:
    tape.heard(*ITEMS)
    content = bytearray(tape.path.read_bytes())
    content[-100] ^= 1
    tape.path.write_bytes(content)
    items, lost = read_tape(tape.path)
    assert lost >= 100
    assert len(items) < len(ITEMS) + 3


def test_a_tape_that_cannot_be_opened_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "events").write_text("")
    tape = Tape(tmp_path)
    tape.heard(*ITEMS)
    (warning,) = tape.warnings
    assert "cannot be replayed; trading goes on" in warning


def test_a_disk_that_fills_up_in_the_middle_leaves_a_torn_tape(tape: Tape) -> None:
    class Filling:
        def __init__(self, path: Path) -> None:
            self.path, self.room = path, 100

        def write(self, data: bytes) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            taken, self.room = data[: self.room], 0
            with self.path.open("ab") as file:
                return file.write(taken)

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    tape.file.begin(BEGAN)
    assert tape.file._file is not None
    tape.file._file.close()
    tape.file._file = Filling(tape.path)  # type: ignore[assignment]
    for item in ITEMS:
        tape.file.hear(item)
    tape.file.settle()
    (warning,) = tape.warnings
    assert "No space left on device: what happens from now on cannot be replayed" in warning
    items, lost = read_tape(tape.path)
    assert (len(items), lost > 0) == (3, True)
    tape.file.hear(ITEMS[0])
    tape.file.settle()
    tape.file.end(ProcessEnded(NOW))


def test_a_file_that_is_none_of_ours_is_named(tape: Tape) -> None:
    tape.path.parent.mkdir()
    tape.path.write_text("prices of Friday\n")
    with pytest.raises(DataError, match="no event tape of this swingbreak"):
        read_tape(tape.path)
    tape.heard(TimerFired(NOW))
    assert "move it away" in tape.warnings[0]
    assert tape.path.read_text() == "prices of Friday\n"


def test_a_tape_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no event tape"):
        read_tape(tmp_path / "events.tape")


@pytest.mark.parametrize("body", [("Dividend", {}), ("TimerFired", {}), ("AccountSeen", 3)])
def test_an_item_of_a_newer_swingbreak_is_named(tape: Tape, body: tuple[str, object]) -> None:
    tape.heard()
    with tape.file as file:
        file.begin(BEGAN)
        file._add(*body)
    with pytest.raises(DataError, match="use the one that wrote it"):
        read_tape(tape.path)
