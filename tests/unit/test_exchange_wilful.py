"""What broker and exchange do to an order of their own accord."""

from swingbreak.simulation.exchange import Exchange, ExchangeRules
from swingbreak.simulation.venue import NewOrder, VenueStatus
from tests.venue_builders import BUY, CONTRACTS, SESSION, at, limit, now, prompt_exchange, tick


def test_an_order_that_rests_is_taken_away_at_once() -> None:
    exchange = prompt_exchange(tick(0, 200_00))
    order, _ = exchange.submit(at(1), limit(BUY, 190_00))
    (update,) = exchange.expel(at(2), order.orderid, VenueStatus.CANCELLED, "RMS: square off")
    assert update.order == now(exchange, order.orderid)
    assert (update.order.status, update.order.reason) == (VenueStatus.CANCELLED, "RMS: square off")
    assert exchange.expel(at(3), order.orderid, VenueStatus.CANCELLED, "again") == []


def test_an_order_is_rejected_on_arrival_for_a_fault_of_its_own() -> None:
    def fault(new: NewOrder) -> str:
        return "RMS: blocked" if new.quantity > 65 else ""

    exchange = Exchange(CONTRACTS, SESSION, ExchangeRules(latency_ms=(0, 0), fault=fault))
    exchange.on_tick(tick(0, 200_00))
    small, _ = exchange.submit(at(1), limit(BUY, 190_00))
    large, _ = exchange.submit(at(1), limit(BUY, 190_00, 130))
    assert small.status is VenueStatus.OPEN
    assert (large.status, large.reason) == (VenueStatus.REJECTED, "RMS: blocked")
