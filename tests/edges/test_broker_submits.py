"""Orders sent to a scripted gateway: answers that come late, or never, or from the wrong side."""

from collections.abc import Mapping

import pytest

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.rest import OrderReply
from swingbreak.domain.errors import (
    ConfigError,
    GatewayRefused,
    GatewayUnreachable,
    ModeMismatch,
    OrderRefused,
    RateLimited,
    RequestNotSent,
)
from swingbreak.domain.events import (
    OrderAccepted,
    OrderCancelRefused,
    OrderFilled,
    OrderRejected,
    OrderReplaceRefused,
    OrderUnconfirmed,
)
from swingbreak.domain.orders import OrderStatus
from tests.broker_rig import AS_SENT, LOWER_STOP, Rig
from tests.builders import OPEN, PE, entry, stop


class TestSubmit:
    async def test_accepted(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        assert rig.events == [OrderAccepted(OPEN, "o1", broker_order_id)]
        row = rig.gateway.rows[broker_order_id]
        assert (row["pricetype"], row["price"], row["trigger_price"]) == ("SL", 171.95, 174.95)
        assert (row["action"], row["quantity"], row["product"]) == ("SELL", 650, "MIS")

    @pytest.mark.parametrize(
        ("fault", "reason", "sent"),
        [
            pytest.param(RequestNotSent("no connection"), "not sent: ", False, id="not-sent"),
            pytest.param(RateLimited("10 per 1 second"), "not sent: 10 per", False, id="429"),
            pytest.param(OrderRefused("Insufficient funds"), "Insufficient", True, id="refused"),
            pytest.param(OrderRefused("queued, number 17"), "queued", True, id="semi-auto"),
            pytest.param(GatewayRefused("no session"), "no session", True, id="key"),
        ],
    )
    async def test_certainly_not_working(
        self, rig: Rig, fault: OrderRefused, reason: str, sent: bool
    ) -> None:
        rig.gateway.fail("place", fault)
        await rig.submit()
        (event,) = rig.events
        assert isinstance(event, OrderRejected)
        assert event.reason.startswith(reason)
        assert event.sent is sent
        assert rig.gateway.calls["place"] == 1
        assert not rig.broker.needs_poll

    async def test_an_answer_that_never_came_is_looked_up(self, rig: Rig) -> None:
        rig.gateway.fail("place", "lost")
        await rig.submit()
        assert rig.told() == [OrderUnconfirmed, OrderAccepted]
        assert rig.gateway.calls["place"] == 1

    async def test_it_is_given_up_when_whole_books_do_not_show_it(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        assert rig.told() == [OrderUnconfirmed]
        await rig.poll_for(9)
        assert rig.status is OrderStatus.UNCONFIRMED
        assert rig.broker.needs_poll
        await rig.poll_for(1)
        assert rig.told() == [OrderUnconfirmed, OrderRejected]
        assert not rig.broker.needs_poll

    async def test_time_alone_gives_nothing_up(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        rig.gateway.fail("order_book", "down", "down", "down")
        await rig.submit()
        rig.clock.wait(60)
        await rig.broker.poll()
        await rig.broker.poll()
        assert rig.broker.unread_books == 3
        await rig.broker.poll()
        rig.clock.wait(60)
        await rig.broker.poll()
        assert rig.status is OrderStatus.UNCONFIRMED
        assert rig.broker.unread_books == 0

    async def test_a_latecomer_is_taken_out_of_the_market(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(10)
        assert rig.status is OrderStatus.REJECTED
        answer = await rig.gateway.place(AS_SENT)
        rig.gateway.fail("cancel", RequestNotSent("busy"))
        await rig.poll_for(4)
        assert rig.gateway.rows[answer.broker_order_id]["order_status"] == "cancelled"
        assert rig.told() == [OrderUnconfirmed, OrderRejected]
        assert rig.gateway.calls["cancel"] == 2

    async def test_a_latecomer_is_the_newer_orders_first(self, rig: Rig) -> None:
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(10)
        rig.gateway.fail("place", "lost")
        await rig.submit(order_id="o2")
        assert rig.orders["o2"].status is OrderStatus.ACCEPTED
        await rig.broker.poll()
        assert rig.gateway.calls["cancel"] == 0

    async def test_a_book_with_unreadable_rows_proves_no_absence(self, rig: Rig) -> None:
        rig.gateway.rows["?"] = {}
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(20)
        assert rig.status is OrderStatus.UNCONFIRMED

    async def test_an_order_that_was_there_before_is_not_ours(self, rig: Rig) -> None:
        await rig.gateway.place(AS_SENT)
        await rig.submit(stop(symbol=PE.symbol), "o0")
        await rig.broker.poll()
        rig.gateway.fail("place", "dropped")
        await rig.submit()
        await rig.poll_for(3)
        assert rig.status is OrderStatus.UNCONFIRMED
        look = await rig.broker.look()
        assert look.orders is not None
        assert sorted(seen.order_id for seen in look.orders) == ["", "o0"]

    async def test_two_lost_twins_get_one_row_each(self, rig: Rig) -> None:
        rig.gateway.fail("place", "lost", "lost")
        rig.gateway.fail("order_book", "down", "down")
        first = await rig.submit()
        second = await rig.submit(order_id="o2")
        assert (first, second) == ("", "")
        await rig.broker.poll()
        ids = {rig.orders[name].broker_order_id for name in ("o1", "o2")}
        assert ids == set(rig.gateway.rows)

    async def test_an_update_may_come_before_the_answer(self, rig: Rig) -> None:
        def fill_first(broker_order_id: str) -> None:
            rig.gateway.fill(broker_order_id, 650, 17490)
            rig.hear()

        rig.gateway.before_answer = fill_first
        await rig.submit()
        assert rig.told() == [OrderAccepted, OrderFilled]
        assert rig.status is OrderStatus.FILLED

    async def test_updates_of_strangers_are_not_kept_for_ever(self, rig: Rig) -> None:
        def crowd(broker_order_id: str) -> None:
            rig.gateway.end(broker_order_id, "rejected", "RMS")
            rig.hear()
            for number in range(200):
                rig.gateway.rows[f"x{number}"] = rig.gateway.rows[broker_order_id] | {
                    "orderid": f"x{number}"
                }
                rig.gateway.say(f"x{number}")
            rig.hear()

        rig.gateway.before_answer = crowd
        await rig.submit()
        assert rig.told() == [OrderAccepted]
        await rig.broker.poll()
        assert rig.told() == [OrderAccepted, OrderRejected]

    async def test_a_rejection_after_the_yes(self, rig: Rig) -> None:
        broker_order_id = await rig.submit()
        rig.gateway.end(broker_order_id, "rejected", "RMS: margin")
        rig.hear(times=2)
        assert rig.events[1:] == [OrderRejected(OPEN, "o1", "RMS: margin")]

    async def test_a_symbol_that_is_not_traded(self, rig: Rig) -> None:
        with pytest.raises(ConfigError, match="BANKNIFTY"):
            await rig.submit(entry(symbol="BANKNIFTY01DEC2650000CE"))


class TestMode:
    async def test_live_where_paper_was_meant(self, rig: Rig) -> None:
        rig.gateway.mode = ""
        with pytest.raises(ModeMismatch, match="went to live"):
            await rig.submit()
        assert rig.told() == [OrderAccepted]

    async def test_silence_is_looked_up(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        async def analyzer() -> Mode:
            return Mode.ANALYZE

        rig.gateway.mode = ""
        monkeypatch.setattr(rig.gateway, "analyzer", analyzer)
        await rig.submit()
        assert rig.status is OrderStatus.ACCEPTED

    async def test_what_cannot_be_proved_is_wrong(self, rig: Rig) -> None:
        rig.gateway.mode = ""
        rig.gateway.fail("analyzer", GatewayUnreachable("down"))
        with pytest.raises(ModeMismatch, match="not certain"):
            await rig.submit()

    async def test_paper_where_live_was_meant(self, live: Rig) -> None:
        live.gateway.mode = "analyze"
        with pytest.raises(ModeMismatch, match="went to analyze"):
            await live.submit()

    async def test_every_answer_is_looked_at(self, rig: Rig) -> None:
        await rig.submit(stop())
        rig.gateway.mode = ""
        with pytest.raises(ModeMismatch):
            await rig.replace(LOWER_STOP)
        with pytest.raises(ModeMismatch):
            await rig.cancel()


async def test_an_order_that_went_astray_is_named_with_the_remedy(rig: Rig) -> None:
    rig.gateway.mode = "live"
    with pytest.raises(ModeMismatch) as error:
        await rig.submit(stop())
    number = next(iter(rig.gateway.rows))
    assert f"order {number} was meant for analyze and went to live: look at that" in str(
        error.value
    )


async def test_an_order_says_all_that_the_gateway_asks_for(rig: Rig) -> None:
    said: list[Mapping[str, str | int]] = []
    place = rig.gateway.place

    async def heard(fields: Mapping[str, str | int]) -> OrderReply:
        said.append(fields)
        return await place(fields)

    rig.gateway.place = heard  # type: ignore[method-assign]
    await rig.submit()
    assert said == [AS_SENT | {"strategy": "swingbreak"}]


async def test_a_lost_session_is_no_verdict_on_a_change_or_a_cancel(rig: Rig) -> None:
    await rig.submit(stop())
    rig.gateway.fail("modify", GatewayRefused("Invalid openalgo apikey"))
    await rig.replace(LOWER_STOP)
    assert rig.events[-1] == OrderReplaceRefused(OPEN, "o1", "Invalid openalgo apikey", sent=False)
    rig.gateway.fail("cancel", GatewayRefused("Invalid openalgo apikey"))
    await rig.cancel()
    assert rig.events[-1] == OrderCancelRefused(OPEN, "o1", "Invalid openalgo apikey", sent=False)
    assert not rig.orders["o1"].stubborn
