from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from swingbreak.domain.account import ForeignOrder
from swingbreak.domain.commands import SubmitOrder, Tell
from swingbreak.domain.control import Control
from swingbreak.domain.errors import DataError
from swingbreak.domain.events import (
    AccountSeen,
    ControlGiven,
    Event,
    HistoryLoaded,
    OrderAccepted,
    OrderCanceled,
    OrderCancelRefused,
    OrderEvent,
    OrderPriced,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRefused,
    OrderUnconfirmed,
    SymbolsHeld,
    TickReceived,
    TimerFired,
)
from swingbreak.domain.market import Bar, Tick
from swingbreak.domain.money import rupees
from swingbreak.domain.orders import Purpose
from swingbreak.domain.parameters import Parameters
from swingbreak.engine.engine import Engine
from swingbreak.engine.told import DayTerms, LookAwaited, ProcessBegan, Told
from swingbreak.runtime.explaining import explain_moment, explain_order
from swingbreak.runtime.order_story import story
from swingbreak.runtime.replay import Kept, Replay
from swingbreak.runtime.sight import Line, reason_in_words
from tests.builders import CE, PE, SESSION, at, bar, contract, entry
from tests.charging import rates_of
from tests.taped_days import short_day

DAY = short_day(5)
ENTRIES = {
    r.order_id: (when, r.intent)
    for when, r in DAY.kept
    if isinstance(r, SubmitOrder) and r.intent.slot.purpose is Purpose.ENTRY
}
CLOSES = {
    r.order_id: r.intent
    for _, r in DAY.kept
    if isinstance(r, SubmitOrder) and r.intent.slot.purpose is Purpose.CLOSE
}
TRADES = DAY.engine.state.holdings.trades


def texts(lines: list[Line], topic: str) -> list[str]:
    return [line.text for line in lines if line.topic == topic]


def test_an_entry_is_told_from_the_tick_to_the_result() -> None:
    (order_id, *_) = TRADES
    when, intent = ENTRIES[order_id]
    lines = explain_order(DAY.told, DAY.kept, order_id)
    topics = [line.topic for line in lines]
    chain = ["cause", "tick", "bar", "swing", "filter", "level", "filter", "ranking", "risk"]
    assert topics[: len(chain) + 2] == [*chain, "intent", "request"]
    assert {"answer", "fill", "stop"} < set(topics)
    assert topics[-1] == "result"
    assert lines[0].at == when
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert intent.trigger is not None
    (said,) = texts(lines, "intent")
    assert f"SELL {intent.quantity} {intent.symbol} trigger {rupees(intent.trigger)}" in said
    assert f"net {rupees(TRADES[order_id].net)}" in texts(lines, "result")[0]


def test_every_order_of_many_days_can_be_explained() -> None:
    for seed in (13,):
        day = short_day(seed, freeze_lots=2 if seed % 4 == 1 else 27)
        for record in [r for _, r in day.kept if isinstance(r, SubmitOrder)]:
            lines = explain_order(day.told, day.kept, record.order_id)
            opens = record.intent.slot.purpose is Purpose.ENTRY
            assert ("intent" if opens else "position") in [line.topic for line in lines]
            numbers = [v for line in lines for v in line.values.values() if isinstance(v, float)]
            assert not opens or record.intent.points / 100 in numbers
            is_trade = record.order_id in day.engine.state.holdings.trades
            assert (lines[-1].topic == "result") == is_trade


def test_a_closing_order_tells_of_its_position() -> None:
    lines = explain_order(DAY.told, DAY.kept, next(iter(CLOSES)))
    assert lines[1].topic == "position"
    assert "are short since" in lines[1].text
    assert "is wanted for stop" in lines[1].text


