"""What a person may tell a running day to do."""

from enum import StrEnum

__all__ = ["Control"]


class Control(StrEnum):
    """An order to the program itself; no two of them mean the same.

    Each is durable before it is carried out, so a restart remembers it.
    """

    PAUSE = "pause"  # no entries, resting ones are cancelled; positions are kept and protected
    RESUME = "resume"  # the end of a pause
    FLATTEN = "flatten"  # everything is exited and the day is over
    KILL = "kill"  # the same, and no day begins until a person takes the lock away
    STOP = "stop"  # the process ends; entries are cancelled, stops stay at the exchange
