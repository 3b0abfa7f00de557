"""``swingbreak check``: whether it is safe to trade today, and what to do where it is not."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import ExitCode, print_json, print_table, print_text
from swingbreak.domain.errors import PreflightFailed

if TYPE_CHECKING:  # heavy
    from swingbreak.bootstrap.preflight.verdicts import Outcome, Report

__all__ = ["check"]

_SHORT = {
    "ok": "ok",
    "remark": "remark",
    "transient failure": "NOT YET",
    "permanent failure": "NO",
    "not applicable": "-",
}


def check(  # noqa: PLR0913, PLR0917 - one argument per option
    mode: Annotated[str | None, typer.Option(help="paper or live.")] = None,
    host: Annotated[str | None, typer.Option(help="OpenAlgo's address.")] = None,
    ws_url: Annotated[str | None, typer.Option(help="OpenAlgo's WebSocket URL.")] = None,
    expiry: Annotated[str | None, typer.Option(help="26DEC24, or auto.")] = None,
    atm: Annotated[str | None, typer.Option(help="Strike at the money, or auto.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder of database, logs, CSVs.")] = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Tell whether it is safe to trade today; changes nothing. The key: OPENALGO_API_KEY."""
    _refuse_missing_packages()
    from swingbreak.bootstrap.checking import check_settings  # noqa: PLC0415 - heavy

    overrides = {
        "mode": mode,
        "openalgo_host": host,
        "openalgo_ws_url": ws_url,
        "expiry": expiry,
        "atm": atm,
        "state_dir": state_dir and str(state_dir),
    }
    report = check_settings(config, overrides)
    if as_json:
        print_json(_as_json(report))
    else:
        _show(report)
    raise typer.Exit(ExitCode.OK if report.is_safe else ExitCode.PREFLIGHT_FAILED)


def _refuse_missing_packages() -> None:
    # what is missing could not even be told by what is built upon it
    from swingbreak.adapters.machine import missing_packages  # noqa: PLC0415 - `version` is fast

    if missing := missing_packages():
        raise PreflightFailed(
            f"packages cannot be imported: {', '.join(missing)}; delete the folder .venv and run "
            "`python3 start.py`, which installs them anew"
        )


def _show(report: "Report") -> None:
    by_group = groupby(report.outcomes, lambda one: one.group)
    rows = [row for group, outcomes in by_group for row in _rows(group.value, outcomes)]
    print_table(("", "check", "", "found"), rows)
    for line in _advice(report):
        print_text(line)
    print_text(f"\n{report.headline.upper() if report.is_safe else report.headline}")
    print_text(f"{_counted(report)}, {report.seconds:.1f} s")


def _rows(group: str, outcomes: Iterable["Outcome"]) -> Iterator[tuple[str, ...]]:
    for one in outcomes:
        judgement = one.judgement
        found = judgement.cause if one.verdict == "not applicable" else judgement.found
        yield group, one.check_id, _SHORT[one.verdict], found
        group = ""  # named once


def _advice(report: "Report") -> Iterator[str]:
    for verdict in ("remark", "transient failure", "permanent failure"):
        for one in report.outcomes:
            if one.verdict == verdict:
                yield f"\n{_SHORT[verdict]}: {one.check_id}"
                yield f"  asked  whether {one.asks}"
                yield f"  why    {one.judgement.cause}"
                yield f"  do     {one.remedy}"
                yield f"  see    docs/{one.guide}"


def _counted(report: "Report") -> str:
    counts = [
        (len([one for one in report.outcomes if one.verdict == verdict]), verdict)
        for verdict in _SHORT
    ]
    return f"{len(report.outcomes)} checks: " + ", ".join(f"{n} {v}" for n, v in counts if n)


def _as_json(report: "Report") -> dict[str, object]:
    return {
        "answer": report.answer,
        "headline": report.headline,
        "seconds": round(report.seconds, 3),
        "checks": [
            {
                "id": one.check_id,
                "group": one.group.value,
                "asks": one.asks,
                "verdict": one.verdict.value,
                "found": one.judgement.found,
                "cause": one.judgement.cause,
                "remedy": one.remedy,
                "guide": one.guide and f"docs/{one.guide}",
                "ms": one.milliseconds,
            }
            for one in report.outcomes
        ],
    }
