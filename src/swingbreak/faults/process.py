"""A process's life, and its sudden end.

What a killed process leaves behind is what it had made durable and what it had sent: whatever of it
still runs in this one finds every door closed.
"""

from collections.abc import Callable

__all__ = ["Killed", "Life"]


class Killed(BaseException):
    """The process is gone; nothing of it may act any more."""


class Life:
    """Whether a process lives.

    Attributes:
        is_over: Whether it has been killed.
        died: Called once when it is.
    """

    def __init__(self, died: Callable[[], None] = lambda: None) -> None:
        self.is_over = False
        self.died = died

    def check(self) -> None:
        """Let only the living pass.

        Raises:
            Killed: It is dead.
        """
        if self.is_over:
            raise Killed

    def murder(self) -> None:
        """Kill it from outside."""
        if not self.is_over:
            self.is_over = True
            self.died()

    def end(self) -> None:
        """Kill it here and now.

        Raises:
            Killed: Always.
        """
        self.murder()
        raise Killed
