"""What `notify` remembers: how far it has read, what it has said, what is to be delivered.

One file, replaced as a whole: how far it has read and what came of it are never apart.
"""

from pathlib import Path

import msgspec

from swingbreak.adapters.whole_files import replace_text
from swingbreak.alerts.pace import Pace
from swingbreak.alerts.undelivered import Undelivered
from swingbreak.domain.errors import DataError

__all__ = ["Memory", "NotifyFile"]


class Memory(msgspec.Struct):
    """What a restart goes on with.

    Attributes:
        seq: The last row of the ledger that was told, and its link.
        log: The log that is read, and how many bytes of it have been.
        alarms: How many bytes of the watchdog's alarms have been read.
        runs: Whether a process ran the day, as far as was seen.
        update_id: The last update of the bot that was looked at.
    """

    seq: int = 0
    link: str = ""
    log: str = ""
    offset: int = 0
    alarms: int = 0
    runs: bool = False
    update_id: int = 0
    pace: Pace = msgspec.field(default_factory=Pace)
    undelivered: Undelivered = msgspec.field(default_factory=Undelivered)


class NotifyFile:
    """The file of a state folder."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "notify.json"
        self._text = ""

    def load(self) -> Memory | None:
        """Return what is remembered, ``None`` for nothing.

        Raises:
            DataError: It cannot be read.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Memory)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:  # no JSON, or no UTF-8
            raise DataError(
                f"{self.path}: cannot be read ({error}); move it away, and what was not delivered "
                "is lost with it"
            ) from error

    def save(self, memory: Memory) -> None:
        """Keep *memory*, durably, where it has changed.

        Raises:
            DataError: It cannot be written; the old one is still there.
        """
        text = msgspec.json.encode(memory).decode()
        if text != self._text:
            replace_text(self.path, text)
            self._text = text
