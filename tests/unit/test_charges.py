from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.adapters.facts_file import read_rows
from swingbreak.config_file import ConfigFile
from swingbreak.domain.errors import DataError
from swingbreak.domain.money import paise
from swingbreak.facts.charges import ChargeRates, Component, Dealings
from swingbreak.facts.dated import Confidence, Facts, Table, UnknownFact
from tests.charging import package_facts, rates_of

C = Component
BY_COMPONENT = (C.STT, C.TRANSACTION, C.IPFT, C.SEBI, C.STAMP, C.BROKERAGE, C.GST)


class Trip(NamedTuple):
    """Ten lots sold at 200.00, one order each way; amounts are paise, in the order above."""

    day: date
    quantity: int
    bought_at: int
    exact: tuple[int, ...]
    billed_stt: int
    exact_sum: int
    billed_sum: int


TRIPS = {
    "2023-12": Trip(
        date(2023, 12, 14), 500, 190_00, (6250, 9750, 98, 19, 285, 4000, 2496), 6200, 22898, 22848
    ),
    "2024-12 lot 25": Trip(
        date(2024, 12, 16), 250, 190_00, (5000, 3415, 49, 10, 143, 4000, 1345), 5000, 13962, 13962
    ),
    "2024-12 lot 75": Trip(
        date(2024, 12, 30),
        750,
        190_00,
        (15000, 10246, 146, 29, 428, 4000, 2596),
        15000,
        32445,
        32445,
    ),
    "2025-12": Trip(
        date(2025, 12, 15),
        750,
        190_00,
        (15000, 10246, 146, 29, 428, 4000, 2596),
        15000,
        32445,
        32445,
    ),
    "2026-11": Trip(
        date(2026, 11, 18), 650, 190_00, (19500, 9004, 3, 25, 371, 4000, 2346), 19500, 35249, 35249
    ),
    "2026-11 lost": Trip(
        date(2026, 11, 18), 650, 210_00, (19500, 9466, 3, 27, 409, 4000, 2429), 19500, 35834, 35834
    ),
}


@pytest.mark.parametrize("trip", TRIPS.values(), ids=TRIPS)
def test_a_worked_round_trip_to_the_paisa(trip: Trip) -> None:
    rates = rates_of(trip.day)
    sold, bought = 200_00 * trip.quantity, trip.bought_at * trip.quantity
    note = rates.note(Dealings(sold, bought, 2))
    lines = {line.rate.component: line for line in note.lines}
    assert tuple(lines[c].exact for c in BY_COMPONENT) == trip.exact
    assert lines[C.STT].billed == trip.billed_stt
    assert all(line.billed == line.exact for c, line in lines.items() if c is not C.STT)
    assert (note.exact, note.billed) == (trip.exact_sum, trip.billed_sum)
    assert rates.charge(sold, bought, 2) == trip.exact_sum
    assert rates.assumptions == ()


@pytest.mark.parametrize(
    ("sold", "stt"),
    [
        pytest.param(100_000_00, 62_00, id="62.50 down to even"),
        pytest.param(101_600_00, 64_00, id="63.50 up to even"),
        pytest.param(100_000_16, 63_00, id="a little more goes up"),
        pytest.param(99_200_00, 62_00, id="whole already"),
        pytest.param(790_00, 0, id="under half a rupee is nothing"),
    ],
)
def test_the_note_takes_stt_in_whole_rupees(sold: int, stt: int) -> None:
    lines = rates_of(date(2023, 12, 14)).note(Dealings(sold, 0, 1)).lines
    assert next(line.billed for line in lines if line.rate.component is C.STT) == stt


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 40))
def test_what_each_paisa_and_order_costs_adds_up_to_the_charge(
    sold: int, bought: int, orders: int
) -> None:
    rates = rates_of()
    per_sold, per_bought, per_order, paisa = rates.exact
    exact = sold * per_sold + bought * per_bought + orders * per_order
    assert rates.charge(sold, bought, orders) == (2 * exact + paisa) // (2 * paisa)


