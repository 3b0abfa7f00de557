"""What commands print: tables or JSON on standard output, errors with exit codes on standard error.

Rules of this file:

1. With ``--json`` standard output carries JSON and nothing else, and an error is one JSON object
   on standard error: ``{"error": class, "message": text, "exit_code": number}``.
2. A person's mistake never shows a traceback; a mistake of ours is kept in a file and named.
3. Nothing heavy is imported before it is needed: a command that prints a line starts fast.
"""

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from errno import ENOSPC
from pathlib import Path

from swingbreak.domain.errors import (
    BrokerError,
    ConfigError,
    DataError,
    GatewayRefused,
    InvalidTransition,
    KillEngaged,
    LedgerError,
    Livelock,
    ModeMismatch,
    OutcomeUnknown,
    PreflightFailed,
    RunsDiffer,
    SessionLocked,
    SwingbreakError,
)
from swingbreak.domain.money import Paise, rupees

__all__ = [
    "ExitCode",
    "amount",
    "currency",
    "exit_code_of",
    "plain",
    "print_facts",
    "print_json",
    "print_table",
    "print_text",
    "run_reporting",
]


class ExitCode(IntEnum):
    """Why a command ended; scripts and services decide by it."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    CONFIGURATION = 3
    PREFLIGHT_FAILED = 4
    DATA = 5
    GATEWAY_UNREACHABLE = 6
    UNRECONCILED = 7
    RISK_HALT = 8
    KILLED = 9
    DIFFERENT = 10
    LOCKED = 11
    GATE_FAILED = 12
    INTERRUPTED = 130
    READER_GONE = 141
    TERMINATED = 143


# The first class that fits decides.
_EXIT_CODES: tuple[tuple[type[SwingbreakError], ExitCode], ...] = (
    (ConfigError, ExitCode.CONFIGURATION),
    (DataError, ExitCode.DATA),
    (LedgerError, ExitCode.DATA),
    (SessionLocked, ExitCode.LOCKED),
    (KillEngaged, ExitCode.KILLED),
    (GatewayRefused, ExitCode.CONFIGURATION),
    (ModeMismatch, ExitCode.PREFLIGHT_FAILED),
    (PreflightFailed, ExitCode.PREFLIGHT_FAILED),
    (OutcomeUnknown, ExitCode.UNRECONCILED),
    (InvalidTransition, ExitCode.UNRECONCILED),
    (Livelock, ExitCode.UNRECONCILED),
    (RunsDiffer, ExitCode.DIFFERENT),
    (BrokerError, ExitCode.GATEWAY_UNREACHABLE),
    (SwingbreakError, ExitCode.UNEXPECTED),
)
_RUPEE_SIGN = "\u20b9"
_PIPE_WIDTH = 200  # where standard output is no terminal nothing may be cut to a screen's width


def run_reporting(command: Callable[[], object], arguments: Sequence[str] | None = None) -> int:
    """Run *command* and return the exit code; every error ends here, reported.

    Args:
        command: The typer application, or anything to call.
        arguments: The command line, to see whether it asks for ``--json``.
    """
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    try:
        command()
    except SwingbreakError as error:
        return _report(type(error).__name__, str(error), exit_code_of(error), as_json=as_json)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except SystemExit as leaving:
        # typer leaves this way: a usage error, `typer.Exit`, or simply the end
        gone = isinstance(leaving.__context__, BrokenPipeError)
        code = leaving.code if isinstance(leaving.code, int) else ExitCode.OK
        return ExitCode.READER_GONE if gone else code
    except Exception as error:  # noqa: BLE001 - the last place that can tell a person
        return _report_unexpected(error, as_json=as_json)
    return ExitCode.OK


def exit_code_of(error: SwingbreakError) -> ExitCode:
    """Return the exit code that goes with *error*."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


def print_json(value: object) -> None:
    """Print *value* as one JSON document."""
    print_text(json.dumps(value, indent=2))


def print_text(text: str) -> None:
    """Print a line that any console can show, whatever its encoding."""
    encoding = sys.stdout.encoding or "ascii"
    shown = text.replace(_RUPEE_SIGN, currency()).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(shown + "\n")
    sys.stdout.flush()  # a reader that has gone is noticed here, where typer ends quietly


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print *rows* under *columns*; a column that starts with ``>`` is set to the right."""
    from rich import box  # noqa: PLC0415 - 60 ms that `version` does not pay
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        table.add_column(
            column.removeprefix(">"), justify="right" if right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    with console.capture() as drawn:
        console.print(table)
    print_text("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values, one pair a line."""
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        print_text(f"{name:<{width}}  {value}")


def currency() -> str:
    """Return the rupee sign, or ``Rs`` where standard output cannot show it."""
    try:
        _RUPEE_SIGN.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "Rs"
    return _RUPEE_SIGN


def plain(text: str) -> str:
    """Return *text* of a page as any console can show it."""
    return text.replace("\u2212", "-").replace("\u2013", "-").replace("\u00a0", " ")


def amount(value: Paise | None) -> str:
    """Return *value* in rupees for a table cell, ``-`` where it is not known."""
    return "-" if value is None else rupees(value)


def _report(kind: str, message: str, code: ExitCode, *, as_json: bool) -> ExitCode:
    if as_json:
        text = json.dumps({"error": kind, "message": message, "exit_code": int(code)})
    else:
        text = f"error: {message}"
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return code


def _report_unexpected(error: Exception, *, as_json: bool) -> ExitCode:
    if isinstance(error, OSError) and error.errno == ENOSPC:
        full = f"{error.filename or 'the output'}: no space is left; make room, or name another"
        return _report("DataError", full, ExitCode.DATA, as_json=as_json)
    message = f"unexpected {type(error).__name__}: {error}; {_kept(error)}"
    return _report("Unexpected", _redacted(message), ExitCode.UNEXPECTED, as_json=as_json)


def _kept(error: Exception) -> str:
    import tempfile  # noqa: PLC0415 - only where something has gone wrong

    text = _redacted("".join(traceback.format_exception(error)))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="swingbreak-", suffix=".txt", encoding="utf-8", delete=False
        ) as file:
            file.write(text)
    except OSError:
        return text
    return f"the traceback is in {Path(file.name)}; please report it"


def _redacted(text: str) -> str:
    from swingbreak.logs import Redaction  # noqa: PLC0415 - as above
    from swingbreak.settings import secrets_of  # noqa: PLC0415 - as above

    return Redaction(secrets_of()).text(text)
