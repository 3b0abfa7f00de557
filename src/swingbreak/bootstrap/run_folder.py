"""A run in a folder: what was set, days, trades and curves, readable by people and machines.

Rules of this file:

1. ``run.json`` is the seal: it is written last, so a run that was broken off has none.
2. Everything that is derived, metrics and page, can be made again from the other files.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from swingbreak import __version__
from swingbreak.adapters.tables import read_table
from swingbreak.adapters.whole_files import csv_text, replace_text, replace_together
from swingbreak.bootstrap.run_decisions import DECISION_COLUMNS, DECISIONS_FILE, decision_rows
from swingbreak.bootstrap.run_tables import (
    CURVE_COLUMNS,
    DAY_COLUMNS,
    TRADE_COLUMNS,
    curve_rows,
    day_rows,
    read_days,
    trade_rows,
)
from swingbreak.domain.errors import DataError
from swingbreak.reporting.rule_ledger import rule_ledger
from swingbreak.reporting.run_metrics import metrics_of
from swingbreak.reporting.run_numbers import RunNumbers, numbers_of
from swingbreak.reporting.run_page import render_run
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.trade_picture import TradePicture

__all__ = [
    "METRICS_FILE",
    "PAGE_FILE",
    "RUN_FILE",
    "read_pictures",
    "read_rules",
    "read_run",
    "write_pictures",
    "write_report",
    "write_run",
]

RUN_FILE: Final = "run.json"
METRICS_FILE: Final = "metrics.json"
PAGE_FILE: Final = "report.html"
_DAYS, _TRADES, _CURVES = "days.csv", "trades.csv", "curves.csv"
_CHARTS, _RULES = "charts.json", "rules"
_RULE_NAME: Final = re.compile(r"\w[\w.-]*", re.ASCII)
_LAYOUT: Final = 1


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What ``run.json`` holds; ``fill_models`` has the headline's first, with its days."""

    layout: int = _LAYOUT
    swingbreak: str = __version__
    label: str
    kind: str
    r_value_paise: int
    fills: str
    settings: dict[str, str]
    notes: list[str]
    fill_models: dict[str, int]
    synthetic_days: int
    grades: dict[str, int]


def write_run(
    folder: Path,
    run: RunView,
    *,
    without: Mapping[str, RunView] | None = None,
    pictures: Sequence[TradePicture] = (),
    decisions: Mapping[date, Sequence[str]] | None = None,
) -> Path:
    """Write *run* into *folder* with its report and return the path of the page.

    A run that is there gives way; other files stay.

    Args:
        folder: Made where there is none.
        run: The run.
        without: The same run without one rule, by the rule's name: letters, digits and ``_-.``.
        pictures: Notable trades on their minutes.
        decisions: Decision lines of the headline's days; without them only hashes are kept.

    Raises:
        DataError: It cannot be written. A run that was there is untouched, or its seal is gone.
    """
    lacking = without or {}
    for name in lacking:
        if not _RULE_NAME.fullmatch(name):
            raise DataError(f"rule {name!r} cannot name a folder: use letters, digits and _-.")
    _remove_old(folder)
    for name, each in lacking.items():
        _write_tables(folder / _RULES / name, _headline(each), (), None)
    _write_tables(folder, run, pictures, decisions)
    return write_report(folder, run, numbers_of(run, rule_ledger(run, lacking)), pictures)


def write_report(
    folder: Path,
    run: RunView,
    numbers: RunNumbers,
    pictures: Sequence[TradePicture] = (),
    *,
    page: Path | None = None,
) -> Path:
    """Write what is derived of *run* into *folder* and return the path of the page.

    Args:
        folder: The run's.
        run: The run.
        numbers: Of the run.
        pictures: Notable trades on their minutes.
        page: Where the page goes instead.

    Raises:
        DataError: It cannot be written.
    """
    page = page or folder / PAGE_FILE
    replace_text(folder / METRICS_FILE, _json(metrics_of(run, numbers)))
    replace_text(page, render_run(run, numbers, pictures))
    return page


def read_rules(folder: Path) -> dict[str, RunView]:
    """Return the runs without one rule each that *folder* holds, by the rule's name.

    Raises:
        DataError: One of them is damaged.
    """
    paths = sorted((folder / _RULES).glob(f"*/{RUN_FILE}"))
    return {path.parent.name: read_run(path.parent) for path in paths}


def write_pictures(folder: Path, pictures: Sequence[TradePicture]) -> None:
    """Keep notable trades on their minutes in *folder*, in the place of those that are there.

    Raises:
        DataError: They cannot be written.
    """
    replace_text(folder / _CHARTS, _drawn(pictures))