def test_what_is_said_of_a_moment_is_so() -> None:
    opens = DAY.terms.session.opens
    seen = set()
    for half_minute in range(2, 2 * DAY.terms.session.minutes, 5):
        when = opens + timedelta(seconds=30 * half_minute)
        replay = Replay(DAY.kept)
        replay.run(DAY.told, when)
        assert replay.engine is not None
        state = replay.engine.state
        entries = {o.intent.symbol for s, o in state.book.live.items() if s.purpose == "entry"}
        for symbol in DAY.engine.contracts:
            verdict = explain_moment(DAY.told, DAY.kept, symbol, when)[-1].text
            seen.add(verdict.split(":")[0])
            assert ("units are short" in verdict) == (symbol in state.holdings.positions)
            is_resting = symbol in entries - state.holdings.positions.keys()
            assert verdict.startswith("an entry is there") == is_resting
    assert {"no entry", "an entry is there", "nothing at all may be entered"} <= seen


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match=r"no order or trade 'o99'.*o1 to o"):
        explain_order(DAY.told, DAY.kept, "o99")
    with pytest.raises(DataError, match="there: none"):
        explain_order(DAY.told, [], "o1")
    with pytest.raises(DataError, match=f"not followed on that day; there: {CE.symbol}"):
        explain_moment(DAY.told, DAY.kept, "NIFTY", at(5))
    with pytest.raises(DataError, match="no engine was running at 09:14:00"):
        explain_moment(DAY.told, DAY.kept, CE.symbol, at(-1))


def test_an_order_whose_cause_the_tape_lacks_is_told_from_its_request() -> None:
    lines = explain_order(DAY.told[:1], DAY.kept, "o1")
    assert lines[0].text == "what led to it is not on the tape"
    assert lines[1].topic == "request"


MORNING = (
    bar(0, 180_00, 181_00, 175_00, 176_00, 100),
    bar(1, 176_00, 183_00, 176_00, 182_00, 100),
    bar(2, 182_00, 184_00, 181_00, 183_50, 100),
)
SETTINGS = replace(Parameters(), vwap_premium_min_bp=-9000)


def moment(
    *events: Event | LookAwaited, parameters: Parameters = SETTINGS, symbol: str = CE.symbol
) -> list[Line]:
    """What is seen of *symbol* after *events*."""
    terms = DayTerms(SESSION, (CE, PE, contract(24550)), parameters, rates_of())
    told: list[Told] = [ProcessBegan(at(0), "0.1.0", "made up", terms, 0), *events]
    return explain_moment(told, kept_of(terms.engine(), events), symbol, at(9))


def kept_of(engine: Engine, events: Iterable[Event | LookAwaited]) -> list[Kept]:
    """The records that *events* lead to."""
    kept: list[Kept] = []
    for event in events:
        if isinstance(event, LookAwaited):
            engine.await_look(event.at)
            continue
        commands = engine.step(event)
        kept += [(event.at, event)] if isinstance(event, OrderEvent) else []
        kept += [(event.at, each) for each in commands if not isinstance(each, Tell)]
    return kept


def history(*bars: Bar, price: int = 183_50) -> list[Event]:
    rows = {CE.symbol: bars, PE.symbol: (), contract(24550).symbol: ()}
    return [HistoryLoaded(at(3), rows), TickReceived(at(3, 1), Tick(CE.symbol, at(3, 1), price))]


@pytest.mark.parametrize(
    ("events", "says"),
    [
        ([TimerFired(at(3))], "no entry: the day so far had not been read"),
        (history(), "no entry: no swing low has been confirmed yet"),
        (history(*MORNING), "an entry is there: o1 is submitted, SELL 650"),
        (history(*MORNING, price=174_90), "an entry is there: o1 is submitted, SELL 650"),
        (history(*MORNING, bar(3, 180_00, 181_00, 170_00, 171_00)), "the level was broken"),
        ([LookAwaited(at(3)), *history(*MORNING)], "the account had not been read"),
        (
            [ControlGiven(at(2), Control.PAUSE, "lunch"), *history(*MORNING)],
            "nothing at all may be entered: a person had paused entries",
        ),
        (
            [ControlGiven(at(2), Control.FLATTEN, "enough"), *history(*MORNING)],
            "nothing at all may be entered: flatten",
        ),
        ([SymbolsHeld(at(2), {CE.symbol: "stale"}), *history(*MORNING)], "not ticked for long"),
        (
            [*history(*MORNING), OrderRejected(at(4), "o1", "margin", sent=False)],
            "entry:CE rests for a moment",
        ),
        (
            [*history(*MORNING), OrderRejected(at(4), "o1", "margin")],
            "an entry on this level was refused",
        ),
        (
            [AccountSeen(at(2), (ForeignOrder(CE.symbol, "b9", buys=True, quantity=65),)),
             *history(*MORNING)],
            "no entry: foreign",
        ),
    ],
    ids=[
        "no history", "no swing", "entry", "triggered", "broken", "look", "paused", "halted",
        "stale", "resting", "refused", "foreign",
    ],
)  # fmt: skip
def test_why_nothing_was_done(events: list[Event], says: str) -> None:
    if "rests for a moment" in says:
        events = [*events[:-1], replace(events[-1], at=at(8, 58))]  # type: ignore[type-var]
    assert says in moment(*events)[-1].text


