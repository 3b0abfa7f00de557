"""``swingbreak data``: fill the data store, see what it has, find what is wrong with it."""

import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from swingbreak.cli.options import Config, Json
from swingbreak.cli.output import ExitCode, print_json, print_table, print_text
from swingbreak.domain.errors import ConfigError

if TYPE_CHECKING:  # both import the data layer's neighbours
    from swingbreak.adapters.store.keeping import Kept
    from swingbreak.bootstrap.stored import Checked, Shelf

__all__ = ["app"]

app = typer.Typer(help="Fill, list and check the store of market data.", no_args_is_help=True)

_UNUSABLE = "D"
_SHOWN = 3  # findings of one file in a table

_Root = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the store.")]
_Paths = Annotated[list[Path], typer.Argument(help="CSV, Parquet or DuckDB files, or folders.")]
_IndexOf = Annotated[str, typer.Option(help="Index of minutes that do not name it.")]
_Source = Annotated[str, typer.Option(help="Where it comes from; default: the file's name.")]
_Stamped = Annotated[
    bool, typer.Option("--stamped-at-close", help="Bars carry the end of their minute.")
]
_DropBad = Annotated[
    bool, typer.Option("--drop-bad", help="Leave out, and count, rows that cannot be right.")
]
_Replace = Annotated[bool, typer.Option("--replace", help="New values win over stored ones.")]
_Underlying = Annotated[str | None, typer.Option(help="Only this one.")]
_Since = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")]
_Spot = Annotated[
    Path | None, typer.Option(help="Minutes of the real index to rebuild chains around.")
]
_Vix = Annotated[Path | None, typer.Option(help="Daily India VIX of these days.")]
_Expiry = Annotated[str | None, typer.Option(help="26DEC24, or auto for the nearest.")]
_Atm = Annotated[str | None, typer.Option(help="Strike in rupees, or auto.")]
_Host = Annotated[str | None, typer.Option(help="OpenAlgo's address.")]
_ROOT = Path("swingbreak-data")


