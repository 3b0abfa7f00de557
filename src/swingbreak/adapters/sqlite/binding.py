"""Whose a recorded day is: a day of one mode and account is never gone on with in another."""

import hashlib
from datetime import date

from swingbreak.adapters.sqlite.database import Database
from swingbreak.domain.errors import ConfigError

__all__ = ["bind", "conflict", "mode_of"]

_FIND = "SELECT mode, account FROM bindings WHERE date = ?"
_BIND = "INSERT INTO bindings (date, mode, account) VALUES (?, ?, ?)"


def bind(database: Database, day: date, *, mode: str, api_key: str) -> None:
    """Bind *day* to *mode* and to the account behind *api_key*, unless it is bound already.

    Raises:
        ConfigError: It is bound to others.
        LedgerError: The file cannot be read or written.
    """
    if error := conflict(database, day, mode=mode, api_key=api_key):
        raise error
    if not database.read(_FIND, (day.isoformat(),)):
        with database.write() as connection:
            connection.execute(_BIND, (day.isoformat(), mode, _account(api_key)))


def conflict(database: Database, day: date, *, mode: str, api_key: str) -> ConfigError | None:
    """Return why *day* cannot go on in *mode* with *api_key*; ``None`` where it can, or is new.

    Raises:
        LedgerError: The file cannot be read.
    """
    found = database.read(_FIND, (day.isoformat(),))
    if not found:
        return None
    theirs = found[0]["mode"]
    if theirs != mode:
        return ConfigError(
            f"{database.path}: {day} was recorded in {theirs} mode, and mode is {mode!r} now: go "
            f"on with mode {theirs!r}, or choose another --state-dir for {mode}"
        )
    if found[0]["account"] != _account(api_key):
        return ConfigError(
            f"{database.path}: {day} was recorded for another API key: use that one, or choose "
            "another --state-dir for this account"
        )
    return None


def mode_of(database: Database, day: date) -> str:
    """Return the mode that *day* was recorded in, empty where it is not known.

    Raises:
        LedgerError: The file cannot be read.
    """
    found = database.read(_FIND, (day.isoformat(),))
    return str(found[0]["mode"]) if found else ""


def _account(api_key: str) -> str:
    return hashlib.sha256(api_key.encode()).hexdigest()[:12]  # of the key only a digest is kept
