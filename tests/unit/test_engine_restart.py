"""The engine rebuilt from what was kept of the day: it goes on as if nothing had happened."""

from datetime import timedelta

from swingbreak.domain.commands import CancelOrder, SubmitOrder
from swingbreak.risk.account import Account
from tests.builders import CE, SESSION, bar
from tests.engine_bench import (
    PARAMETERS,
    armed,
    lost_trade,
    morning,
    protected,
    resting,
    short,
    wanted,
)

FORCE_EXIT = SESSION.at(PARAMETERS.force_exit)


class TestRestart:
    def test_a_restart_does_nothing_and_knows_everything(self) -> None:
        bench = protected(195)
        again = bench.again()
        assert again.engine.state == bench.engine.state
        assert again.load({CE.symbol: morning()}) == []
        assert again.hold() == []

    def test_a_stop_that_was_sent_is_remembered(self) -> None:
        bench = resting()
        bench.tick(184_50)
        bench.replaced("o1")
        bench.tick(174_90)
        bench.fill("o1", 585, 174_95)
        again = bench.again().position()
        assert again is not None
        assert again.stop == 185_50

    def test_no_price_is_no_loss(self) -> None:
        again = protected().again()
        assert again.engine.account() == Account(0, 0)
        assert again.hold() == []
        assert again.engine.account() == Account(0, 0)

    def test_history_says_what_a_position_is_worth(self) -> None:
        again = protected().again()
        again.load({CE.symbol: morning()})
        assert again.engine.account() == Account(0, -650 * (183_00 - 174_95))

    def test_part_of_a_loss_is_known_before_any_price_is(self) -> None:
        bench = protected()
        bench.tick(185_00, ask=185_00)
        bench.fill("o2", 325, 185_00)
        assert bench.again().engine.account() == Account(0, -325 * 10_05)

    def test_the_end_of_the_day_survives(self) -> None:
        bench = protected()
        bench.until(FORCE_EXIT)
        again = bench.again()
        assert again.engine.state.halted == "force_exit"
        assert again.load({CE.symbol: morning()}) == []
        bench.fill("o2", 650, 183_00)
        again = bench.again()
        assert again.hold() == []
        assert again.load({CE.symbol: morning()}) == []

    def test_no_stop_is_turned_into_an_exit_at_an_unknown_price(self) -> None:
        bench = short()
        bench.until(FORCE_EXIT)
        again = bench.again()
        assert again.accept("o2") == []
        (leave,) = again.load({CE.symbol: morning()})
        assert (wanted(leave).trigger, wanted(leave).limit) == (None, 186_00)

    def test_a_level_that_was_filled_is_not_entered_again(self) -> None:
        bench = lost_trade(protected(), 185_00)
        again = bench.again()
        again.hold()
        assert again.load({CE.symbol: morning()}) == []

    def test_a_level_that_was_refused_is_not_entered_again(self) -> None:
        bench = armed()
        bench.reject("o1")
        again = bench.again()
        again.hold()
        again.now += timedelta(seconds=60)
        assert again.load({CE.symbol: morning()}) == []

    def test_ids_go_on(self) -> None:
        bench = resting()
        bench.hold(**{CE.symbol: "stale"})
        bench.canceled("o1")
        again = bench.again()
        again.hold()
        (submit,) = again.load({CE.symbol: morning()})
        assert isinstance(submit, SubmitOrder)
        assert submit.order_id == "o2"

    def test_an_entry_in_doubt_is_not_sent_again(self) -> None:
        bench = armed()
        again = bench.again()
        again.hold()
        assert again.load({CE.symbol: morning()}) == []
        assert again.accept("o1") == []

    def test_an_entry_that_broke_meanwhile_has_its_time(self) -> None:
        again = resting().again()
        broken = bar(7, 180_00, 180_00, 174_00, 174_50)
        assert again.load({CE.symbol: (*morning(), broken)}) == []
        assert again.hold() == []
        assert again.until(again.engine.wake) == [CancelOrder("o1", "unfilled")]
