"""All checks, in the order in which they are shown."""

from typing import Final

from swingbreak.bootstrap.preflight import (
    dates,
    feeding,
    folder,
    local,
    messaging,
    remote,
    standing_by,
)
from swingbreak.bootstrap.preflight.verdicts import Group

__all__ = ["CHECKS", "OF_RUN"]

_ALL = tuple(
    check
    for module in (local, messaging, folder, dates, remote, feeding, standing_by)
    for check in module.CHECKS
)
CHECKS: Final = tuple(check for group in Group for check in _ALL if check.group is group)

# Cheap, and not found out by `run` in any other way: a damaged database can be written for long.
OF_RUN: Final = tuple(check for check in CHECKS if check.is_of_run)
