"""`run` and `serve` as two processes: a day over the wire, judged by everybody's books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.books_audit import Books, agree, audited, ledger_of, sold
from tests.e2e.processes import Running, Server, running, serving, settings_file

slow = pytest.mark.slow
# A day with several trades in its first half hour, and one that reaches its target there.
BUSY, TARGET = "22", "29"
BETWEEN_S, MOST_LOOKS = 0.1, 40
SHORT_DAY = {"force_exit_ist": "09:50"}


@dataclass
class Samples:
    """What the gateway showed while the day ran."""

    taken: int = 0
    shorts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, server: Server, run: Running) -> None:
        """Ask for the order book, and again where it shows a short without a closing order."""
        self.taken += 1
        run.glance(BETWEEN_S)
        bare = self._judge(server)
        # the fill may be on its way to the client, and the stop on its way here
        for _ in range(MOST_LOOKS):
            if not bare:
                return
            run.glance()
            bare &= self._judge(server)
        self.faults += [f"{symbol} stays without a closing order" for symbol in bare]

    def _judge(self, server: Server) -> set[str]:
        short: Counter[str] = Counter()
        slots: Counter[str] = Counter()
        closing = set()
        for row in server.ask("orderbook")["orders"]:
            short[row["symbol"]] += row["filled_quantity"] * (1 if sold(row) else -1)
            if row["order_status"] in {"open", "trigger pending"}:
                slots[row["symbol"][-2:] if sold(row) else row["symbol"]] += 1
                closing |= set() if sold(row) else {row["symbol"]}
        self.faults += [f"{n} live orders in {slot}" for slot, n in slots.items() if n > 1]
        self.faults += [f"{symbol} is long" for symbol, units in short.items() if units < 0]
        held = set(+short)
        self.shorts |= held
        return held - closing


@pytest.mark.parametrize(
    ("seed", "speed", "personality", "settings"),
    [
        pytest.param(BUSY, "max", "exchange", SHORT_DAY, id="in step, exchange"),
        pytest.param(BUSY, "150", "sandbox", SHORT_DAY, id="paced, sandbox"),
        pytest.param(BUSY, "max", "sandbox", SHORT_DAY, id="in step, sandbox", marks=slow),
        pytest.param(BUSY, "150", "exchange", SHORT_DAY, id="paced, exchange", marks=slow),
        pytest.param(TARGET, "max", "exchange", {}, id="to the target", marks=slow),
        pytest.param("23", "max", "sandbox", {}, id="whole day", marks=slow),
        pytest.param("23", "400", "exchange", {}, id="whole day, paced", marks=slow),
    ],
)
def test_a_day_of_two_processes(
    tmp_path: Path, seed: str, speed: str, personality: str, settings: Mapping[str, object]
) -> None:
    state = tmp_path / "state"
    flags = settings_file(tmp_path, **settings)
    samples = Samples()
    with serving(tmp_path, "--generate", seed, "--personality", personality, speed=speed) as server:
        arguments = ("run", "--mode", "paper", *server.addresses, "--state-dir", str(state))
        with running(tmp_path, *arguments, *flags, env=server.env) as run:
            run.until(lambda: ledger_of(state))
            while run.process.poll() is None:
                samples.take(server, run)
            end = run.ended()
        books = Books.of(server)
    assert (end.code, samples.faults) == (0, []), end.err
    assert samples.taken > 1
    assert samples.shorts
    assert books.held == {}
    assert books.working == []
    assert len(books.trades) >= 2
    agree(audited(state), books, state)
