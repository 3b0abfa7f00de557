"""Request limits: a moving window per endpoint and caller."""

from collections import deque
from dataclasses import dataclass, field

__all__ = ["GREEKS", "ORDERS", "QUERIES", "Rate", "RateLimiter"]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in any window of *seconds*."""

    requests: int
    seconds: int
    unit: str = "second"

    def __str__(self) -> str:
        return f"{self.requests} per 1 {self.unit}"


# Source: OpenAlgo 2.0.2.1 `.sample.env`, measured 2026-11-22.
ORDERS = Rate(10, 1)
QUERIES = Rate(50, 1)
GREEKS = Rate(30, 60, "minute")


@dataclass(slots=True)
class RateLimiter:
    """Counts requests; one that is turned away does not count."""

    _seen: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def admit(self, rate: Rate, endpoint: str, caller: str, at: float) -> bool:
        """Whether *caller* may use *endpoint* at *at* seconds; if so the request is counted."""
        window = self._seen.setdefault((endpoint, caller), deque())
        while window and window[0] <= at - rate.seconds:
            window.popleft()
        if len(window) >= rate.requests:
            return False
        window.append(at)
        return True