def test_a_level_that_was_rejected_has_no_ranking() -> None:
    lines = moment(*history(*MORNING), parameters=replace(SETTINGS, price_max=170_00))
    assert "rejected, the swing low is above the dearest" in texts(lines, "filter")[0]
    assert texts(lines, "ranking") == []


OTHER = contract(24550).symbol
NEARER = (
    bar(0, 180_00, 181_00, 175_00, 176_00, 100),
    bar(1, 176_00, 181_50, 176_00, 181_00, 100),
    bar(2, 181_00, 182_00, 180_00, 181_50, 100),
)
NEAR = replace(SETTINGS, target_points=7_00)


def test_who_ranks_better_is_named() -> None:
    both = HistoryLoaded(at(3), {CE.symbol: MORNING, OTHER: NEARER, PE.symbol: ()})
    lines = moment(both, *history(*MORNING)[1:], parameters=NEAR)
    (ranking,) = texts(lines, "ranking")
    assert ranking.startswith("2 of CE qualify")
    assert ranking.index(OTHER) < ranking.index(CE.symbol)
    assert lines[-1].text == "no entry: another level of its right ranks better"


def test_the_slot_that_another_symbol_holds_is_named() -> None:
    later = HistoryLoaded(at(4), {OTHER: NEARER})
    lines = moment(*history(*MORNING), later, parameters=NEAR, symbol=OTHER)
    assert f"entry:CE holds o1 in {CE.symbol}" in lines[-1].text


def test_nothing_is_explained_by_a_day_that_does_not_replay() -> None:
    with pytest.raises(DataError, match="see `swingbreak replay`"):
        explain_moment(DAY.told, DAY.kept[1:], next(iter(DAY.engine.contracts)), at(25))


def test_a_limit_that_stands_in_the_way_is_shown() -> None:
    lines = moment(*history(*MORNING), parameters=replace(SETTINGS, max_positions=0))
    assert "a limit stands in the way" in lines[-1].text
    assert texts(lines, "risk") == [
        "0 of 0 places are taken by positions and other entries, 0 of 3 of CE"
    ]


NOW = at(3)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (OrderAccepted(NOW, "o1", "b1"), "the gateway took o1 as b1"),
        (OrderRejected(NOW, "o1", "margin"), "o1 was refused: margin"),
        (OrderRejected(NOW, "o1", "gone", proof=False), "is in no book and was given up: gone"),
        (OrderUnconfirmed(NOW, "o1"), "it may be working"),
        (OrderPriced(NOW, "o1", 65, 65_00), "prices o1: 65 units for 65.00"),
        (OrderCanceled(NOW, "o1"), "o1 is gone, as asked"),
        (OrderCanceled(NOW, "o1", "price protection"), "o1 is gone: price protection"),
        (OrderCancelRefused(NOW, "o1", "too late"), "o1 was not cancelled: too late"),
        (OrderReplaced(NOW, "o1"), "o1 works with its new terms"),
        (OrderReplaceRefused(NOW, "o1", "too late"), "o1 was not changed: too late"),
    ],
)
def test_what_became_of_an_order(event: Event, says: str) -> None:
    kept: list[Kept] = [(NOW, SubmitOrder("o1", entry())), (NOW, event)]  # type: ignore[list-item]
    assert says in [*story(kept, "o1")][1].text


def test_reasons_nobody_wrote_a_sentence_for_stay_as_they_are() -> None:
    assert reason_in_words("quarantined: bad bar") == "quarantined: bad bar"
    assert reason_in_words("some_reason") == "some reason"


def test_times_are_those_of_the_day() -> None:
    (order_id, *_) = TRADES
    result = explain_order(DAY.told, DAY.kept, order_id)[-1]
    assert isinstance(result.at, datetime)
    assert result.at == TRADES[order_id].closed_at
