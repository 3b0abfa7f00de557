"""The examples of the page on adding things do what it says; the files it names are there."""

import asyncio
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.alerts.delivery import Outcome
from swingbreak.domain.orders import OrderIntent, Side
from swingbreak.engine.entries import entry_slot
from swingbreak.facts.calendar import Calendar
from swingbreak.facts.contracts import Contracts
from swingbreak.facts.expiries import Expiries
from swingbreak.risk.gate import Exposure
from swingbreak.simulation.day_spec import day_spec
from swingbreak.simulation.generator import generate_day
from tests.builders import CE, PE, contract

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "guides" / "adding.md").read_text("utf-8")
DAY = date(2026, 11, 20)


def example(language: str, number: int) -> str:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[number]


def names_of(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(example("python", number), "adding.md", "exec"), names)  # noqa: S102 - our own page
    return names


def entry(symbol: str) -> OrderIntent:
    right = (CE if symbol == CE.symbol else PE).right
    return OrderIntent(entry_slot(right), symbol, Side.SELL, 65, 170_00, 172_00, "break", "x")


def test_the_example_of_a_risk_rule_refuses_what_it_should() -> None:
    far = contract(24_800, CE.right)
    assert CE.strike == PE.strike != far.strike
    rule = names_of(0)["one_per_strike"]({each.symbol: each for each in (CE, PE, far)})
    assert rule(entry(PE.symbol), Exposure({}, [entry(CE.symbol)])) == "strike 24500.00 is taken"
    assert rule(entry(PE.symbol), Exposure({}, [entry(PE.symbol)])) == "", "its own is no other"
    assert rule(entry(far.symbol), Exposure({}, [entry(CE.symbol)])) == ""


def test_the_example_of_a_notifier_says_what_came_of_it(tmp_path: Path) -> None:
    notifier = names_of(1)["FileNotifier"]
    file = tmp_path / "told.txt"
    for text in ("one", "two"):
        assert asyncio.run(notifier(file).send(text)).outcome is Outcome.DELIVERED
    assert file.read_text("utf-8") == "one\ntwo\n"
    missed = asyncio.run(notifier(tmp_path / "not" / "there").send("three"))
    assert missed.outcome is Outcome.NOT_SENT
    assert "cannot be written" in missed.why


def test_the_example_of_an_underlying_can_be_traded(tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(example("toml", 0), "utf-8")
    facts = load_facts([file])
    contracts = Contracts(facts)
    expiry = Expiries(facts, Calendar(facts)).next("EXAMPLE", DAY).day
    assert (contracts.lot("EXAMPLE", expiry), contracts.freeze("EXAMPLE", DAY)) == (25, 600)
    tape = generate_day(day_spec(facts, DAY, "EXAMPLE"))
    assert {each.underlying for each in tape.contracts} == {"EXAMPLE"}
    assert next(tape.ticks()).price > 0


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:tests|src)/[\w/.]+)`", TEXT))))
def test_every_file_that_it_names_is_there(name: str) -> None:
    assert (ROOT / name).exists()
