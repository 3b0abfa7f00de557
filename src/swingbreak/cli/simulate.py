"""``swingbreak simulate``: whole days with faults, under a virtual clock, judged at every event."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from swingbreak.cli.counting import counting, no_count, say
from swingbreak.cli.output import ExitCode, print_json, print_table, print_text

if TYPE_CHECKING:  # the simulation imports the whole program
    from swingbreak.faults.sweep import Totals

__all__ = ["simulate"]

_SHOWN = 3  # violations that are told in full


def simulate(  # noqa: PLR0913, PLR0917 - one argument per option
    days: Annotated[int, typer.Option(min=1, help="Days to simulate.")] = 100,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 1,
    day: Annotated[int | None, typer.Option(help="Run only this day of the run.")] = None,
    faults: Annotated[
        str, typer.Option(metavar="NAME,...", help="Give every day these faults and no others.")
    ] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes to use.")] = 1,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List every fault.")] = False,  # noqa: FBT002 - an option
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - an option
) -> None:
    """Run the whole program through days full of faults, and check thirteen invariants throughout.

    The same seed gives the same days, bit for bit. Nothing is connected to, nothing is kept.
    """
    if list_faults:
        _list(as_json=as_json)
        return
    raise typer.Exit(_run(seed, _numbers(days, day), _known(faults), jobs, as_json=as_json))


def _numbers(days: int, day: int | None) -> Sequence[int]:
    return range(days) if day is None else (day,)


def _known(faults: str) -> tuple[str, ...]:
    from swingbreak.faults.catalogue import CATALOGUE  # noqa: PLC0415 - only where it is needed

    names = tuple(name.strip() for name in faults.split(",") if name.strip())
    for name in names:
        if name not in CATALOGUE:
            raise typer.BadParameter(f"no fault {name!r}: see swingbreak simulate --list-faults")
    return names


def _run(
    seed: int, numbers: Sequence[int], faults: tuple[str, ...], jobs: int, *, as_json: bool
) -> ExitCode:
    from swingbreak.faults.sweep import reproduction, simulate_days  # noqa: PLC0415 - heavy

    began = time.monotonic()

    count = counting("days")
    known: set[int] = set()

    def told(totals: "Totals") -> None:
        for each in totals.violations:
            if each.day not in known:
                say(f"violation: {reproduction(each, faults)}")
                known.add(each.day)
        count(totals.days, len(numbers), 0)

    totals = simulate_days(seed, numbers, faults, jobs=jobs, told=told)
    no_count()
    seconds = time.monotonic() - began
    if as_json:
        print_json(_as_json(totals, seed, faults, seconds))
    else:
        _print(totals, faults, seconds)
    return ExitCode.GATE_FAILED if totals.violations else ExitCode.OK


def _as_json(
    totals: "Totals", seed: int, faults: tuple[str, ...], seconds: float
) -> dict[str, object]:
    from swingbreak.faults.sweep import reproduction  # noqa: PLC0415 - loaded by now

    return {
        "seed": seed,
        "days": totals.days,
        "seconds": round(seconds, 1),
        "processes": totals.starts,
        "orders": totals.orders,
        "fills": totals.fills,
        "trades": totals.trades,
        "events": totals.steps,
        "most_messages_in_a_second": totals.messages,
        "unprotected_s": {"p50": totals.unprotected_at(0.5), "p99": totals.unprotected_at(0.99)},
        "faults": {
            name: {"struck": struck, "days": totals.days_with[name]}
            for name, struck in sorted(totals.fired.items())
        },
        "violations": [
            {
                "day": each.day,
                "invariant": each.violation.invariant,
                "what": each.violation.what,
                "event": each.violation.line,
                "faults": list(each.faults),
                "again": reproduction(each, faults),
                "trace": list(each.tail),
            }
            for each in totals.violations
            if each.violation is not None
        ],
    }


def _print(totals: "Totals", faults: tuple[str, ...], seconds: float) -> None:
    from swingbreak.faults.catalogue import CATALOGUE  # noqa: PLC0415 - loaded by now

    struck = [
        (name, str(totals.fired[name]), str(totals.days_with[name]), CATALOGUE[name].what)
        for name in CATALOGUE
        if totals.fired[name]
    ]
    print_table(["fault", "struck", "days", "what"], struck)
    print_text("")
    print_text(
        f"{totals.days} days in {seconds:.1f} s ({totals.days / seconds:.1f} a second): "
        f"{totals.starts} processes, {totals.orders} orders, {totals.fills} fills, "
        f"{totals.trades} trades, {totals.steps} events; {len(struck)} faults struck "
        f"{totals.fired.total()} times"
    )
    print_text(
        f"unprotected: {len(totals.unprotected)} spans, p50 {totals.unprotected_at(0.5):.3f} s, "
        f"p99 {totals.unprotected_at(0.99):.3f} s, longest {totals.unprotected_at(1.0):.3f} s; at "
        f"most {totals.messages} order messages within a second"
    )
    _print_violations(totals, faults)


def _print_violations(totals: "Totals", faults: tuple[str, ...]) -> None:
    from swingbreak.faults.sweep import reproduction  # noqa: PLC0415 - loaded by now

    for each in totals.violations[:_SHOWN]:
        if each.violation is None:
            continue
        print_text("")
        print_text("\n".join(each.tail))
        print_text(
            f"seed {each.seed} day {each.day} event {each.violation.line}: invariant "
            f"{each.violation.invariant}: {each.violation.what}"
        )
        print_text(f"faults: {', '.join(each.faults) or 'none'}")
        print_text(f"again: {reproduction(each, faults)}")
    days = ", ".join(str(each.day) for each in totals.violations)
    print_text(f"{len(totals.violations)} violations{f' on days {days}' if days else ''}")


def _list(*, as_json: bool) -> None:
    from swingbreak.faults.catalogue import CATALOGUE  # noqa: PLC0415 - only where it is needed

    if as_json:
        print_json(
            [
                {
                    "name": f.name,
                    "what": f.what,
                    "chance": f.chance,
                    "source": f.source,
                    "off": f.off,
                }
                for f in CATALOGUE.values()
            ]
        )
        return
    rows = [(f.name, f.what, f.source, f.off) for f in CATALOGUE.values()]
    print_table(["fault", "what", "source", "off because"], rows)
    print_text(f"{len(rows)} faults, {sum(bool(f.off) for f in CATALOGUE.values())} of them off")
