"""Errors, named by what the caller may do next."""

__all__ = [
    "BrokerError",
    "ConfigError",
    "DataError",
    "DayOver",
    "GatewayRefused",
    "GatewayUnreachable",
    "InvalidTransition",
    "KillEngaged",
    "LedgerError",
    "Livelock",
    "ModeMismatch",
    "NeedsExtra",
    "NothingListed",
    "OrderRefused",
    "OutcomeUnknown",
    "PreflightFailed",
    "RateLimited",
    "RequestNotSent",
    "RunsDiffer",
    "SessionLocked",
    "SwingbreakError",
]


class SwingbreakError(Exception):
    """Anything this program raises on purpose; the message names thing, value and remedy."""


class ConfigError(SwingbreakError):
    """A setting or an argument is wrong: stop before trading and say which."""


class DayOver(ConfigError):
    """The day has ended in this state folder: trade the next one."""


class NeedsExtra(ConfigError):
    """The command needs an optional layer that is not installed."""


class NothingListed(ConfigError):
    """The gateway has no contracts at all: correct the name, or wait until it has them."""


class DataError(SwingbreakError):
    """Input is malformed: drop and count it in a feed, stop and say where in a file."""


class LedgerError(SwingbreakError):
    """The state database cannot be used: full, locked, damaged or from a newer version."""


class SessionLocked(SwingbreakError):
    """Another process runs this account's day: do nothing."""


class KillEngaged(SwingbreakError):
    """A person has locked trading: only a person unlocks it, with a reason."""


class PreflightFailed(SwingbreakError):
    """This machine is not fit for a day: mend what is named, then start again."""


class InvalidTransition(SwingbreakError):
    """Our picture of an order or position is wrong: halt and reconcile."""


class RunsDiffer(SwingbreakError):
    """Two ways to run a day came to different trades: trust the engine alone, and report it."""


class Livelock(SwingbreakError):
    """The engine keeps changing its mind about one slot: halt."""


class BrokerError(SwingbreakError):
    """An order or a query failed at the gateway. Never raised itself."""


class GatewayUnreachable(BrokerError):
    """Nothing answers at the gateway's address: wait, or correct the address."""


class GatewayRefused(BrokerError):
    """The gateway answered a query with a refusal: read the text, retrying is pointless."""


class ModeMismatch(BrokerError):
    """The gateway trades in another mode (paper, live) than we were told: stop."""


class RequestNotSent(BrokerError):
    """The request certainly did not arrive: it may be sent again."""


class RateLimited(RequestNotSent):
    """The gateway turned the request away unread for its rate: send it again later."""


class OrderRefused(BrokerError):
    """The order was certainly refused: sending it unchanged again is pointless."""


class OutcomeUnknown(BrokerError):
    """Sent, and no answer that settles it: never send again, read the order book."""