@app.command("import")
def import_(  # noqa: PLR0913, PLR0917 - one argument per option
    paths: _Paths,
    root: _Root = _ROOT,
    underlying: _IndexOf = "",
    source: _Source = "",
    stamped_at_close: _Stamped = False,  # noqa: FBT002 - an option
    drop_bad: _DropBad = False,  # noqa: FBT002 - an option
    replace: _Replace = False,  # noqa: FBT002 - an option
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Store bars or chain snapshots from files: all of them, or nothing and the reason."""
    from swingbreak.adapters.store.intake import Wanted  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.storing import import_files  # noqa: PLC0415 - as above

    wanted = Wanted(
        underlying=underlying.upper(),
        source=source,
        stamped_at_close=stamped_at_close,
        drop_bad=drop_bad,
        replaces=replace,
    )
    kept = import_files(
        root,
        paths,
        wanted,
        config=config,
        told=lambda done, of, path: _progress(f"{done}/{of} files, reading {path.name}"),
    )
    _show_kept(kept, as_json=as_json)


@app.command()
def fetch(  # noqa: PLR0913, PLR0917 - one argument per option
    since: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")],
    until: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day, over.")],
    underlying: _Underlying = None,
    expiry: _Expiry = None,
    atm: _Atm = None,
    host: _Host = None,
    root: _Root = _ROOT,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Fetch past days of the chain and its index from a gateway's history; a break is resumed."""
    from swingbreak.bootstrap.fetching import fetch_days  # noqa: PLC0415 - heavy
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    given = {"underlying": underlying, "expiry": expiry, "atm": atm, "openalgo_host": host}
    settings = load(config, overrides=given)
    first, last = _day(since, "--from"), _day(until, "--to")
    fetched = fetch_days(root, settings, first, last, _counting("symbols fetched"))
    _progress("")
    if not as_json:
        for symbol, why in fetched.failed.items():
            print_text(f"{symbol}: {why}")
    _show_kept(fetched.kept, as_json=as_json)


@app.command("list")
def list_(root: _Root = _ROOT, as_json: Json = False) -> None:  # noqa: FBT002 - an option
    """Print what the store has, by underlying and kind."""
    from swingbreak.bootstrap.stored import list_store  # noqa: PLC0415 - heavy

    shelves = list_store(root)
    if as_json:
        print_json([_shelf(shelf) for shelf in shelves])
        return
    if not shelves:
        print_text(f"nothing is stored in {root}: `data import` or `data generate` fill it")
        return
    columns = ("underlying", "kind", ">days", "first", "last", ">symbols", ">rows", ">MB")
    print_table((*columns, "origin", "grades"), (_shelf_row(shelf) for shelf in shelves))


@app.command()
def check(
    root: _Root = _ROOT,
    underlying: _Underlying = None,
    day: Annotated[
        list[str] | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Only this; repeat it.")
    ] = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Grade every stored day A to D and say why; ends with code 5 where one is a D."""
    from swingbreak.bootstrap.stored import check_store  # noqa: PLC0415 - heavy

    days = [_day(text) for text in day or ()]
    checked = check_store(
        root, config=config, underlying=underlying, days=days, told=_counting("files checked")
    )
    _progress("")
    if as_json:
        print_json([_checked(one) for one in checked])
    else:
        columns = ("underlying", "day", "kind", ">rows", "grade", "why")
        print_table(columns, (_checked_row(one) for one in checked))
        _print_grades(one.grade for one in checked)
    _leave_by(one.grade for one in checked)


@app.command()
def generate(  # noqa: PLR0913, PLR0917 - one argument per option
    since: _Since = None,
    days: Annotated[int, typer.Option(min=1, help="Trading days to make up.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the first day; the next has the next.")] = 1,
    underlying: Annotated[str, typer.Option(help="Index.")] = "NIFTY",
    strikes: Annotated[int, typer.Option(min=1, max=50, help="Each side of the money.")] = 10,
    ticks: Annotated[bool, typer.Option("--ticks", help="Keep every tick: 3 MB a day.")] = False,  # noqa: FBT002 - an option
    spot: _Spot = None,
    vix: _Vix = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    root: _Root = _ROOT,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Make up days of an option chain, labelled synthetic, or rebuilt around a real index."""
    from swingbreak.bootstrap.rebuilding import Rebuilding, rebuild_days  # noqa: PLC0415 - heavy
    from swingbreak.bootstrap.storing import Making, generate_days  # noqa: PLC0415 - as above

    told, name = _counting("days generated"), underlying.upper()
    if spot and vix and since is None:
        around = Rebuilding(spot, vix, name, seed, strikes, ticks)
        kept, there = rebuild_days(root, around, config=config, told=told)
    elif since is not None and not (spot or vix):
        making = Making(name, days, _day(since, "--from"), seed, strikes, ticks)
        kept, there = generate_days(root, making, config=config, jobs=jobs, told=told)
    else:
        raise ConfigError("give --from DAY, or both --spot and --vix")
    if there and not as_json:
        print_text(f"{there} days were there already")
    _show_kept(kept, as_json=as_json)


@app.command()
def record(  # noqa: PLR0913, PLR0917 - one argument per option
    underlying: _Underlying = None,
    expiry: _Expiry = None,
    atm: _Atm = None,
    host: _Host = None,
    ws_url: Annotated[str | None, typer.Option("--ws-url", help="Its WebSocket.")] = None,
    root: _Root = _ROOT,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Record the running day's ticks; after the close, and at the next start, they become a day."""
    from swingbreak.bootstrap.recording import record_day  # noqa: PLC0415 - heavy
    from swingbreak.settings import load  # noqa: PLC0415 - as above

    given = {"underlying": underlying, "expiry": expiry, "atm": atm}
    settings = load(config, overrides={**given, "openalgo_host": host, "openalgo_ws_url": ws_url})
    recorded = record_day(root, settings, _said)
    _said(f"{recorded.ticks} ticks of {recorded.day} recorded")
    if recorded.signal is not None:
        _said("interrupted: start again to go on, the same day's file is added to")
        raise typer.Exit(128 + recorded.signal)
    _show_kept(recorded.kept, as_json=as_json)


def _said(line: str) -> None:
    sys.stderr.write(line + "\n")


def _day(text: str, option: str = "--day") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{option} {text!r} is no day: write it like 2026-11-20") from error


def _counting(what: str) -> Callable[[int, int], None]:
    return lambda done, of: _progress(f"{done}/{of} {what}")


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


def _show_kept(kept: "tuple[Kept, ...]", *, as_json: bool) -> None:
    _progress("")
    if as_json:
        print_json([_kept(one) for one in kept])
    else:
        columns = ("underlying", "day", "kind", ">rows", "grade", "why")
        rows = ((*_place(one), str(one.rows), one.grade, _reasons(one.findings)) for one in kept)
        print_table(columns, rows)
        _print_grades(one.grade for one in kept)
    _leave_by(one.grade for one in kept)


def _leave_by(grades: Iterable[str]) -> None:
    if _UNUSABLE in set(grades):
        raise typer.Exit(ExitCode.DATA)


def _print_grades(grades: Iterable[str]) -> None:
    found = list(grades)
    counts = ", ".join(f"{found.count(grade)} {grade}" for grade in sorted(set(found)))
    unusable = "; no program uses a D unless told to" if _UNUSABLE in found else ""
    print_text(f"{len(found)} files: {counts or 'none'}{unusable}")


def _place(one: "Kept | Checked") -> tuple[str, str, str]:
    return one.place.underlying, one.place.day.isoformat(), one.place.kind.value


def _reasons(findings: Iterable[Any]) -> str:
    found = list(findings)
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(finding.what for finding in found[:_SHOWN]) + more


def _checked_row(one: "Checked") -> tuple[str, ...]:
    return (*_place(one), str(one.rows), one.grade, _reasons(one.findings))


def _findings(one: "Kept | Checked") -> list[dict[str, object]]:
    return [
        {"check": f.check, "grade": f.grade.value, "count": f.count, "what": f.what}
        for f in one.findings
    ]


def _kept(one: "Kept | Checked") -> dict[str, object]:
    underlying, day, kind = _place(one)
    return {
        "underlying": underlying,
        "day": day,
        "kind": kind,
        "rows": one.rows,
        "grade": one.grade.value,
        "findings": _findings(one),
    }


def _checked(one: "Checked") -> dict[str, object]:
    return {"label": one.label, **_kept(one)}


def _shelf(shelf: "Shelf") -> dict[str, object]:
    return {
        "underlying": shelf.underlying,
        "kind": shelf.kind.value,
        "days": shelf.days,
        "first": shelf.first.isoformat(),
        "last": shelf.last.isoformat(),
        "symbols": shelf.symbols,
        "rows": shelf.rows,
        "origins": [origin.value for origin in shelf.origins],
        "grades": shelf.grades,
        "bytes": shelf.bytes,
    }


def _shelf_row(shelf: "Shelf") -> tuple[str, ...]:
    grades = " ".join(f"{n} {grade or '?'}" for grade, n in shelf.grades.items())
    origins = ", ".join(origin.value for origin in shelf.origins)
    return (
        shelf.underlying,
        shelf.kind.value,
        str(shelf.days),
        shelf.first.isoformat(),
        shelf.last.isoformat(),
        str(shelf.symbols or "-"),
        str(shelf.rows),
        f"{shelf.bytes / 1e6:.1f}",
        origins,
        grades,
    )
