import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.domain.errors import ConfigError
from swingbreak.domain.orders import Side
from swingbreak.logs import DayLog, Redaction, open_log

AT = datetime(2026, 11, 20, 4, 1, 5, 250_000, tzinfo=UTC)
KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def structlog_as_it_was() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def opened(path: Path, console: io.StringIO | None = None, *secrets: str, **more: Any) -> DayLog:
    return open_log(path, now=lambda: AT, secrets=secrets, console=console, **more)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_a_json_line_and_a_console_line(tmp_path: Path) -> None:
    console = io.StringIO()
    path = tmp_path / "logs" / "x_20261120.log"
    with opened(path, console):
        structlog.get_logger().info(
            "entry.filled", symbol="NIFTY", side=Side.SELL, price_paise=174_95, opened=AT
        )
    first, second = lines(path)
    assert first["event"] == "log.opened"
    assert second == {
        "at": "2026-11-20T09:31:05.250000+05:30",
        "level": "info",
        "event": "entry.filled",
        "symbol": "NIFTY",
        "side": "SELL",
        "price_paise": 17495,
        "opened": "2026-11-20T09:31:05.250000+05:30",
    }
    (shown,) = console.getvalue().splitlines()
    assert shown.startswith(
        "09:31:05 info    entry.filled symbol=NIFTY side=SELL price_paise=17495"
    )


def test_the_console_shows_nothing_below_its_level(tmp_path: Path) -> None:
    console = io.StringIO()
    with opened(tmp_path / "x.log", console, console_level="warning"):
        structlog.get_logger().info("feed.connected")
        structlog.get_logger().warning("feed.stale")
    assert [entry["event"] for entry in lines(tmp_path / "x.log")[1:]] == [
        "feed.connected",
        "feed.stale",
    ]
    assert "feed.stale" in console.getvalue()
    assert "feed.connected" not in console.getvalue()


def test_the_console_line_is_ascii_and_one_line(tmp_path: Path) -> None:
    console = io.StringIO()
    with opened(tmp_path / "x.log", console):
        structlog.get_logger().info("day.ended", net="₹ 5", text="två\nrader", nothing="")
    (shown,) = console.getvalue().splitlines()
    assert shown.isascii()
    assert 'net="Rs 5"' in shown


def test_a_log_is_continued_after_a_new_start(tmp_path: Path) -> None:
    for _ in range(2):
        with opened(tmp_path / "x.log"):
            structlog.get_logger().info("feed.connected")
    assert len(lines(tmp_path / "x.log")) == 4


def test_an_exception_is_kept_with_its_traceback(tmp_path: Path) -> None:
    console = io.StringIO()
    with opened(tmp_path / "x.log", console, KEY):
        try:
            int(f"bad key {KEY}")
        except ValueError:
            structlog.get_logger().exception("loop.failed")
    entry = lines(tmp_path / "x.log")[1]
    assert entry["level"] == "error"
    assert "bad key [hidden]" in entry["exception"]
    assert "bad key [hidden]" in console.getvalue()


def test_a_warning_of_a_library_is_kept(tmp_path: Path) -> None:
    log = logging.getLogger("some.library")
    with opened(tmp_path / "x.log", None, KEY):
        log.warning("key %s refused", KEY)
        log.log(35, "odd level")
        log.critical("worse")
        log.info("chatter")
    log.warning("after the end")
    found = [(entry["level"], entry.get("text")) for entry in lines(tmp_path / "x.log")[1:]]
    assert found == [
        ("warning", "key [hidden] refused"),
        ("warning", "odd level"),
        ("error", "worse"),
    ]


def test_what_json_has_no_word_for_is_written_as_text(tmp_path: Path) -> None:
    with opened(tmp_path / "x.log"):
        structlog.get_logger().info("x", nan=float("nan"), path=Path("a"), all={1}, half="\ud800")
    entry = lines(tmp_path / "x.log")[1]
    assert (entry["nan"], entry["path"], entry["all"]) == ("nan", "a", [1])


class FullDisk(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_loses_lines_and_nothing_else() -> None:
    console = io.StringIO()
    log = DayLog(FullDisk(), console)
    log.write("{}", "shown")
    log.close()
    assert log.lost == 1
    assert console.getvalue() == "shown\n"


def test_a_console_that_has_gone_loses_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "x.log", FullDisk()) as log:
        structlog.get_logger().info("feed.connected")
    assert log.lost == 0
    assert lines(tmp_path / "x.log")[1]["event"] == "feed.connected"


def test_a_log_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="choose another state_dir"):
        opened(tmp_path / "file" / "x.log")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_log_that_takes_no_line_is_found_out_at_the_start() -> None:
    with pytest.raises(ConfigError, match=r"/dev/full: .* cannot be"):
        opened(Path("/dev/full"))


SECRETS = st.text(st.characters(codec="utf-8"), min_size=9, max_size=40)


@given(
    secret=SECRETS,
    before=st.text(max_size=5),
    after=st.text(max_size=5),
    count=st.integers(),
)
def test_never_a_secret_in_a_line(
    tmp_path_factory: pytest.TempPathFactory, secret: str, before: str, after: str, count: int
) -> None:
    path = tmp_path_factory.mktemp("logs") / "x.log"
    console = io.StringIO()
    around = f"{before}{secret}{after}"
    with opened(path, console, secret):
        structlog.get_logger().warning(
            around,
            text=around,
            nested={around: [around, (around, {"key": around})], "count": count},
            error=ValueError(around),
            body=json.dumps({"apikey": secret}),
        )
    written = path.read_text(encoding="utf-8") + console.getvalue()
    assert secret not in written
    assert secret not in str(lines(path)[1])


@pytest.mark.parametrize(
    "text",
    [
        "key?apikey=a%2Fb%2Bc%26d%3De%22f&x=1",
        'the key a/b+c&d=e"f was refused',
        '{"apikey": "a/b+c&d=e\\"f"}',
    ],
    ids=["url", "plain", "json"],
)
def test_a_secret_is_hidden_in_the_spellings_it_travels_in(text: str) -> None:
    assert "[hidden]" in Redaction(['a/b+c&d=e"f']).text(text)


def test_a_number_that_holds_a_secret_is_hidden() -> None:
    assert Redaction(["000000000"])({"a": 10_000_000_000, "b": 17495}) == {
        "a": "1[hidden]0",
        "b": 17495,
    }


def test_short_words_are_not_hidden() -> None:
    assert Redaction(["", "info"]).text("info: done") == "info: done"
