import pytest

from swingbreak.domain.errors import DataError
from swingbreak.domain.instrument import Right
from swingbreak.domain.market import Bar
from swingbreak.domain.parameters import Parameters
from swingbreak.market.swings import Swing, SwingKind
from swingbreak.strategy.baseline import Baseline, WhyNot
from swingbreak.strategy.levels import Level, LevelState
from swingbreak.strategy.selection import Choice
from tests.builders import CE, PE, bar, contract

CE2 = contract(24600)
PARAMETERS = Parameters()

# Low 175.00 on minute 4, confirmed by minute 6, highest high since 184.00, VWAP 150: the worked
# example. The heavy first bar keeps the VWAP where it is; its own Low has no premium.
MORNING = (
    bar(0, 150_00, 150_00, 150_00, 150_00, 10**9),
    bar(1, 178_00, 179_00, 177_00, 178_50),
    bar(2, 178_50, 182_00, 178_00, 181_50),
    bar(3, 181_00, 181_00, 176_00, 176_50),
    bar(4, 176_50, 176_80, 175_00, 175_50),
    bar(5, 176_00, 181_50, 175_60, 181_20),
    bar(6, 181_00, 184_00, 180_00, 183_00),
)
# Low 179.00 on minute 8, confirmed by minute 10
LATER = (
    bar(7, 183_00, 183_50, 179_50, 180_00),
    bar(8, 180_00, 180_20, 179_00, 179_50),
    bar(9, 180_00, 183_60, 179_40, 183_50),
    bar(10, 183_50, 185_00, 182_00, 184_00),
)
QUIET = bar(7, 183_00, 183_50, 179_50, 180_00)
DIP = bar(7, 180_00, 180_10, 174_95, 176_00)


def loaded(*bars: Bar, parameters: Parameters = PARAMETERS) -> Baseline:
    baseline = Baseline([CE, CE2, PE], parameters)
    baseline.load(CE.symbol, bars or MORNING)
    return baseline


def best(baseline: Baseline, **barred: str) -> Choice | None:
    return baseline.best(Right.CE, barred)


def level_of(baseline: Baseline, symbol: str = CE.symbol) -> Level:
    return list(baseline._watches[symbol].levels.values())[-1]


def state(baseline: Baseline) -> LevelState:
    return level_of(baseline).state


def test_the_morning_arms_the_worked_example() -> None:
    choice = best(loaded())
    assert choice is not None
    assert choice.contract is CE
    assert (choice.level.price, choice.level.minute, choice.level.confirmed_minute) == (17500, 4, 6)
    assert (choice.highest, choice.stop, choice.points) == (184_00, 185_00, 10_00)
    assert (choice.quantity, choice.trigger, choice.limit) == (650, 174_95, 171_95)


def test_loading_shows_what_closing_shows() -> None:
    closing = Baseline([CE], PARAMETERS)
    seen = [s for row in MORNING for s in closing.close(CE.symbol, row)]
    assert tuple(seen) == Baseline([CE], PARAMETERS).load(CE.symbol, MORNING)
    swings = [s for s in seen if isinstance(s, Swing)]
    levels = [s for s in seen if isinstance(s, Level)]
    assert [s.kind for s in swings] == [SwingKind.LOW, SwingKind.HIGH, SwingKind.LOW]
    assert [(x.state, x.reason) for x in levels] == [
        (LevelState.REJECTED, "vwap_premium_low"),
        (LevelState.ARMED, ""),
    ]


def test_a_bar_that_shows_nothing_costs_nothing() -> None:
    baseline = loaded()
    assert baseline.close(CE.symbol, QUIET) == ()
    assert baseline.close(PE.symbol, QUIET) == ()


def test_before_any_bar() -> None:
    baseline = Baseline([CE], PARAMETERS)
    assert baseline.contract(CE.symbol) is CE
    assert baseline.choice(CE.symbol) == "no_swing"
    assert baseline.last(CE.symbol) == 0
    assert not baseline.watched(CE.symbol)
    assert not baseline.tick(CE.symbol, 175_00)
    assert baseline.last(CE.symbol) == 175_00
    assert best(baseline) is None


def test_a_touch_is_not_a_break() -> None:
    baseline = loaded()
    assert not baseline.tick(CE.symbol, 175_00)
    assert best(baseline) is not None


def test_a_print_one_tick_under_breaks() -> None:
    baseline = loaded()
    assert baseline.watched(CE.symbol)
    assert baseline.tick(CE.symbol, 174_95)
    assert state(baseline) is LevelState.BROKEN
    assert baseline.choice(CE.symbol) == "broken"
    assert best(baseline) is None
    assert not baseline.tick(CE.symbol, 174_90), "it breaks once"


def test_a_broken_level_is_watched_until_a_bar_closes() -> None:
    baseline = loaded()
    baseline.tick(CE.symbol, 174_95)
    assert baseline.watched(CE.symbol)
    baseline.close(CE.symbol, DIP)
    assert not baseline.watched(CE.symbol)


