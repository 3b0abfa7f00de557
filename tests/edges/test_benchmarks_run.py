"""The benchmarks still run: each once, as small as it goes, whatever it measures."""

import importlib
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.domain.session import Session
from swingbreak.simulation.generator import DaySpec, generate_day
from swingbreak.simulation.spot_path import Regime

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))


@pytest.fixture
def benchmark_of(monkeypatch: pytest.MonkeyPatch) -> object:
    """Import benchmarks as their scripts see each other."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_benchmark_can_be_imported(name: str, benchmark_of: type[ModuleType]) -> None:
    assert benchmark_of(name).__doc__


@pytest.mark.parametrize("mode", [*Mode])
def test_five_positions_are_flattened_through_errors(
    mode: Mode, benchmark_of: type[ModuleType]
) -> None:
    flat, rig = benchmark_of("bench_flat"), benchmark_of("wire_rig")
    done = rig.run_rig("t", lambda folder: flat.flatten(folder, "t", 0.5, 0.2, mode))
    assert done.flat_s is not None
    assert done.known_s is None or done.known_s >= done.flat_s
    assert sum(done.struck.values()) > 0
    assert done.most_messages <= rig.MOST_MESSAGES


def test_a_fresh_position_waits_a_round_trip_for_its_stop(benchmark_of: type[ModuleType]) -> None:
    flat, rig = benchmark_of("bench_flat"), benchmark_of("wire_rig")
    days = [
        rig.run_rig(seed, lambda folder, s=seed: flat.protect(folder, s, 0.15, Mode.LIVE))
        for seed in ("1:0", "1:1", "1:2")
    ]
    spans = [span for found, _ in days for span in found]
    assert spans
    assert min(spans) >= 0.15 - 1e-6


def test_stops_are_tried_again_alone(benchmark_of: type[ModuleType]) -> None:
    stops = benchmark_of("bench_stops")
    session = DaySpec().session
    spec = DaySpec(
        session=Session(session.day, session.opens, session.opens + timedelta(minutes=150)),
        regime=Regime.VOLATILE,
        strikes=2,
        volatility=0.2,
    )
    tape = stops.thinned(stops.with_gaps(generate_day(spec), Random(1)))  # noqa: S311 - seeded dice, no secret
    tally = stops.Tally([], [])
    loose = replace(stops.PARAMETERS, vwap_premium_min_bp=-5000, price_max=900_00)
    stops.trade(tape, loose, tally, cancels=True)
    assert len(tally.plain) == len(tally.ladder) > 0
    assert max(each.took for each in tally.ladder) < timedelta(minutes=5)
    assert "left" in stops.rows("left alone", tally.plain)


def test_the_latency_of_orders_is_measured() -> None:
    command = [
        sys.executable,
        str(FOLDER / "bench_order_latency.py"),
        "--seconds=1.5",
        "--speed=60",
    ]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "bare round trip" in told.stdout


def test_its_tape_reaches_levels_and_stops(benchmark_of: type[ModuleType]) -> None:
    tape = benchmark_of("breaking_tape").breaking_tape(6)
    lows = dict.fromkeys(tape.symbols, 1 << 30)
    highs = dict.fromkeys(tape.symbols, 0)
    for tick in tape.ticks():
        lows[tick.symbol] = min(lows[tick.symbol], tick.price)
        highs[tick.symbol] = max(highs[tick.symbol], tick.price)
    moves = [highs[contract.symbol] - lows[contract.symbol] for contract in tape.contracts]
    assert min(moves) > 15_00  # through the stop of each


@pytest.mark.slow
def test_the_cost_of_viewers_is_measured() -> None:
    command = [sys.executable, str(FOLDER / "bench_dashboard.py"), "--seconds=3", "--phase=0.5"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "board, viewers" in told.stdout
    assert "pages fetched" in told.stdout
