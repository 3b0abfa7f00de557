"""Where the gateway sends orders now, and what to say when that is not where ours belong.

Source: OpenAlgo 2.0.2.1, recorded exchanges: an answer from the sandbox may say ``analyze``, a live
one says nothing, read 2026-11-22.
"""

from swingbreak.adapters.openalgo.books import Mode
from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.domain.errors import ModeMismatch

__all__ = ["mode_of", "switched"]


async def mode_of(said: str, expected: Mode, rest: OpenAlgoRest) -> Mode:
    """Return the mode of an answer that *said* this of it; the gateway is asked if it must be.

    Raises:
        BrokerError: The gateway could not say.
        DataError: What it said cannot be read.
    """
    if said == Mode.ANALYZE:
        return Mode.ANALYZE
    if expected is Mode.LIVE:
        return Mode.LIVE
    return await rest.analyzer()  # an answer without a mode proves nothing


def switched(actual: Mode, expected: Mode) -> ModeMismatch:
    """Return the error that ends a day whose gateway trades in another mode now."""
    return ModeMismatch(
        f"the gateway is in {actual.value} mode now, and {expected.value} is what we trade in: "
        "nothing more is sent; look at what is open, and switch its analyzer back"
    )
