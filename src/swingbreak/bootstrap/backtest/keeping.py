"""Days of a backtest that are done, one file each, so that a run that broke off goes on.

Rules of this file:

1. A day counts only where its fingerprint is that of what is asked now: settings, fill models, its
   market data and this program. Any other is run again, so nothing is ever mixed.
2. A file is written beside its place and renamed: a kill leaves the old one or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec

from swingbreak import __version__
from swingbreak.adapters.store.layout import Kind, Place, Store
from swingbreak.bootstrap.backtest.prepared import RanDay
from swingbreak.domain.errors import DataError
from swingbreak.reporting.run_view import RunDay

__all__ = ["Finished", "Keeper", "fingerprint_of"]

_FOLDER = "finished"
_LAYOUT = 2


@dataclass(frozen=True, slots=True)
class Finished:
    """A day that is done, or why it could not be.

    Attributes:
        fingerprint: Of all that it came from.
        day: Trading day in India.
        models: The day under each fill model, by the model's name.
        refused: Why there is none.
        without: The day without one rule each, under the first model, by the rule's name.
    """

    fingerprint: str
    day: date
    models: dict[str, RanDay]
    refused: str = ""
    without: dict[str, RunDay] = field(default_factory=dict)


def fingerprint_of(asked: Sequence[str], store: Store, place: Place) -> str:
    """Return the hash of what is *asked* of *place*, its data and this program.

    Raises:
        DataError: The data cannot be read.
    """
    whole = sha256("\n".join((__version__, str(_LAYOUT), *asked, str(place))).encode())
    spot = Place(place.underlying, place.day, Kind.SPOT)
    for each in (place, spot):
        if each is place or store.has(each):
            try:
                whole.update(sha256(store.path(each).read_bytes()).digest())
            except OSError as error:
                raise DataError(f"{store.path(each)}: cannot be read: {error.strerror}") from error
    return whole.hexdigest()[:32]


class Keeper:
    """The finished days of one run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._decoder = msgspec.json.Decoder(Finished)

    def load(self, day: date, fingerprint: str) -> Finished | None:
        """Return *day* if it is done as asked now; ``None`` where it is to be run."""
        try:
            found = self._decoder.decode(self._path(day).read_bytes())
        except (OSError, ValueError):
            return None  # none, or one of an older program: it is run again
        return found if found.fingerprint == fingerprint else None

    def keep(self, finished: Finished) -> None:
        """Write *finished* to the disk.

        Raises:
            DataError: The folder cannot be written.
        """
        path = self._path(finished.day)
        draft = path.with_name(f"{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(msgspec.json.encode(finished))
            draft.replace(path)
        except OSError as error:
            raise DataError(
                f"{path}: cannot be written ({error.strerror}): see that the disk has room"
            ) from error

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.json"
