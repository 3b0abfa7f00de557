"""Small drawings: how much of something is used up, and where the day stands between its limits."""

from swingbreak.adapters.board import AccountNow
from swingbreak.reporting.drawing import chart, line, text
from swingbreak.reporting.markup import Markup, joined, number, tag
from swingbreak.reporting.wording import grouped, plain_r

__all__ = ["gauge", "meter"]

_WIDE, _HIGH = 100, 8
_LEFT, _RIGHT, _TOP, _BAR = 30, 610, 30, 14
_SIGN = {True: "+", False: "\u2212"}


def meter(used: int, most: int, what: str) -> Markup:
    """Return *used* of *most* in words and as a bar."""
    told = f"{grouped(used)} of {grouped(most)}"
    width = _WIDE * min(used, most) / most if most else 0
    kind = "over" if used >= most else "used"
    drawn = tag(
        "svg",
        tag("rect", width=_WIDE, height=_HIGH, class_="room"),
        tag("rect", width=width, height=_HIGH, class_=kind),
        viewBox=f"0 0 {_WIDE} {_HIGH}",
        class_="meter",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{what}: {told}",
    )
    return joined(told, drawn)


def gauge(account: AccountNow) -> Markup:
    """Return where the day's R is between the limits that end it."""
    low, high = account.stop_r, account.target_r
    zero, here = _place(0, low, high), _place(account.r, low, high)
    kind = "high" if account.r >= 0 else "low"
    left, right = min(zero, here), max(zero, here)
    told = f"{plain_r(account.r)} of {_limit(low)} to {_limit(high)}"
    drawn = chart(
        "gauge",
        "R of the day between its limits",
        told,
        _TOP + _BAR + 26,
        tag("rect", x=_LEFT, y=_TOP, width=_RIGHT - _LEFT, height=_BAR, class_="room"),
        tag("rect", x=left, y=_TOP, width=number(right - left), height=_BAR, class_=kind),
        line(zero, _TOP - 4, zero, _TOP + _BAR + 4, "zero"),
        text(_LEFT, _TOP + _BAR + 20, f"{_limit(low)} ends the day", "tick"),
        text(_RIGHT, _TOP + _BAR + 20, f"{_limit(high)} ends it", "tick", "end"),
        text(min(max(here, 70), 570), _TOP - 10, plain_r(account.r), "mark strong", "middle"),
    )
    return tag("div", drawn, class_="gauge")


def _place(r: float, low: int, high: int) -> float:
    inside = min(max(r, low), high)
    return _LEFT + (inside - low) / (high - low) * (_RIGHT - _LEFT) if high > low else _LEFT


def _limit(r: int) -> str:
    return f"{_SIGN[r >= 0]}{abs(r)}\u00a0R" if r else "0\u00a0R"
