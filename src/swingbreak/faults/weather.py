"""What goes wrong on one day, and when: drawn from the seed, counted as it happens.

Rules of this file:

1. Every fault has dice of its own, so that leaving one out changes nothing for the others until
   the day itself goes another way.
2. From a moment near its end a day is calm: what is left wrong then is not the weather's doing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random

from swingbreak.faults.catalogue import CATALOGUE

__all__ = ["Weather", "drawn"]

_SHARE = 0.08  # of all faults, on a day
_CALM_DAYS = 0.03  # share of the days without any


class Weather:
    """The faults of one day.

    Args:
        seed: Of the day.
        names: Faults it has.
        now: Seconds since the day began.
        calm_from: When the last fault may strike, in the same seconds.

    Attributes:
        names: Faults it has.
        fired: How often each struck.
        is_calm: Whether nothing more will.
    """

    def __init__(
        self, seed: str, names: Iterable[str], now: Callable[[], float], calm_from: float
    ) -> None:
        self.names = tuple(names)
        self.fired: Counter[str] = Counter()
        self._excused: list[tuple[float, float]] = []
        self.is_calm = False
        self.seconds = now
        self._calm_from = calm_from
        self._dice = {name: Random(f"{seed}:{name}") for name in self.names}  # noqa: S311 - seeded
        self._any = Random(f"{seed}:any")  # noqa: S311 - seeded

    def happens(self, name: str) -> bool:
        """Whether the fault *name* strikes at this opportunity; it is counted if so."""
        dice = self._dice.get(name)
        if dice is None or self.is_calm or dice.random() >= CATALOGUE[name].chance:
            return False
        if self.seconds() >= self._calm_from:
            self.is_calm = True
            return False
        self.fired[name] += 1
        return True

    def outage(self, least: float, most: float) -> float:
        """Return the seconds that an outage shall last; they are excused."""
        seconds = self.between(least, most)
        self.excuse(seconds)
        return seconds

    def excuse(self, seconds: float) -> None:
        """Let nothing be expected for *seconds* from now on."""
        self._excused.append((self.seconds(), seconds))

    @property
    def excused(self) -> float:
        """Seconds so far in which nothing could be done for what struck."""
        now = self.seconds()
        return sum(min(now - began, lasts) for began, lasts in self._excused)

    def has(self, name: str) -> bool:
        """Whether the day has the fault at all."""
        return name in self._dice

    def between(self, least: float, most: float) -> float:
        """Return how long, or how much, something shall be."""
        return self._any.uniform(least, most)

    def pick(self, choices: Sequence[str]) -> str:
        """Return one of *choices*."""
        return self._any.choice(choices)


def drawn(dice: Random, wanted: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the faults of a day: those *wanted*, or by default a few of all that are on."""
    asked = tuple(wanted)
    if asked:
        return asked
    if dice.random() < _CALM_DAYS:
        return ()
    return tuple(f.name for f in CATALOGUE.values() if not f.off and dice.random() < _SHARE)
