"""What the probes have found so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from swingbreak.adapters.openalgo.capabilities import Capabilities

__all__ = ["Finding", "Notes", "Verdict"]


class Verdict(StrEnum):
    """What a finding means for trading through the gateway."""

    OK = "ok"
    HANDLED = "handled"  # not as documented; the program copes
    UNCLEAR = "unclear"  # could not be found out now
    MISSING = "missing"  # needed, and not there


class Finding(NamedTuple):
    """One probe's result.

    Attributes:
        found: What the gateway did.
        meaning: What that means for the program.
        remedy: What a person may do; empty where nothing is to be done.
    """

    probe: str
    verdict: Verdict
    found: str
    meaning: str
    remedy: str = ""


@dataclass(slots=True)
class Notes:
    """Findings in order, and the profile they add up to.

    Attributes:
        tell: Shows a line of progress.
    """

    tell: Callable[[str], None]
    findings: list[Finding] = field(default_factory=list)
    profile: Capabilities = field(default_factory=Capabilities)

    def add(self, probe: str, verdict: Verdict, found: str, meaning: str, remedy: str = "") -> None:
        """Keep a finding and show it."""
        self.findings.append(Finding(probe, verdict, found, meaning, remedy))
        self.tell(f"{probe}: {verdict}: {found}")

    def learn(self, **facts: Any) -> None:
        """Take *facts* over into the profile."""
        self.profile = msgspec.structs.replace(self.profile, **facts)

    @property
    def is_usable(self) -> bool:
        """Whether nothing that is needed is missing."""
        return all(finding.verdict is not Verdict.MISSING for finding in self.findings)