def test_the_highest_high_goes_on_after_the_break() -> None:
    baseline = loaded()
    key = level_of(baseline).level_id
    baseline.tick(CE.symbol, 174_95)
    baseline.tick(CE.symbol, 186_00)
    assert baseline.highest_of(key) == 186_00
    baseline.close(CE.symbol, DIP)
    assert baseline.highest_of(key) == 184_00, "the bar has the last word"


def test_a_print_above_the_highest_high_raises_it() -> None:
    baseline = loaded()
    assert not baseline.tick(CE.symbol, 184_00)
    assert baseline.tick(CE.symbol, 184_05)
    choice = best(baseline)
    assert choice is not None
    assert (choice.highest, choice.lots) == (184_05, 9)
    assert baseline.highest_of(level_of(baseline).level_id) == 184_05


def test_a_print_that_no_bar_holds_counts_until_the_close() -> None:
    baseline = loaded()
    baseline.tick(CE.symbol, 186_00)
    baseline.close(CE.symbol, QUIET)
    choice = best(baseline)
    assert choice is not None
    assert choice.highest == 184_00


def test_within_the_band_no_print_matters() -> None:
    baseline = loaded()
    assert baseline.band(CE.symbol) == (174_95, 184_00)
    baseline.tick(CE.symbol, 185_00)
    assert baseline.band(CE.symbol) == (174_95, 185_00)
    baseline.tick(CE.symbol, 174_95)
    floor, ceiling = baseline.band(CE.symbol)
    assert floor < 0
    assert ceiling > 10**9


def test_a_higher_bar_raises_the_highest_high() -> None:
    baseline = loaded()
    assert baseline.close(CE.symbol, bar(7, 183_00, 186_00, 182_00, 185_00)) == ()
    choice = best(baseline)
    assert choice is not None
    assert choice.highest == 186_00


def test_a_bar_with_prints_we_did_not_see_breaks() -> None:
    baseline = loaded()
    (broken,) = baseline.close(CE.symbol, DIP)
    assert isinstance(broken, Level)
    assert broken.state is LevelState.BROKEN
    assert best(baseline) is None


def test_loading_marks_levels_broken_by_later_bars() -> None:
    baseline = loaded(*MORNING, DIP)
    assert state(baseline) is LevelState.BROKEN


def test_of_the_forming_minute_the_high_counts() -> None:
    baseline = loaded(*MORNING[:-1])
    baseline.close(CE.symbol, MORNING[-1], bar(7, 183_00, 186_00, 182_00, 183_20))
    choice = best(baseline)
    assert choice is not None
    assert choice.highest == 186_00
    assert baseline.last(CE.symbol) == 183_20


def test_of_the_forming_minute_the_low_breaks_as_it_will_in_a_replay() -> None:
    live = loaded(*MORNING[:-1])
    forming = bar(7, 183_00, 186_00, 174_00, 183_20)
    live.close(CE.symbol, MORNING[-1], forming)
    assert best(live) is None
    assert state(live) is state(loaded(*MORNING, forming)) is LevelState.BROKEN


# Low 174.00 on the bar that confirms it
WIDE = (*MORNING[:-1], bar(6, 181_00, 184_00, 174_00, 183_00))


def test_without_a_later_print_the_swing_bars_own_high_counts() -> None:
    baseline = loaded(*WIDE)
    choice = best(baseline)
    assert choice is not None
    assert (choice.level.price, choice.level.minute) == (174_00, 6)
    assert choice.highest == 184_00


def test_the_first_later_print_replaces_the_swing_bars_own_high() -> None:
    baseline = loaded(*WIDE)
    assert baseline.tick(CE.symbol, 181_00)
    assert baseline.highest_of(level_of(baseline).level_id) == 181_00
    baseline.close(CE.symbol, bar(7, 181_00, 182_00, 180_00, 181_00))
    assert baseline.highest_of(level_of(baseline).level_id) == 182_00


def test_the_newest_low_supersedes() -> None:
    baseline = loaded()
    old = level_of(baseline).level_id
    seen = [s for row in LATER for s in baseline.close(CE.symbol, row)]
    assert [s.state for s in seen if isinstance(s, Level)] == [
        LevelState.SUPERSEDED,
        LevelState.ARMED,
    ]
    known = baseline.level(old)
    assert known is not None
    assert known.state is LevelState.SUPERSEDED
    assert not baseline.is_current(old)
    assert baseline.is_current(level_of(baseline).level_id)
    assert baseline.highest_of(old) == 185_00
    choice = best(baseline)
    assert choice is not None
    assert choice.level.price == 179_00


def test_a_newest_low_that_fails_supersedes_too() -> None:
    baseline = loaded(*MORNING, *LATER, parameters=Parameters(price_max=175_00))
    states = [x.state for x in baseline._watches[CE.symbol].levels.values()]
    assert states == [LevelState.REJECTED, LevelState.SUPERSEDED, LevelState.REJECTED]
    assert baseline.choice(CE.symbol) == "price_high"
    assert best(baseline) is None


