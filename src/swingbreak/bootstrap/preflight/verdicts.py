"""What a check is, what it may find, and what all of them together mean; pure.

Rules of this file:

1. A failure is permanent if starting again finds the same until somebody changes something here:
   settings, key, folder, facts, or the day itself. It is transient if it may pass by waiting, or by
   an act elsewhere: at the gateway, at the broker.
2. A remark passes. What was not asked, because something that it needs failed, fails nothing
   further: the failure it waits for is in the report already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from swingbreak.domain.errors import BrokerError, DataError, ModeMismatch, SwingbreakError

__all__ = [
    "FAILURES",
    "Group",
    "Judgement",
    "Outcome",
    "Report",
    "Verdict",
    "judged",
    "not_applicable",
    "ok",
    "permanent",
    "remark",
    "transient",
]


class Verdict(StrEnum):
    """What a check has come to."""

    OK = "ok"
    REMARK = "remark"
    TRANSIENT = "transient failure"
    PERMANENT = "permanent failure"
    NOT_APPLICABLE = "not applicable"


FAILURES: Final = frozenset({Verdict.TRANSIENT, Verdict.PERMANENT})


class Group(StrEnum):
    """What a check is about."""

    ENVIRONMENT = "environment"
    CONFIGURATION = "configuration"
    STATE = "state folder"
    FACTS = "contract facts"
    CALENDAR = "calendar and clock"
    GATEWAY = "gateway"
    CONTRACTS = "contracts"
    ACCOUNT = "account"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check found, and what that means.

    Attributes:
        found: The value: ``3.11.9``, ``42 of 42 symbols``.
        cause: Why it is no plain yes.
        remedy: What to do, where that is not what the check always says.
        error: What `run` is to end with, where the failure comes from an error.
    """

    verdict: Verdict
    found: str = ""
    cause: str = ""
    remedy: str = ""
    error: SwingbreakError | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that is done.

    Attributes:
        remedy: What to do; empty where nothing is to be done.
        guide: Page and section that tell more; empty as well.
        milliseconds: How long it took.
    """

    check_id: str
    group: Group
    asks: str
    judgement: Judgement
    remedy: str
    guide: str
    milliseconds: int

    @property
    def verdict(self) -> Verdict:
        """What it has come to."""
        return self.judgement.verdict

    @property
    def passes(self) -> bool:
        """Whether what needs it can be asked."""
        return self.verdict in {Verdict.OK, Verdict.REMARK}


@dataclass(frozen=True, slots=True)
class Report:
    """All checks.

    Attributes:
        outcomes: In the order of the table.
        seconds: How long it took in all.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float

    def with_verdict(self, verdict: Verdict) -> Sequence[Outcome]:
        """Return those that have come to *verdict*."""
        return [one for one in self.outcomes if one.verdict is verdict]

    @property
    def is_safe(self) -> bool:
        """Whether nothing fails."""
        return not any(one.verdict in FAILURES for one in self.outcomes)

    @property
    def answer(self) -> str:
        """Whether it is safe to trade, for scripts: ``safe``, ``not yet``, ``no``."""
        if self.is_safe:
            return "safe"
        return "no" if self.with_verdict(Verdict.PERMANENT) else "not yet"

    @property
    def headline(self) -> str:
        """The same for a person."""
        failing = [one.check_id for one in self.outcomes if one.verdict in FAILURES]
        match self.answer:
            case "safe":
                return "safe to trade today"
            case "no":
                return f"no: not to be traded until this is put right: {', '.join(failing)}"
            case _:
                return f"not yet: this may pass: {', '.join(failing)}"


def ok(found: str) -> Judgement:
    """Return a yes."""
    return Judgement(Verdict.OK, found)


def remark(found: str, cause: str, remedy: str = "") -> Judgement:
    """Return a yes that a person should know more of."""
    return Judgement(Verdict.REMARK, found, cause, remedy)


def transient(found: str, cause: str, remedy: str = "") -> Judgement:
    """Return a no that may pass."""
    return Judgement(Verdict.TRANSIENT, found, cause, remedy)


def permanent(
    found: str, cause: str, remedy: str = "", error: SwingbreakError | None = None
) -> Judgement:
    """Return a no that stays until something is changed here; `run` ends with its *error*."""
    return Judgement(Verdict.PERMANENT, found, cause, remedy, error)


def not_applicable(cause: str) -> Judgement:
    """Return that there is nothing to be asked."""
    return Judgement(Verdict.NOT_APPLICABLE, cause=cause)


def judged(error: SwingbreakError, *, remote: bool) -> Judgement:
    """Return what *error* means where a check has nothing of its own to say of it.

    What a gateway said may be another thing a minute later, so of *remote* data it is transient.
    """
    from_afar = isinstance(error, BrokerError) and not isinstance(error, ModeMismatch)
    passing = from_afar or (remote and isinstance(error, DataError))
    plain = (transient if passing else permanent)("", str(error))
    return replace(plain, error=error)
