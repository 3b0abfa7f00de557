"""Why a day was given up, found among all that died with it."""

import logging
from collections.abc import Iterator

import structlog

from swingbreak.domain.errors import SwingbreakError

__all__ = ["given_up", "hush"]


def hush() -> None:
    """Keep libraries quiet until the day's log is open.

    By itself structlog prints what they say to standard output, which may be there for JSON.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def given_up(group: ExceptionGroup) -> Exception:
    """Return, and log, the error that ended the day; *group* itself if it holds a bug and more."""
    errors = list(_single(group))
    reason = errors[0]
    if len(errors) > 1 and not all(isinstance(error, SwingbreakError) for error in errors):
        return group
    structlog.get_logger().error("day.given_up", error=type(reason).__name__, reason=str(reason))
    return reason


def _single(group: ExceptionGroup) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _single(error)
        else:
            yield error