def test_a_filled_level_leaves_selection_and_stays_filled() -> None:
    baseline = loaded()
    key = level_of(baseline).level_id
    baseline.mark_filled(key)
    baseline.mark_filled(key)
    assert state(baseline) is LevelState.FILLED
    assert baseline.choice(CE.symbol) == "filled"
    assert best(baseline) is None
    assert not baseline.tick(CE.symbol, 174_95)
    assert state(baseline) is LevelState.FILLED


def test_a_fill_may_find_its_level_superseded() -> None:
    baseline = loaded()
    key = level_of(baseline).level_id
    baseline.load(CE.symbol, (*MORNING, *LATER))
    baseline.mark_filled(key)
    known = baseline.level(key)
    assert known is not None
    assert known.state is LevelState.FILLED
    assert best(baseline) is not None, "the newer level is another one"


def test_a_fill_is_remembered_for_a_level_that_history_will_make() -> None:
    key = level_of(loaded()).level_id
    baseline = Baseline([CE], PARAMETERS)
    baseline.mark_filled(key)
    assert baseline.level(key) is None
    assert baseline.highest_of(key) is None
    assert not baseline.is_current(key)
    seen = baseline.load(CE.symbol, MORNING)
    assert isinstance(seen[-1], Level)
    assert seen[-1].state is LevelState.FILLED
    assert best(baseline) is None


def test_a_level_of_a_symbol_that_is_not_followed_is_nobodys() -> None:
    baseline = loaded()
    baseline.mark_filled("OTHER@6:4:17500")
    assert baseline.level("OTHER@6:4:17500") is None


def test_loading_again_does_not_forget_a_break_that_only_a_print_showed() -> None:
    baseline = loaded()
    baseline.tick(CE.symbol, 174_95)
    with pytest.raises(DataError):
        baseline.load(CE.symbol, MORNING[:2][::-1])
    baseline.load(CE.symbol, MORNING)
    assert state(baseline) is LevelState.BROKEN
    assert best(baseline) is None


def test_loading_what_is_out_of_order_leaves_nothing_to_choose() -> None:
    baseline = loaded()
    assert best(baseline) is not None
    with pytest.raises(DataError):
        baseline.load(CE.symbol, MORNING[:2][::-1])
    assert best(baseline) is None
    baseline.load(CE.symbol, MORNING)
    assert best(baseline) is not None


def test_the_session_ends_armed_levels() -> None:
    baseline = loaded()
    baseline.expire()
    assert state(baseline) is LevelState.EXPIRED
    assert baseline.choice(CE.symbol) == "expired"
    assert best(baseline) is None


def test_the_newest_level_of_a_symbol_whatever_became_of_it() -> None:
    baseline = Baseline([CE, CE2], PARAMETERS)
    assert baseline.newest(CE2.symbol) is None
    baseline.load(CE.symbol, MORNING)
    baseline.expire()
    newest = baseline.newest(CE.symbol)
    assert newest is not None
    assert newest.state is LevelState.EXPIRED


def test_rights_are_chosen_separately_and_barred_symbols_passed_over() -> None:
    baseline = loaded()
    for option in (CE2, PE):
        baseline.load(option.symbol, MORNING)
    chosen = [
        baseline.best(right, barred)
        for right, barred in (
            (Right.CE, {}),
            (Right.CE, {CE.symbol: "position"}),
            (Right.CE, {CE.symbol: "position", CE2.symbol: "stale"}),
            (Right.PE, {CE.symbol: "position"}),
        )
    ]
    assert [c and c.contract for c in chosen] == [CE, CE2, None, PE]


def test_why_not_for_each_symbol() -> None:
    far = contract(24650)
    rejected = contract(24700)
    held = contract(24750)
    silent = contract(24800)
    baseline = Baseline([CE, CE2, far, rejected, held, silent], PARAMETERS)
    for option in (CE, CE2, held):
        baseline.load(option.symbol, MORNING)
    baseline.load(far.symbol, (*MORNING, bar(7, 183_00, 192_00, 183_00, 190_00)))
    baseline.load(rejected.symbol, MORNING[:3])
    rows = baseline.why({held.symbol: "stale", silent.symbol: "stale", far.symbol: "stale"})
    ce = Right.CE
    assert rows == [
        WhyNot(CE.symbol, ce, "armed", "", 175_00, 184_00, 10_00, 10),
        WhyNot(CE2.symbol, ce, "armed", "outranked", 175_00, 184_00, 10_00, 10),
        WhyNot(far.symbol, ce, "armed", "stop_too_far", 175_00, 192_00, 18_00),
        WhyNot(rejected.symbol, ce, "rejected", "vwap_premium_low", 150_00, 182_00, 33_00),
        WhyNot(held.symbol, ce, "armed", "stale", 175_00, 184_00, 10_00, 10),
        WhyNot(silent.symbol, ce, "", "no_swing"),
    ]


def test_levels_and_ranking_are_there_to_be_looked_at() -> None:
    baseline = loaded()
    assert [level.price for level in baseline.levels(CE.symbol)] == [150_00, 175_00]
    assert list(baseline.levels(PE.symbol)) == []
    assert baseline.ranking(Right.CE) == [CE.symbol]
    assert baseline.ranking(Right.PE) == []
