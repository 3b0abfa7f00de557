"""``verify``, ``replay``, ``compare``: was it kept as it happened, and does it come out again?"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from swingbreak.cli.options import Config, Day, Json, StateDir, day_option, state_folder
from swingbreak.cli.output import ExitCode, plain, print_facts, print_json, print_table, print_text

if TYPE_CHECKING:  # all are heavy
    from swingbreak.adapters.sqlite.ledger import Head
    from swingbreak.bootstrap.decided import ComparedDay
    from swingbreak.bootstrap.replaying import ReplayedDay
    from swingbreak.bootstrap.verifying import Verified
    from swingbreak.runtime.differences import Parting
    from swingbreak.runtime.replay import Kept

__all__ = ["compare", "replay", "verify"]


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="A state database; default: that of the state folder.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="ROW:LINK", help="A last row that was noted elsewhere, as printed."),
    ] = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Check that every row of the ledger is as it was kept, and that none is missing."""
    from swingbreak.adapters.dayfolder import database_in  # noqa: PLC0415 - `version` is fast
    from swingbreak.bootstrap.verifying import verify_ledger  # noqa: PLC0415 - as above

    path = file or database_in(state_folder(state_dir, config))
    found = verify_ledger(path, noted=None if head is None else _head(head))
    if as_json:
        print_json(_verified(found))
    else:
        print_facts(_facts(found))
        for note in (*found.unread, found.doubt if found.is_whole else ""):
            if note:
                print_text(f"note: {note}")
    raise typer.Exit(ExitCode.OK if found.is_whole else ExitCode.DIFFERENT)


def _verified(found: "Verified") -> dict[str, Any]:
    first, head = found.audit.first, found.audit.head
    return {
        "ledger": str(found.path),
        "is_whole": found.is_whole,
        "finding": found.finding,
        "doubt": found.doubt,
        "unread": list(found.unread),
        "rows": len(found.audit.links),
        "sealed": found.audit.sealed,
        "head": {"seq": head.seq, "link": head.link},
        "notes": found.notes,
        "first_misfit": None if first is None else first.seq,
        "misfits": found.audit.misfits,
    }


def _facts(found: "Verified") -> dict[str, str]:
    older, head, last = found.audit.sealed, found.audit.head, found.last
    sealed = f"; the first {older} are older than the chain" if older else ""
    noted = "never"
    if last is not None:
        noted = f"{found.notes} times, the last time row {last.head.seq} in {last.where}"
    return {
        "ledger": str(found.path),
        "rows": f"{len(found.audit.links)}{sealed}",
        "head": f"{head.seq}:{head.link[:16]}",
        "noted elsewhere": noted,
        "finding": found.finding,
    }


def _head(text: str) -> "Head":
    from swingbreak.adapters.sqlite.ledger import Head  # noqa: PLC0415 - as above

    seq, _, link = text.partition(":")
    if not seq.isdecimal() or not link:
        raise typer.BadParameter(f"{text!r} should be a row and its link, like 812:3fa9c2d1")
    return Head(int(seq), link)


