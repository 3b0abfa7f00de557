"""What a person writes to the bot, and the codes that guard it; and what they are answered."""

from datetime import timedelta
from typing import Any

import pytest

from swingbreak.alerts import answers
from swingbreak.alerts.asking import CODE_S, CONTROLS, GUARDED, HELP, Asked, Codes, Word, asked
from swingbreak.domain.control import Control
from tests.builders import at

ME, OTHER = ("1", "7"), ("1", "8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/status", Asked(Word.STATUS, "")),
        ("  /Flatten@my_bot  123456 too far ", Asked(Word.FLATTEN, "123456 too far")),
        ("/why o5", Asked(Word.WHY, "o5")),
        ("/stop", None),
        ("status", None),
        ("", None),
        ("/", None),
    ],
)
def test_commands_are_read(text: str, found: Asked | None) -> None:
    assert asked(text) == found


def test_what_lets_money_be_risked_or_sends_orders_needs_a_code() -> None:
    assert {CONTROLS[word] for word in GUARDED} == {Control.RESUME, Control.FLATTEN, Control.KILL}
    assert set(CONTROLS) - GUARDED == {Word.PAUSE}
    assert [word for word in Word if f"/{word}" not in HELP] == []


@pytest.mark.parametrize(
    ("who", "word", "code", "second", "fits"),
    [
        pytest.param(ME, Word.FLATTEN, "123456", 5, True, id="right"),
        pytest.param(ME, Word.FLATTEN, "123456", CODE_S + 1, False, id="late"),
        pytest.param(ME, Word.FLATTEN, "123457", 5, False, id="wrong"),
        pytest.param(ME, Word.FLATTEN, "१२३४५६", 5, False, id="other digits"),
        pytest.param(ME, Word.KILL, "123456", 5, False, id="other command"),
        pytest.param(OTHER, Word.FLATTEN, "123456", 5, False, id="other sender"),
        pytest.param(("2", "7"), Word.FLATTEN, "123456", 5, False, id="other chat"),
    ],
)
def test_a_code_is_for_one_sender_one_command_and_a_minute(
    who: tuple[str, str], word: Word, code: str, second: int, *, fits: bool
) -> None:
    codes = Codes()
    codes.issue(ME, Word.FLATTEN, "123456", at())
    assert codes.redeem(who, word, code, at() + timedelta(seconds=second)) is fits


@pytest.mark.parametrize("first", ["123456", "000000"])
def test_a_code_is_used_up_by_an_attempt_right_or_wrong(first: str) -> None:
    codes = Codes()
    codes.issue(ME, Word.KILL, "123456", at())
    codes.redeem(ME, Word.KILL, first, at())
    assert not codes.redeem(ME, Word.KILL, "123456", at())


DAY: dict[str, Any] = {
    "date": "2026-11-20",
    "mode": "paper",
    "label": "made up",
    "trades": 1,
    "wins": 1,
    "net_paise": 65_000,
    "r": 0.1,
    "r_value_paise": 650_000,
    "halted_reason": "",
    "updated_at": "2026-11-20T10:31:05+05:30",
}
HELD: dict[str, Any] = {
    "symbol": "X",
    "quantity": -65,
    "sold": 65,
    "sold_value_paise": 65 * 17490,
    "mark_paise": 17000,
    "stop_paise": 18500,
    "net_paise": 30_000,
    "net_r": 0.46,
}
ORDER: dict[str, Any] = {
    "order_id": "o2",
    "side": "BUY",
    "filled": 0,
    "quantity": 65,
    "symbol": "X",
    "trigger_paise": 18500,
    "limit_paise": 18800,
    "status": "accepted",
    "reason": "stop",
}
TABLES = {
    "daily_summary": [DAY],
    "positions": [HELD],
    "orders": [ORDER, ORDER | {"status": "filled"}],
    "trades": [{"symbol": "Y", "net_paise": 65_000, "r": 0.1, "exit_reason": "stop"}],
}
UNKNOWN = TABLES | {"positions": [HELD | {"mark_paise": None, "net_paise": None, "net_r": None}]}


def test_the_day_in_a_few_lines() -> None:
    text = answers.status(TABLES, runs=True)
    assert "a process runs the day" in text
    assert "net Rs 650.00, +0.10 R" in text
    assert "open positions 1, net Rs 300.00" in text
    assert "live orders 1" in text
    assert text.endswith("as of 10:31:05")
    assert "NO process" in answers.status({}, runs=False)
    assert "net not known" in answers.status(UNKNOWN, runs=True)


def test_positions_orders_and_results() -> None:
    assert answers.positions(TABLES).startswith("X: -65 at 174.90, mark 170.00, stop 185.00")
    assert "mark -, stop 185.00, net Rs -, -" in answers.positions(UNKNOWN)
    assert answers.positions({}) == "nothing is open"
    assert answers.orders(TABLES).splitlines()[0] == (
        "o2 BUY 0/65 X, trigger 185.00, limit 188.00, accepted (stop)"
    )
    assert answers.orders({}) == "no order is live"
    assert "together: net Rs 950.00, +0.15 R" in answers.pnl(TABLES)
    assert "together" not in answers.pnl(UNKNOWN)
    assert answers.pnl({}) == "no day is recorded yet"


def test_why_there_is_no_entry() -> None:
    text = answers.why(
        halted="daily_stop", paused=True, runs=False, held={"stale": 3}, refusals={"entry:CE": "x"}
    )
    assert text.splitlines() == [
        "NO process runs the day",
        "the day has ended: daily_stop",
        "a person has paused it: /resume",
        "3 symbols may not be entered: stale",
        "entry:CE was last refused by x",
    ]
    nothing = answers.why(halted="", paused=False, runs=True, held={}, refusals={})
    assert nothing.startswith("nothing bars entries")
