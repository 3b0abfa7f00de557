"""A finished backtest as a run folder, with its page and the notable trades on their minutes."""

from pathlib import Path

from swingbreak.adapters.facts_file import load_facts
from swingbreak.bootstrap.backtest.running import Asked, Backtest
from swingbreak.bootstrap.run_folder import write_run
from swingbreak.bootstrap.stored_trades import stored_pictures
from swingbreak.settings import Settings

__all__ = ["write_backtest"]


def write_backtest(ran: Backtest, asked: Asked, settings: Settings) -> Path:
    """Write *ran* into its folder and return the path of its page.

    Raises:
        DataError: The folder cannot be written, or a day of the store is damaged.
    """
    facts = load_facts(settings.facts_files)
    pictures = stored_pictures(ran.view, asked.root, facts)
    decisions = {day.run.day: day.decisions for day in ran.ran[ran.view.fills]}
    return write_run(
        asked.out, ran.view, without=ran.without, pictures=pictures, decisions=decisions
    )
