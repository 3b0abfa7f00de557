"""The package's charges, as tests need them."""

from datetime import date
from functools import cache

from swingbreak.adapters.facts_file import load_facts
from swingbreak.facts.charges import ChargeRates
from swingbreak.facts.dated import Facts

DAY = date(2026, 11, 20)


@cache
def package_facts() -> Facts:
    return load_facts()


@cache
def rates_of(day: date = DAY, exchange: str = "NFO") -> ChargeRates:
    return ChargeRates.on(package_facts(), exchange, day)
