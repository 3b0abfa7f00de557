"""Opens a run wherever it was made: a run folder, or the state folder of paper and live days."""

from dataclasses import dataclass
from pathlib import Path

from swingbreak.adapters.dayfolder import database_in
from swingbreak.bootstrap.known import facts_of
from swingbreak.bootstrap.run_folder import (
    RUN_FILE,
    read_pictures,
    read_rules,
    read_run,
    write_pictures,
    write_report,
)
from swingbreak.bootstrap.state_run import read_state
from swingbreak.bootstrap.stored_trades import stored_pictures
from swingbreak.domain.errors import DataError
from swingbreak.reporting.rule_ledger import rule_ledger
from swingbreak.reporting.run_numbers import RunNumbers, numbers_of
from swingbreak.reporting.run_view import RunView
from swingbreak.settings import load

__all__ = ["Reported", "open_run", "report_run"]


@dataclass(frozen=True, slots=True)
class Reported:
    """A run that has been reported: its numbers, and where its page is."""

    run: RunView
    numbers: RunNumbers
    page: Path


def report_run(
    folder: Path,
    config: Path | None = None,
    *,
    page: Path | None = None,
    data: Path | None = None,
) -> Reported:
    """Make the report of the run in *folder* again.

    Args:
        folder: A run folder or a state folder.
        config: See :func:`open_run`.
        page: Where the page goes; into the folder by default, where the metrics go in any case.
        data: A store whose minutes notable trades are drawn on; by default they stay as they were.

    Raises:
        DataError: There is no run in it or a damaged one, or the report cannot be written.
        LedgerError: Its state database cannot be read.
        ConfigError: The configuration is wrong.
    """
    run = open_run(folder, config)
    numbers = numbers_of(run, rule_ledger(run, read_rules(folder)))
    if data is not None:
        write_pictures(folder, stored_pictures(run, data, facts_of(load(config))))
    written = write_report(folder, run, numbers, read_pictures(folder), page=page)
    return Reported(run, numbers, written)


def open_run(folder: Path, config: Path | None = None) -> RunView:
    """Return the run in *folder*.

    Args:
        folder: A run folder or a state folder.
        config: The configuration whose facts files say what the contracts of a state folder were.

    Raises:
        DataError: There is no run in it, or a damaged one.
        LedgerError: Its state database cannot be read.
        ConfigError: The configuration is wrong.
    """
    if (folder / RUN_FILE).is_file():
        return read_run(folder)
    if database_in(folder).is_file():
        return read_state(folder, facts_of(load(config)))
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder; name one of runs/, or a state folder")
    raise DataError(
        f"{folder}: holds no run: neither {RUN_FILE}, which a run folder has once its run is "
        f"complete, nor {database_in(folder).name}, which a state folder has"
    )