def replay(
    on: Day = None,
    state_dir: StateDir = None,
    config: Config = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Decide a recorded day again, from what the engine was told, and compare with the ledger."""
    from swingbreak.bootstrap.replaying import replay_day  # noqa: PLC0415 - `version` is fast

    folder = state_folder(state_dir, config)
    seen = replay_day(folder, on.date() if on else None)
    if as_json:
        print_json(_replayed(seen))
    else:
        outcome = seen.outcome
        print_facts(
            {
                "day": f"{seen.recorded.day}, {seen.recorded.label}",
                "replayed": f"{outcome.events} events of {outcome.processes} "
                + ("process" if outcome.processes == 1 else "processes"),
                "kept": f"{len(seen.recorded.kept)} records, decisions {seen.kept_digest}",
                "decided": f"{len(outcome.decisions)} decisions, {seen.digest}",
                "result": _result(seen),
            }
        )
        for line in _difference(seen):
            print_text(line)
        for note in seen.notes:
            print_text(f"note: {note}")
    raise typer.Exit(_code(seen))


def _code(seen: "ReplayedDay") -> ExitCode:
    if not seen.is_equal:
        return ExitCode.DIFFERENT
    return ExitCode.OK if seen.is_whole else ExitCode.DATA


def _result(seen: "ReplayedDay") -> str:
    if not seen.is_equal:
        return "decided otherwise"
    return "every command is the same" if seen.is_whole else "the same, as far as the tape goes"


def _difference(seen: "ReplayedDay") -> list[str]:
    mismatch = seen.outcome.mismatch
    if mismatch is not None:
        where = f"first difference: record {mismatch.row} of the day, process {mismatch.process}"
        return [
            where,
            f"  the replay decides  {_shown(mismatch.decided)}",
            f"  the ledger has      {_shown(mismatch.kept)}",
        ]
    if seen.parting is not None:
        head = "the file of decision lines (B) is not what the ledger (A) has"
        return [head, *_parting(seen.parting)]
    return []


def _shown(kept: "Kept | None") -> str:
    from swingbreak.domain.session import ist_clock  # noqa: PLC0415 - as above
    from swingbreak.runtime.replay import in_words  # noqa: PLC0415 - as above

    return "nothing" if kept is None else f"{ist_clock(kept[0])} {in_words(kept[1])}"


def _replayed(seen: "ReplayedDay") -> dict[str, Any]:
    mismatch, outcome = seen.outcome.mismatch, seen.outcome
    return {
        "date": seen.recorded.day.isoformat(),
        "label": seen.recorded.label,
        "is_equal": seen.is_equal,
        "is_whole": seen.is_whole,
        "processes": outcome.processes,
        "events": outcome.events,
        "records": len(seen.recorded.kept),
        "decisions": len(outcome.decisions),
        "digest": seen.digest,
        "kept_digest": seen.kept_digest,
        "difference": None
        if mismatch is None
        else {
            "row": mismatch.row,
            "process": mismatch.process,
            "decided": _shown(mismatch.decided),
            "kept": _shown(mismatch.kept),
        },
        "notes": list(seen.notes),
    }


def compare(
    ours: Annotated[Path, typer.Argument(metavar="A", help="State folder, run folder or file.")],
    theirs: Annotated[Path, typer.Argument(metavar="B", help="What to compare it with.")],
    on: Annotated[
        datetime | None,
        day_option("Day in India; default: every day."),
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Compare what two runs decided and show the first difference in words."""
    from swingbreak.bootstrap.decided import compare_runs, decided_in  # noqa: PLC0415 - heavy

    days = compare_runs(decided_in(ours), decided_in(theirs), on.date() if on else None)
    differing = [day for day in days if not day.is_equal]
    rows = _side_by_side(ours, theirs) if on is None else ()
    if as_json:
        numbers = {name: [one, other] for name, one, other in rows}
        print_json(
            {"is_equal": not differing, "days": [_day(day) for day in days], "numbers": numbers}
        )
    else:
        print_text(f"A  {ours}\nB  {theirs}")
        for day in differing:
            for line in _lines(day):
                print_text(line)
        if rows:
            print_table(("on the days that both have", ">A", ">B"), rows)
        print_text(f"{len(days) - len(differing)} of {len(days)} days are decided alike")
    raise typer.Exit(ExitCode.DIFFERENT if differing else ExitCode.OK)


def _side_by_side(ours: Path, theirs: Path) -> "tuple[tuple[str, str, str], ...]":
    """Return the numbers of two run folders; nothing where one is of another kind."""
    from swingbreak.bootstrap.run_folder import RUN_FILE, read_run  # noqa: PLC0415 - as above
    from swingbreak.reporting.run_comparison import compare_runs, comparison_rows  # noqa: PLC0415

    if not ((ours / RUN_FILE).is_file() and (theirs / RUN_FILE).is_file()):
        return ()
    found = compare_runs(read_run(ours), read_run(theirs))
    rows = comparison_rows(found) if found.days else ()
    return tuple((name, plain(one), plain(other)) for name, one, other in rows)


def _lines(compared: "ComparedDay") -> list[str]:
    if not all(compared.digests):
        has = "A" if compared.digests[0] else "B"
        return [f"{compared.day}  only {has} has it"]
    head = f"{compared.day}  decided otherwise: {' and '.join(compared.digests)}"
    if compared.parting is None:
        return [head, "  only the hash was kept of one of them, so it is not known where they part"]
    return [head, *_parting(compared.parting)]


def _parting(parting: "Parting") -> list[str]:
    return [
        f"  alike for {parting.alike} decisions, then: {parting.what}",
        *(f"     {line}" for line in parting.before),
        f"  A  {parting.ours or 'nothing more'}",
        f"  B  {parting.theirs or 'nothing more'}",
        f"  in all {parting.only_ours} decisions are A's alone and {parting.only_theirs} B's",
    ]


def _day(compared: "ComparedDay") -> dict[str, Any]:
    parting = compared.parting
    return {
        "date": compared.day.isoformat(),
        "is_equal": compared.is_equal,
        "digests": list(compared.digests),
        "decisions": list(compared.counts),
        "parting": None
        if parting is None
        else {
            "alike": parting.alike,
            "what": parting.what,
            "a": parting.ours,
            "b": parting.theirs,
            "only_a": parting.only_ours,
            "only_b": parting.only_theirs,
        },
    }
