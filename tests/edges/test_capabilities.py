"""The profile of a gateway as a file, and what its facts change."""

from pathlib import Path

import msgspec
import pytest

from swingbreak.adapters.openalgo import wire
from swingbreak.adapters.openalgo.books import OrderState
from swingbreak.adapters.openalgo.capabilities import (
    DOCUMENTED,
    Capabilities,
    Changes,
    Latency,
    load_profile,
    write_profile,
)
from swingbreak.adapters.openalgo.transport import Timeouts
from swingbreak.domain.errors import ConfigError, DataError
from tests.builders import OPEN
from tests.openalgo_fakes import order_row, raw

FOUND = Capabilities(
    broker="some",
    mode="analyze",
    examined_at="2026-11-20 09:18:16",
    with_orders=True,
    status_words={"executed": "complete"},
    order_stream=False,
    changes=Changes.IGNORED,
    averages_right=False,
    book_times="%d/%m/%Y %H:%M",
    latency={"order": Latency(10.0, 2400.0, 7), "query": Latency(1.0, 2.0, 50)},
)


def test_a_profile_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "profile.json"
    write_profile(path, FOUND)
    assert load_profile(path) == FOUND
    write_profile(path, DOCUMENTED)
    assert load_profile(path) == DOCUMENTED
    assert [each.name for each in path.parent.iterdir()] == ["profile.json"]


def test_no_profile_is_what_the_documents_promise() -> None:
    assert load_profile(None) == Capabilities()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"", "no profile"),
        (b"{", "no profile"),
        (b"[]", "no profile"),
        (b'{"surprise": 1}', "surprise"),
        (b'{"changes": "sometimes"}', "sometimes"),
        (b'{"version": 2}', "version 2"),
    ],
    ids=["empty", "half", "list", "unknown key", "unknown word", "later version"],
)
def test_a_damaged_profile_is_named_with_its_remedy(
    text: bytes, named: str, tmp_path: Path
) -> None:
    path = tmp_path / "profile.json"
    path.write_bytes(text)
    with pytest.raises(DataError, match=named) as error:
        load_profile(path)
    assert str(path) in str(error.value)
    assert "certify --write" in str(error.value)


def test_a_missing_profile_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="gateway_profile"):
        load_profile(tmp_path / "none.json")


def test_a_gateway_that_alters_stops_is_not_traded_through(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    write_profile(path, msgspec.structs.replace(FOUND, keeps_stops=False))
    with pytest.raises(ConfigError, match="alters stop-limits"):
        load_profile(path)


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        write_profile(tmp_path / "file" / "profile.json", FOUND)


@pytest.mark.parametrize(
    ("p99_ms", "order_s"), [(2.0, 5.0), (1000.0, 5.0), (2400.0, 12.0), (60_000.0, 30.0)]
)
def test_a_slow_gateway_is_waited_for(p99_ms: float, order_s: float) -> None:
    slow = Capabilities(latency={"order": Latency(1.0, p99_ms, 9)})
    assert slow.timeouts.order_s == order_s
    assert slow.timeouts.query_s == Timeouts().query_s


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("complete", OrderState.COMPLETE),
        ("COMPLETE", OrderState.COMPLETE),
        ("TRADED", OrderState.COMPLETE),
        ("TRIGGER_PENDING", OrderState.TRIGGER_PENDING),
        (" trigger  pending ", OrderState.TRIGGER_PENDING),
        ("PART_TRADED", OrderState.OPEN),
        ("canceled", OrderState.CANCELLED),
        ("expired", OrderState.CANCELLED),
        ("Executed", OrderState.COMPLETE),
        ("validation pending", OrderState.OTHER),
    ],
)
def test_words_of_a_status(word: str, state: OrderState) -> None:
    assert wire.state_of(word, FOUND.status_words) is state


def test_rows_are_read_as_the_profile_says() -> None:
    row = order_row(
        order_status="EXECUTED",
        filled_quantity=650,
        average_price=170.0,
        timestamp="20/11/2026 09:15",
    )
    plain, known = wire.order_update(raw(row)), wire.order_update(raw(row), FOUND)
    assert (plain.state, plain.value, plain.placed) == (OrderState.OTHER, 170_00 * 650, None)
    assert (known.state, known.value, known.placed) == (OrderState.COMPLETE, 0, OPEN)