def test_a_component_without_a_base_is_left_out() -> None:
    sale = rates_of().note(Dealings(200_00, 0, 1))
    assert C.STAMP not in {line.rate.component for line in sale.lines}
    assert C.SQUARE_OFF not in {line.rate.component for line in sale.lines}
    assert rates_of().note(Dealings(0, 0, 0)).lines == ()


def test_each_order_pays_brokerage_and_its_gst_once() -> None:
    rates = rates_of()
    one, four = rates.charge(0, 13_000_000, 1), rates.charge(0, 13_000_000, 4)
    assert four - one == 3 * 23_60


def test_a_square_off_by_the_broker_costs_its_fee_and_gst() -> None:
    rates = rates_of()
    own = rates.note(Dealings(130_000_00, 123_500_00, 2))
    theirs = rates.note(Dealings(130_000_00, 123_500_00, 2, squared_off=1))
    assert theirs.billed - own.billed == 59_00


def test_gst_names_what_it_is_asked_of() -> None:
    line = rates_of().note(Dealings(130_000_00, 123_500_00, 2)).lines[-1]
    assert (line.rate.component, line.base, line.rate.text) == (C.GST, 130_32, "18 %")


@pytest.mark.parametrize(
    ("component", "text"),
    [
        (C.BROKERAGE, "Rs 20.00"),
        (C.STT, "0.15 %"),
        (C.TRANSACTION, "0.03552 %"),
        (C.IPFT, "0.00001 %"),
        (C.GST, "18 %"),
    ],
)
def test_a_rate_reads_as_people_write_it(component: Component, text: str) -> None:
    assert {rate.component: rate.text for rate in rates_of().rates}[component] == text


@pytest.mark.parametrize(
    ("exchange", "day", "component", "text"),
    [
        ("NFO", date(2023, 3, 31), C.STT, "0.05 %"),
        ("NFO", date(2023, 4, 1), C.STT, "0.0625 %"),
        ("NFO", date(2024, 9, 30), C.STT, "0.0625 %"),
        ("NFO", date(2024, 10, 1), C.STT, "0.1 %"),
        ("NFO", date(2026, 3, 31), C.STT, "0.1 %"),
        ("NFO", date(2026, 4, 1), C.STT, "0.15 %"),
        ("NFO", date(2020, 12, 31), C.TRANSACTION, "0.05 %"),
        ("NFO", date(2021, 1, 1), C.TRANSACTION, "0.053 %"),
        ("NFO", date(2024, 4, 1), C.TRANSACTION, "0.0495 %"),
        ("NFO", date(2024, 10, 1), C.TRANSACTION, "0.03503 %"),
        ("NFO", date(2026, 3, 1), C.TRANSACTION, "0.03552 %"),
        ("BFO", date(2024, 5, 12), C.TRANSACTION, "0.0005 %"),
        ("BFO", date(2024, 5, 13), C.TRANSACTION, "0.0495 %"),
        ("BFO", date(2026, 11, 18), C.TRANSACTION, "0.0325 %"),
        ("BFO", date(2026, 11, 18), C.IPFT, "0 %"),
        ("NFO", date(2026, 2, 28), C.IPFT, "0.0005 %"),
        ("NFO", date(2020, 6, 1), C.SEBI, "0.00005 %"),
        ("NFO", date(2021, 4, 1), C.SEBI, "0.0001 %"),
    ],
)
def test_rates_change_on_their_day(
    exchange: str, day: date, component: Component, text: str
) -> None:
    found = {rate.component: rate.text for rate in rates_of(day, exchange).rates}
    assert found[component] == text