def read_pictures(folder: Path) -> tuple[TradePicture, ...]:
    """Return the notable trades on their minutes that *folder* holds.

    Raises:
        DataError: They are damaged.
    """
    path = folder / _CHARTS
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[TradePicture, ...])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # no JSON, or no UTF-8
        raise DataError(f"{path}: is not what swingbreak writes: {error}") from error


def read_run(folder: Path) -> RunView:
    """Return the run that :func:`write_run` left in *folder*.

    Raises:
        DataError: There is none, or a file of it is damaged; file, row and column are named.
    """
    about = _read_about(folder / RUN_FILE)
    files = (folder / name for name in (_DAYS, _TRADES, _CURVES))
    models = read_days(*map(read_table, files))
    counted = {name: len(days) for name, days in models.items()}
    expected = {name: days for name, days in about.fill_models.items() if days}
    if counted != expected:
        raise DataError(
            f"{folder / _DAYS}: has days by fill model {counted}, {RUN_FILE} says {expected}; "
            "take the folder from where it was whole, or make the run again"
        )
    return RunView(
        label=about.label,
        kind=about.kind,
        r_value=about.r_value_paise,
        days=models.get(about.fills, ()),
        others={name: models.get(name, ()) for name in about.fill_models if name != about.fills},
        fills=about.fills,
        settings=about.settings,
        notes=tuple(about.notes),
    )


def _write_tables(
    folder: Path,
    run: RunView,
    pictures: Sequence[TradePicture],
    decisions: Mapping[date, Sequence[str]] | None,
) -> None:
    models = {run.fills: run.days, **run.others}.items()
    days = (row for name, each in models for row in day_rows(name, each, run.r_value))
    trades = (row for name, each in models for row in trade_rows(name, each))
    curves = (row for name, each in models for row in curve_rows(name, each))
    decided = {}
    if decisions is not None:
        decided[DECISIONS_FILE] = csv_text(tuple(DECISION_COLUMNS), decision_rows(decisions))
    replace_together(
        folder,
        {
            **decided,
            _DAYS: csv_text(tuple(DAY_COLUMNS), days),
            _TRADES: csv_text(tuple(TRADE_COLUMNS), trades),
            _CURVES: csv_text(tuple(CURVE_COLUMNS), curves),
            _CHARTS: _drawn(pictures),
            RUN_FILE: _json(_about(run)),
        },
    )


def _drawn(pictures: Sequence[TradePicture]) -> str:
    return msgspec.json.encode(pictures).decode() + "\n"


def _headline(run: RunView) -> RunView:
    # what a rule adds is told of the headline's trades alone
    return replace(run, days=tuple(replace(day, curve=()) for day in run.days), others={})


def _remove_old(folder: Path) -> None:
    """Remove of the old run what the new one may not replace."""
    for path in (*(folder / _RULES).glob(f"*/{RUN_FILE}"), folder / DECISIONS_FILE):
        try:
            path.unlink(missing_ok=True)  # without its seal a rule's folder is no run any more
        except OSError as error:
            raise DataError(f"{path}: cannot be removed: {error.strerror}") from error


def _about(run: RunView) -> _About:
    return _About(
        label=run.label,
        kind=run.kind,
        r_value_paise=run.r_value,
        fills=run.fills,
        settings=dict(run.settings),
        notes=list(run.notes),
        fill_models={name: len(days) for name, days in {run.fills: run.days, **run.others}.items()},
        synthetic_days=sum(day.synthetic for day in run.days),
        grades=_grades(run.days),
    )


def _grades(days: Iterable[RunDay]) -> dict[str, int]:
    return dict(sorted(Counter(day.grade for day in days if day.grade).items()))


def _json(value: object) -> str:
    text = json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode() + "\n"  # a label may name an odd path


def _read_about(path: Path) -> _About:
    try:
        about = msgspec.json.decode(path.read_bytes(), type=_About)
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}; a run folder has this file once its run is complete"
        ) from error
    except ValueError as error:  # no JSON, or no UTF-8
        raise DataError(f"{path}: is not what swingbreak writes: {error}") from error
    if about.layout != _LAYOUT:
        raise DataError(
            f"{path}: has layout {about.layout}, swingbreak {__version__} reads {_LAYOUT}; use the "
            f"swingbreak {about.swingbreak} that made it"
        )
    if about.r_value_paise <= 0:
        raise DataError(f"{path}: r_value_paise {about.r_value_paise} is not above zero")
    if about.fills not in about.fill_models:
        raise DataError(f"{path}: fills {about.fills!r} is none of its fill_models")
    return about
