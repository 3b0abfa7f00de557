"""Whether today can be traded: all checks for a person, and a few before every `run`."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp

from swingbreak.adapters.clock import WallClock
from swingbreak.adapters.runlock import locks_folder
from swingbreak.bootstrap.giving_up import hush
from swingbreak.bootstrap.preflight.checks import CHECKS, OF_RUN
from swingbreak.bootstrap.preflight.flight import Flight, fly
from swingbreak.bootstrap.preflight.verdicts import Outcome, Report, Verdict
from swingbreak.domain.errors import PreflightFailed
from swingbreak.logs import Redaction
from swingbreak.settings import secrets_of

__all__ = ["check_settings", "refuse_unfit", "without_secrets"]


def check_settings(config: Path | None, overrides: Mapping[str, object]) -> Report:
    """Return what every check finds; nothing is changed, here or at the gateway."""
    hush()
    return without_secrets(asyncio.run(_checked(config, overrides)), secrets_of())


async def refuse_unfit(config: Path | None, overrides: Mapping[str, object]) -> None:
    """Find out what makes a day impossible here, before anything is asked of a gateway.

    Raises:
        SwingbreakError: The first that fails for good: the error a day would end with, else
            ``PreflightFailed``.
    """
    async with aiohttp.ClientSession() as http:
        report = await fly(OF_RUN, Flight(config, overrides, http, WallClock(), locks_folder()))
    for one in report.with_verdict(Verdict.PERMANENT):
        raise one.judgement.error or PreflightFailed(_line(one))


def without_secrets(report: Report, secrets: Iterable[str]) -> Report:
    """Return *report* without the *secrets* that a gateway may have repeated."""
    hide = Redaction(secrets).text

    def hidden(one: Outcome) -> Outcome:
        said = one.judgement
        judgement = replace(said, found=hide(said.found), cause=hide(said.cause))
        return replace(one, judgement=judgement, remedy=hide(one.remedy))

    return replace(report, outcomes=tuple(map(hidden, report.outcomes)))


async def _checked(config: Path | None, overrides: Mapping[str, object]) -> Report:
    async with aiohttp.ClientSession() as http:
        return await fly(CHECKS, Flight(config, overrides, http, WallClock(), locks_folder()))


def _line(one: Outcome) -> str:
    what = f"{one.check_id}: {one.judgement.found}: {one.judgement.cause}"
    return f"{what}; {one.remedy}; `swingbreak check` tells more"
