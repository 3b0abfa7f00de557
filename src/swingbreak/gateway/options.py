"""How a gateway may be set up; cheap to import."""

from dataclasses import dataclass

from swingbreak.domain.money import Paise
from swingbreak.facts.order_rules import NSE_PRICES, PriceRules
from swingbreak.gateway.personality import EXCHANGE, Personality
from swingbreak.gateway.quirks import PLAIN, Quirks
from swingbreak.risk.margin import MarginRates
from swingbreak.simulation.fills import Passage

__all__ = ["DEMO_KEY", "GatewayOptions"]

# Not a secret: it opens a simulator on this machine, and is printed when that starts.
DEMO_KEY = "swingbreak-demo-key-0123456789abcdef"


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """How to serve a day.

    Attributes:
        host: Address to listen on.
        port: HTTP port, 0 for any free one.
        ws_port: WebSocket port, 0 for any free one.
        api_key: What clients must show.
        speed: Market seconds per wall second; ``None`` goes in step with the clients.
        personality: The honest exchange, or OpenAlgo's sandbox.
        capital: Cash the day starts with, paise; ``None`` for the personality's own.
        margin_rates: What short options block; ``None`` for the newest.
        quirks: What the broker behind does differently.
        price_rules: What the honest exchange checks of prices on the day.
        passage: How it fills stops between the prices of a bar, where the tape is one of bars.
    """

    host: str = "127.0.0.1"
    port: int = 5000
    ws_port: int = 8765
    api_key: str = DEMO_KEY
    speed: float | None = 1.0
    personality: Personality = EXCHANGE
    capital: Paise | None = None
    margin_rates: MarginRates | None = None
    quirks: Quirks = PLAIN
    price_rules: PriceRules = NSE_PRICES
    passage: Passage | None = None
