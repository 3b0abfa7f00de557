from datetime import date

import pytest

from swingbreak.adapters.facts_file import load_facts
from swingbreak.adapters.store.headers import kind_of, mapped
from swingbreak.adapters.store.intake import monthly_of
from swingbreak.adapters.store.layout import Kind
from swingbreak.adapters.store.names import index_name, right_of, vendor_contract
from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.facts.calendar import Calendar

FACTS = load_facts()
MONTHLY = monthly_of(FACTS, Calendar(FACTS))
JUNE = date(2021, 6, 14)


@pytest.mark.parametrize(
    ("name", "day", "underlying", "expiry", "strike"),
    [
        ("NIFTY17JUN2115800CE", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("NFO:NIFTY17JUN2115800CE", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("NIFTY17JUN2115800CE.NFO", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("nifty 17 jun 21 15800 ce", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("BANKNIFTY17-JUN-2135000CE", JUNE, "BANKNIFTY", date(2021, 6, 17), 35_000_00),
        ("NIFTY2161715800CE", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("NIFTY21O0717500CE", date(2021, 10, 4), "NIFTY", date(2021, 10, 7), 17_500_00),
        ("NIFTY21061715800CE", JUNE, "NIFTY", date(2021, 6, 17), 15_800_00),
        ("NIFTY21JUN15800CE", JUNE, "NIFTY", date(2021, 6, 24), 15_800_00),
        ("BANKNIFTY21SEP35300CE", date(2021, 8, 20), "BANKNIFTY", date(2021, 9, 30), 35_300_00),
        # fits two grammars: 11 January, or 11 November with another strike
        ("NIFTY2111115800CE", date(2021, 1, 4), "NIFTY", date(2021, 1, 11), 15_800_00),
        ("NIFTY2111115800CE", date(2021, 11, 4), "NIFTY", date(2021, 11, 11), 5_800_00),
        # what has expired is what the name says all the same
        ("NIFTY17JUN2115800CE", date(2021, 6, 18), "NIFTY", date(2021, 6, 17), 15_800_00),
        ("MIDCPNIFTY24NOV2612512.50CE", date(2026, 11, 20), "MIDCPNIFTY", date(2026, 11, 24),
         12_512_50),
    ],
)  # fmt: skip
def test_a_vendors_name_is_understood(
    name: str, day: date, underlying: str, expiry: date, strike: int
) -> None:
    assert vendor_contract(name, day, MONTHLY) == (underlying, expiry, strike, Right.CE)


@pytest.mark.parametrize(
    "name", ["NIFTY", "NIFTY21JUNFUT", "", "NIFTY31FEB2115800CE", "NIFTY17XYZ2115800CE"]
)
def test_what_is_no_option_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="no option's name"):
        vendor_contract(name, JUNE, MONTHLY)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("NIFTY 50", "NIFTY"),
        ("Nifty Bank", "BANKNIFTY"),
        ("NSE:NIFTY BANK", "BANKNIFTY"),
        ("India VIX", "INDIAVIX"),
        ("SENSEX", "SENSEX"),
    ],
)
def test_an_index_has_openalgos_name(name: str, ours: str) -> None:
    assert index_name(name) == ours


def test_rights_are_written_in_many_ways() -> None:
    assert {right_of(text) for text in ("CE", "c", " Call ")} == {Right.CE}
    assert {right_of(text) for text in ("PE", "p", "PUT")} == {Right.PE}
    assert right_of("FUT") is None


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("ts,underlying,expiry,strike,right,open,high,low,close,volume", Kind.BARS),
        ("Ticker,Date,Time,Open,High,Low,Close,Volume,Open Interest", Kind.BARS),
        ("SYMBOL,EXPIRY_DT,STRIKE_PR,OPTION_TYP,TIMESTAMP,OPEN,HIGH,LOW,CLOSE,VOL", Kind.BARS),
        ("date,open,high,low,close,volume,oi,tradingsymbol", Kind.BARS),
        ("ts,open,high,low,close", Kind.SPOT),
        ("ts,underlying,expiry,strike,right,ltp,bid,ask,volume_cum", Kind.SNAPSHOTS),
    ],
)
def test_headers_of_vendors_are_known(headers: str, kind: Kind) -> None:
    names = headers.split(",")
    assert kind_of(mapped(names, "file"), names, "file") is kind


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ("symbol,open,high,low,close,volume", "no column with the time"),
        ("ts,symbol,open,high,low,volume", "no column for close"),
        ("ts,symbol,open,high,low,close", "no column for volume"),
        ("ts,strike,right,open,high,low,close,volume", "no column for underlying"),
        ("ts,expiry,strike,right,open,high,low,close,volume", "no column for underlying"),
        ("ts,symbol,ltp", "no column for cumulative"),
        ("ts,timestamp,symbol,open,high,low,close,volume", "both mean ts"),
        ("when,what", "found: 'when', 'what'"),
    ],
)
def test_a_wrong_header_is_named(headers: str, why: str) -> None:
    names = headers.split(",")
    with pytest.raises(DataError, match=why):
        kind_of(mapped(names, "file"), names, "file")
