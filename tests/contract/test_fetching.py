"""Past days from a gateway's history into the store: what comes is what was traded."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.openalgo.past import past_candles
from swingbreak.adapters.store.layout import Store
from swingbreak.adapters.store.reading import DayReader
from swingbreak.bootstrap import fetching
from swingbreak.bootstrap.fetching import Fetched, fetch_days
from swingbreak.domain.errors import ConfigError, DataError, GatewayRefused, GatewayUnreachable
from swingbreak.market.quality import Grade
from swingbreak.settings import GatewayAddress, Settings, load
from swingbreak.simulation.cut_day import CutDay
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import generate_day
from swingbreak.simulation.tape import ArrayTape
from tests.gateway_fakes import DEMO_KEY, pass_time, serving

FACTS = load_facts()
DAY = date(2026, 11, 20)
GRACE_MS = 1500
OVERRIDES = {"strikes_each_side": 1}


@pytest.fixture(autouse=True)
def next_day() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 21, 6, tzinfo=UTC), tick=True):
        yield


@pytest.fixture(scope="module")
def tape() -> ArrayTape:
    return generate_day(replace(day_spec(FACTS, DAY, "NIFTY"), strikes=3, ticks_per_minute=4.0))


def settings_of(host: str, key: str = DEMO_KEY) -> Settings:
    settings = load(environment={}, overrides=OVERRIDES)
    return replace(settings, gateway=GatewayAddress(host, "ws://127.0.0.1:1", key))


async def fetched(root: Path, host: str, **more: Any) -> Fetched:
    days = more.get("days", (DAY, DAY))
    return await asyncio.to_thread(fetch_days, root, settings_of(host), *days)


def found(root: Path, pattern: str) -> list[Path]:
    return list(root.glob(pattern))


async def test_a_fetched_day_is_the_day_that_was_traded(tmp_path: Path, tape: ArrayTape) -> None:
    async with serving(tape) as (gateway, client):
        pass_time(gateway, tape.session.closes)
        result = await fetched(tmp_path, client.addresses.host)
    assert (result.symbols, result.failed) == (7, {})
    assert {kept.grade for kept in result.kept} == {Grade.A}
    day = DayReader(Store(tmp_path), FACTS).day("NIFTY", DAY)
    assert len(day.contracts) == 6
    own = CutDay(tape, GRACE_MS)
    for place, contract in enumerate(day.contracts):
        bars = (minute.bars.get(contract.symbol) for minute in own.minutes)
        assert list(day.bars(place)) == [
            bar._replace(ticks=0) for bar in bars if bar and bar.volume
        ]
    assert len(day.index.minute) == tape.session.minutes


async def test_what_has_come_is_not_asked_for_again(
    tmp_path: Path, tape: ArrayTape, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def breaks_off(rest: Any, symbol: str, *more: Any) -> Any:
        asked.append(symbol)
        if len(asked) == 4:
            raise GatewayUnreachable("history: gone")
        return await past_candles(rest, symbol, *more)

    monkeypatch.setattr(fetching, "past_candles", breaks_off)
    async with serving(tape) as (gateway, client):
        pass_time(gateway, tape.session.closes)
        with pytest.raises(GatewayUnreachable, match="gone"):
            await fetched(tmp_path, client.addresses.host)
        assert not found(tmp_path, "bars/**/*.parquet")
        came = len(found(tmp_path, "incoming/*/*.parquet"))
        assert came >= 1
        before = len(asked)
        result = await fetched(tmp_path, client.addresses.host)
    assert len(asked) - before == 7 - came
    assert {kept.grade for kept in result.kept} == {Grade.A}
    assert not found(tmp_path, "incoming/*")


async def test_a_contract_without_history_is_told_and_the_others_are_kept(
    tmp_path: Path, tape: ArrayTape, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(rest: Any, symbol: str, *more: Any) -> Any:
        if symbol.endswith("PE"):
            raise GatewayRefused("history: no data")
        return await past_candles(rest, symbol, *more)

    monkeypatch.setattr(fetching, "past_candles", refuses)
    async with serving(tape) as (gateway, client):
        pass_time(gateway, tape.session.closes)
        result = await fetched(tmp_path, client.addresses.host)
    assert len(result.failed) == 3
    assert len(DayReader(Store(tmp_path), FACTS).day("NIFTY", DAY).contracts) == 3


async def test_days_without_a_trade_are_no_days(tmp_path: Path, tape: ArrayTape) -> None:
    async with serving(tape) as (_, client):
        with pytest.raises(DataError, match="no bar came: it has no trade"):
            await fetched(tmp_path, client.addresses.host)
    assert not found(tmp_path, "bars/**/*.parquet")


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ((DAY, date(2026, 11, 19)), "--from 2026-11-20 is after --to 2026-11-19"),
        ((DAY, date(2026, 11, 23)), "that day is not over"),
    ],
)
def test_a_wrong_range_is_refused(tmp_path: Path, days: tuple[date, date], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        fetch_days(tmp_path, settings_of("http://127.0.0.1:1"), *days)
