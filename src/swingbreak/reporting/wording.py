"""Numbers, times and reasons as a reader sees them; every report takes them from here."""

from datetime import date, timedelta

from swingbreak.domain.money import Paise, average
from swingbreak.domain.session import Session, ist_clock
from swingbreak.facts.charges import ChargeLine, Component

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "average",
    "charge_base",
    "charge_name",
    "closed_because",
    "counted",
    "day_text",
    "ended_because",
    "grouped",
    "minute_clock",
    "money",
    "plain_r",
    "price",
    "r_text",
    "ratio_text",
    "share_text",
    "short",
    "signed_money",
    "unprotected_text",
]

_RUPEE = "\u20b9"
_MINUS = "\u2212"
_SPACE = "\u00a0"  # a number and its unit stay on one line

_LAKH, _CRORE = 1_00_000_00, 1_00_00_000_00  # paise

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_ENDED = {
    "daily_target": "the daily target was reached",
    "daily_stop": "the daily stop was reached",
    "force_exit": "the force-exit time came",
    "flatten": "a person had everything exited",
    "kill": "a person killed it",
    "": "the session closed",
}
_CLOSED = {
    **_ENDED,
    "stop": "its stop was hit",
    "stop_gapped": "its stop was gapped through and chased",
    "stop_lost": "its stop was taken away or could not be placed",
    "": "no reason was recorded",
}

_CHARGES = {
    Component.BROKERAGE: "Brokerage",
    Component.SQUARE_OFF: "Square-off by the broker",
    Component.STT: "Securities transaction tax (STT)",
    Component.TRANSACTION: "Transaction charge of the exchange",
    Component.IPFT: "Investor protection fund (IPFT)",
    Component.SEBI: "SEBI turnover fee",
    Component.STAMP: "Stamp duty",
    Component.GST: "Goods and services tax (GST)",
}


def grouped(whole: int) -> str:
    """Return a number of 0 or more with Indian grouping, ``1234567`` as ``12,34,567``."""
    text = str(whole)
    head, tail = text[:-3], text[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


def price(amount: Paise) -> str:
    """Return *amount* in rupees without the sign of the currency, ``128550`` as ``1,285.50``."""
    whole, rest = divmod(abs(amount), 100)
    return f"{_MINUS if amount < 0 else ''}{grouped(whole)}.{rest:02d}"


def money(amount: Paise) -> str:
    """Return *amount* in rupees."""
    return f"{_MINUS if amount < 0 else ''}{_RUPEE}{price(abs(amount))}"


def signed_money(amount: Paise) -> str:
    """Return *amount* in rupees, a gain with its plus."""
    return f"+{money(amount)}" if amount > 0 else money(amount)


def short(amount: Paise) -> str:
    """Return *amount* as narrow as an axis needs it: ``65,000``, ``1.3 L``, ``2.6 Cr`` rupees."""
    if abs(amount) < _LAKH:
        return price(amount).removesuffix(".00")
    unit, name = (_LAKH, "L") if abs(amount) < _CRORE else (_CRORE, "Cr")
    return f"{price(average(100 * amount, unit)).rstrip('0').removesuffix('.')}{_SPACE}{name}"


def r_text(amount: Paise, risk: Paise) -> str:
    """Return *amount* in units of *risk*, ``+1.25 R``; a dash where nothing was at risk."""
    if not risk:
        return "\u2013"
    return plain_r(amount / risk)


def plain_r(value: float, *, digits: int = 2) -> str:
    """Return a number of R that has no amount, the mean of trades, as ``+0.12 R``."""
    whole, _, rest = f"{abs(value):.{digits}f}".partition(".")
    is_zero = not int(whole) and not int(rest)
    sign = "" if is_zero else "+" if value > 0 else _MINUS
    return f"{sign}{grouped(int(whole))}.{rest}{_SPACE}R"


def share_text(share: float) -> str:
    """Return *share* of a whole in percent, ``12.3 %``."""
    text = f"{abs(100 * share):.1f}"
    return f"{_MINUS if share < 0 and text != '0.0' else ''}{text}{_SPACE}%"


def ratio_text(ratio: float | None) -> str:
    """Return *ratio* with two decimals; a dash where there is none."""
    if ratio is None:
        return "\u2013"
    text = f"{abs(ratio):.2f}"
    return f"{_MINUS if ratio < 0 and text != '0.00' else ''}{text}"


def minute_clock(session: Session, minute: int) -> str:
    """Return when *minute* starts, ``09:31`` in India."""
    return ist_clock(session.start_of(minute))[:5]


def day_text(day: date) -> str:
    """Return *day* in words; they do not depend on the machine's locale."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def counted(number: int, noun: str) -> str:
    """Return *number* and *noun*, in the plural where it should be."""
    return f"{grouped(number)} {noun}" if number == 1 else f"{grouped(number)} {noun}s"


def charge_name(component: Component) -> str:
    """Return what a charge is called."""
    return _CHARGES[component]


def charge_base(line: ChargeLine) -> str:
    """Return what a charge is reckoned on: rupees, or orders."""
    return counted(line.base, "order") if line.rate.is_fee else price(line.base)


def ended_because(reason: str) -> str:
    """Return why a day ended as the rest of a sentence."""
    return _ENDED.get(reason, _words(reason))


def closed_because(reason: str) -> str:
    """Return why a position was closed as the rest of a sentence."""
    return _CLOSED.get(reason, _words(reason))


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def unprotected_text(total: timedelta, longest: timedelta) -> str:
    """Return how long positions were without a stop at the exchange."""
    seconds, most = total.total_seconds(), longest.total_seconds()
    return f"{seconds:.1f} s without a stop at the exchange in all, {most:.1f} s at most"
