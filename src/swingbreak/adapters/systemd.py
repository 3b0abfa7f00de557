"""Tells systemd how the day is, where systemd started it.

Source: the protocol of ``sd_notify(3)`` and ``systemd.service(5)``, systemd 252: a datagram of
``NAME=value`` lines to the socket named in ``NOTIFY_SOCKET``.
"""

import socket
from contextlib import suppress

__all__ = ["Systemd"]


class Systemd:
    """Says that the day's loop turns; who stops saying so is ended and started again by systemd.

    Nothing is said where *address*, a path or an abstract name after ``@``, is empty, and a message
    that nobody takes is lost: a day does not depend on who watches it.
    """

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def well(self) -> None:
        """Say that all is well; the first time, that the start is over."""
        self._say("READY=1\nWATCHDOG=1")

    def ending(self, why: str) -> None:
        """Say that the process is about to end, and let go."""
        self._say(f"STOPPING=1\nSTATUS={why}")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, lines: str) -> None:
        if self._socket is not None:
            with suppress(OSError):  # a full queue, or nobody there
                self._socket.sendto(lines.encode(), self._address)
