"""A served day follows the facts of its date, and those of the user's own files."""

from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.cli.serve import load_tape
from swingbreak.facts.order_rules import NSE_PRICES, OrderRules
from tests.own_facts import one_row, own_file

BARS = """ts,underlying,expiry,strike,right,open,high,low,close,volume
2021-06-11 09:15:00,NIFTY,2021-06-17,15600,CE,215.6,230.25,215.6,230.2,35400
2021-06-11 09:15:00,NIFTY,2021-06-17,15600,PE,42.6,42.9,42.6,42.65,189075
"""
LOT = {"underlying": '"NIFTY"', "from_": "2021-06-17", "until": "2021-06-17", "units": 25}


def test_a_recorded_day_has_the_lots_of_its_date_unless_a_file_corrects_them(
    tmp_path: Path,
) -> None:
    day = tmp_path / "day.csv"
    day.write_text(BARS, encoding="utf-8")
    assert {contract.lot for contract in load_tape(None, day, None).contracts} == {75}
    own = own_file(tmp_path, one_row("lot", **LOT))
    assert {contract.lot for contract in load_tape(None, day, None, [own]).contracts} == {25}


def test_a_made_up_day_is_checked_by_the_price_rules_of_its_date() -> None:
    tape = load_tape(5, None, None)
    rules = OrderRules(load_facts())
    assert rules.prices(tape.contracts[0].exchange, tape.session.day) == NSE_PRICES