@pytest.mark.parametrize(
    ("exchange", "first"), [("NFO", date(2019, 1, 1)), ("BFO", date(2023, 5, 15))]
)
def test_every_day_has_rates(exchange: str, first: date) -> None:
    last = date(2026, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    assert all(
        ChargeRates.on(package_facts(), exchange, day).charge(100_00, 100_00, 2) > 0 for day in days
    )


def test_what_is_assumed_is_said() -> None:
    (said,) = rates_of(date(2020, 6, 30)).assumptions
    assert said.startswith("stamp of 2020-06-30 is not known, 0.003 % is assumed: ")
    assert rates_of(date(2020, 7, 1)).assumptions == ()


@pytest.mark.parametrize(
    ("exchange", "day"),
    [("NFO", date(2018, 12, 31)), ("BFO", date(2023, 5, 14)), ("MCX", date(2026, 11, 18))],
)
def test_what_nobody_knows_is_an_error(exchange: str, day: date) -> None:
    with pytest.raises(UnknownFact, match=rf"transaction {exchange} is known for {day}"):
        ChargeRates.on(package_facts(), exchange, day)


def test_brokerage_is_a_setting_whose_default_is_the_fact() -> None:
    facts, day = package_facts(), date(2026, 11, 18)
    default = paise(ConfigFile().brokerage_per_order_rupees)
    assert rates_of(day).rates == ChargeRates.on(facts, "NFO", day, default).rates
    free = ChargeRates.on(facts, "NFO", day, 0)
    assert free.rates[0].text == "Rs 0.00"
    assert free.rates[0].source == "your own setting"
    assert rates_of(day).charge(0, 0, 1) - free.charge(0, 0, 1) == 23_60


HEAD = "schema = 1\nknown_until = 2026-12-01\nstale_after_days = 45\n"


def with_own(text: str) -> Facts:
    """Return the package's facts with a user's rows beside them."""
    source, tables = read_rows("own.toml", HEAD + text, is_own=True)
    rows = [*package_facts().table("charge").rows, *tables["charge"]]
    return Facts({"charge": Table("charge", rows)}, [source])


def stt(rate: str) -> str:
    return (
        f'[[charge]]\ncomponent = "stt_sell"\n{rate}\nfrom = 2026-12-01\n'
        'source = "made up"\nconfidence = "H"\n'
    )


def test_a_user_s_own_rate_goes_before() -> None:
    rates = ChargeRates.on(with_own(stt('percent = "0.2"')), "NFO", date(2026, 12, 1))
    assert {rate.component: rate.text for rate in rates.rates}[C.STT] == "0.2 %"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param("percent = 0.2", "should be of the kind str", id="a float"),
        pytest.param('percent = "0,2"', "percent = '0,2' in the row from 2026-12-01", id="a comma"),
        pytest.param('percent = "NaN"', "should be a rate", id="not a number"),
        pytest.param('percent = "-0.2"', "should be a rate", id="negative"),
        pytest.param('percent = "0.12345678"', "should be a rate", id="too fine"),
        pytest.param('rupees = "2"', "percent from 2026-12-01 on is not known", id="no rate"),
    ],
)
def test_a_rate_that_is_not_exact_is_refused(row: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        ChargeRates.on(with_own(stt(row)), "NFO", date(2026, 12, 1))


@pytest.mark.parametrize("of", ['["rent"]', '["gst"]', '"brokerage"'])
def test_gst_is_asked_of_charges_alone(of: str) -> None:
    own = (
        f'[[charge]]\ncomponent = "gst"\npercent = "18"\nof = {of}\nfrom = 2026-12-01\n'
        'source = "made up"\nconfidence = "H"\n'
    )
    with pytest.raises(DataError, match=r"own\.toml: "):
        ChargeRates.on(with_own(own), "NFO", date(2026, 12, 1))


def test_exercise_is_a_fact_that_no_seller_pays() -> None:
    rate = package_facts().table("charge").on(date(2026, 11, 18), component="stt_exercise")
    assert rate.value("percent") == "0.15"
    assert "stt_exercise" not in {component.value for component in Component}


def test_confidence_is_kept() -> None:
    found = [
        {rate.component: rate.confidence for rate in rates_of(day).rates}[C.TRANSACTION]
        for day in (date(2024, 4, 1), date(2026, 11, 18))
    ]
    assert found == [Confidence.LOW, Confidence.HIGH]
